"""The comments worth reading as a sync keeps them, and the keys that posts are named by."""

import re
from pathlib import Path

import pytest

from bot.app import opened_index
from bot.archive import sync as sync_module
from bot.digest import choosing
from bot.model import post_key
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.blog import Blog, raw_post
from tests.contents import contents
from tests.digest.test_choosing import BANDWIDTH, DISCUSSION, POWER
from tests.sync.test_refused import reasons
from tests.sync.test_sync import equals_one_from_scratch, found, sync

KEY = post_key("one")


async def chosen(settings: Settings, slug: str = "one") -> list[int]:
    async with opened_index(settings) as index:
        found = await index.post_with_choice(post_key(slug))
    assert found is not None
    return list(found[1])


async def test_a_sync_keeps_what_the_chooser_chooses(blog: Blog, settings: Settings) -> None:
    blog.post("one", raw_post(comments=DISCUSSION))
    await synchronise(settings)
    async with opened_index(settings) as index:
        found = await index.post_with_choice(KEY)
        assert found is not None
        post, numbers = found
        assert post == await index.post(KEY)
        assert numbers == choosing.choose(post)
        assert post.comments[numbers[0] - 1].body == BANDWIDTH
        assert await index.post_with_choice(post_key("missing")) is None


async def test_many_posts_are_chosen_from_in_other_processes(
    blog: Blog, settings: Settings
) -> None:
    for number in range(50):
        blog.post(f"post_{number:02}", raw_post(comments=[BANDWIDTH, POWER], item=number))
    await synchronise(settings)
    assert sorted(await chosen(settings, "post_07")) == [1, 2]
    assert sorted(await chosen(settings, "post_49")) == [1, 2]


async def test_a_changed_post_gets_a_new_choice(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("one", raw_post(comments=[BANDWIDTH, "それは違う。"]))
    await synchronise(settings)
    assert await chosen(settings) == [1]
    blog.write(path, raw_post(comments=["それは違う。", BANDWIDTH]))
    assert await sync(settings) == (0, 1, 0)
    assert await chosen(settings) == [2]
    assert await equals_one_from_scratch(settings, tmp_path)
    # More than there is room for: the post moves.
    blog.write(path, raw_post(comments=[*["それは違う。"] * 30, BANDWIDTH]))
    assert await sync(settings) == (0, 1, 0)
    assert await chosen(settings) == [31]


async def test_of_a_draft_nothing_is_chosen(blog: Blog, settings: Settings) -> None:
    blog.post("one", raw_post(comments=DISCUSSION, draft=True))
    await synchronise(settings)
    async with opened_index(settings) as index:
        assert await index.post_with_choice(KEY) is None
    assert any("[]" in row for row in contents(index_path(settings))["posts"])


async def test_another_version_of_the_chooser_builds_the_index_anew(
    blog: Blog, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = blog.post("broken", raw_post("壊れる記事", DISCUSSION, item=2))
    blog.post("one", raw_post(comments=DISCUSSION))
    await synchronise(settings)
    before = await chosen(settings)
    blog.write(broken, b"broken")
    await synchronise(settings)
    monkeypatch.setattr(choosing, "CHOOSER_VERSION", choosing.CHOOSER_VERSION + 1)
    monkeypatch.setattr(choosing, "choose", choose_the_second)
    # The old index is there until a sync has made the new one.
    assert await chosen(settings) == before
    synced = await synchronise(settings)
    assert synced.summary.rebuilt
    assert await chosen(settings) == [2]
    # What cannot be read is kept as it was.
    assert await chosen(settings, "broken") == before
    assert not (await synchronise(settings)).summary.rebuilt


def choose_the_second(*_: object) -> tuple[int, ...]:
    return (2,)


async def test_a_post_is_found_by_its_key(index: IndexReader) -> None:
    for summary in await index.newest(10):
        assert await index.by_key(summary.key) == summary
        post = await index.post(summary.key)
        assert post is not None
        assert (post.slug, post.key) == (summary.slug, summary.key)
    assert await index.by_key(post_key("2025_06_11_draft")) is None
    assert await index.by_key("missing") is None
    assert await index.by_key("2025_06_02_wifi") is None


def test_a_key_is_short_and_stays_the_same_for_ever() -> None:
    assert post_key("2025_06_02_wifi") == "f961uiWAAsM"
    names = {post_key(f"post_{number}") for number in range(1_000)}
    assert len(names) == 1_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{11}", name) for name in names)
    assert re.fullmatch(r"[A-Za-z0-9_-]{11}", post_key("caf\udce9"))


@pytest.fixture
def one_key_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_module, "post_key", lambda slug: "same")


@pytest.mark.usefixtures("one_key_for_all")
async def test_a_second_post_of_the_same_key_is_refused(blog: Blog, settings: Settings) -> None:
    first = blog.post("apple", raw_post(comments=["りんご"]))
    second = blog.post("orange", raw_post(comments=["みかん"]))
    synced = await synchronise(settings)
    assert synced.summary.added == 1
    assert list(reasons(synced)) == [second]
    assert first in reasons(synced)[second][1]
    assert await found(settings, "りんご") == {("apple", 1)}
    assert await found(settings, "みかん") == set()


async def test_a_post_takes_the_place_of_one_of_its_key_that_is_gone(
    blog: Blog, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everywhere: the two share a row's key as well."""
    for module in ("bot.archive.sync", "bot.model", "storage.index.writer"):
        monkeypatch.setattr(f"{module}.post_key", lambda slug: "same")
    first = blog.post("apple", raw_post(comments=["りんご"]))
    blog.post("orange", raw_post(comments=["みかん"]))
    await synchronise(settings)
    (blog.root / first).unlink()
    synced = await synchronise(settings)
    assert not synced.summary.refused
    assert await found(settings, "みかん") == {("orange", 1)}
    assert await found(settings, "りんご") == set()
    blog.write(first, raw_post(comments=["りんご"]))
    await synchronise(settings)
    assert await found(settings, "りんご") == {("apple", 1)}
    assert await found(settings, "みかん") == set()
