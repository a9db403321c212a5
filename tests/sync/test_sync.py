"""What a sync makes of an archive that changes."""

import asyncio
import time
from pathlib import Path

import pytest

from bot.app import opened_index
from bot.archive.sync import Summary
from bot.errors import ArchiveError
from bot.model import post_key
from bot.running.syncing import Synced, index_path, synchronise
from bot.search.query import parse
from bot.search.search import find
from bot.settings import Settings
from tests.blog import Blog, Fold, Quote, raw_post
from tests.conftest import settings_of
from tests.contents import contents, ids, served


def counts(summary: Summary) -> tuple[int, int, int]:
    """How many posts were added, changed and removed."""
    return summary.added, summary.changed, summary.removed


async def sync(settings: Settings, *, rebuild: bool = False) -> tuple[int, int, int]:
    return counts((await synchronise(settings, rebuild=rebuild)).summary)


async def found(settings: Settings, query: str) -> set[tuple[str, int | None]]:
    """What a search finds, as slugs with the numbers of comments."""
    async with opened_index(settings) as index:
        results = await find(index, parse(query), limit=100)
    return {(hit.slug, hit.number) for hit in results.hits}


async def equals_one_from_scratch(settings: Settings, tmp_path: Path) -> bool:
    fresh = settings_of(settings.archive.directory, tmp_path / "fresh")
    await synchronise(fresh)
    return contents(index_path(settings)) == contents(index_path(fresh))


async def test_the_first_sync_adds_every_post(small_blog: Blog, settings: Settings) -> None:
    synced = await synchronise(settings)
    assert counts(synced.summary) == (4, 0, 0)
    assert synced.summary.files == 4
    assert await found(settings, "ルーター") == {("2025_06_02_wifi", 1), ("2025_06_02_wifi", 2)}


async def test_a_second_sync_finds_nothing_to_do(small_blog: Blog, settings: Settings) -> None:
    await synchronise(settings)
    before = contents(index_path(settings))
    synced = await synchronise(settings)
    assert counts(synced.summary) == (0, 0, 0)
    assert not synced.summary.rebuilt
    assert contents(index_path(settings)) == before


async def test_a_sync_with_nothing_to_do_writes_nothing(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    before = index_path(settings).read_bytes()
    await synchronise(settings)
    # At the end the log is brought in, so a write would be seen here.
    assert index_path(settings).read_bytes() == before


async def test_a_file_with_its_old_size_and_time_is_not_read(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    await synchronise(settings)
    time_ns = (blog.root / path).stat().st_mtime_ns
    blog.write(path, raw_post(comments=["みかん"]), mtime_ns=time_ns)
    # Only who reads the file could notice.
    assert await sync(settings) == (0, 0, 0)
    assert await found(settings, "りんご") == {("one", 1)}


async def test_a_file_that_was_only_touched_changes_nothing(
    small_blog: Blog, settings: Settings
) -> None:
    await synchronise(settings)
    numbers = ids(index_path(settings))
    small_blog.touch("content/posts/2025_06/2025_06_02_wifi/index.md")
    assert await sync(settings) == (0, 0, 0)
    assert ids(index_path(settings)) == numbers


async def test_a_touched_file_is_not_read_a_second_time(blog: Blog, settings: Settings) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    await synchronise(settings)
    blog.touch(path)
    await synchronise(settings)
    time_ns = (blog.root / path).stat().st_mtime_ns
    blog.write(path, raw_post(comments=["みかん"]), mtime_ns=time_ns)
    assert await sync(settings) == (0, 0, 0)


async def test_a_file_that_changed_just_now_is_read_again_whatever_its_time(
    blog: Blog, settings: Settings
) -> None:
    now = time.time_ns()
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.touch(path, mtime_ns=now)
    await synchronise(settings)
    blog.write(path, raw_post(comments=["みかん"]), mtime_ns=now)
    assert await sync(settings) == (0, 1, 0)
    assert await found(settings, "みかん") == {("one", 1)}
    assert await found(settings, "りんご") == set()


async def test_a_file_with_a_time_in_the_future_is_not_trusted(
    blog: Blog, settings: Settings
) -> None:
    future = time.time_ns() + 10**15
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.touch(path, mtime_ns=future)
    await synchronise(settings)
    blog.write(path, raw_post(comments=["みかん"]), mtime_ns=future)
    assert await sync(settings) == (0, 1, 0)


async def test_a_changed_comment_is_found_by_its_new_words_only(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("one", raw_post(comments=["りんご", "ぶどう", "ばなな"]))
    await synchronise(settings)
    numbers = ids(index_path(settings))
    blog.write(path, raw_post(comments=["りんご", "みかん", "ばなな"]))
    assert await sync(settings) == (0, 1, 0)
    assert await found(settings, "みかん") == {("one", 2)}
    assert await found(settings, "ぶどう") == set()
    assert await found(settings, "ばなな") == {("one", 3)}
    assert ids(index_path(settings)) == numbers
    assert await equals_one_from_scratch(settings, tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "別の題名"},
        {"tags": ["Rust", "Hacker News"]},
        {"tags": []},
        {"date": "2024-01-01T00:00:00"},
        {"item": 77},
        {"item": None},
        {"draft": True},
        {"comments": []},
        {"comments": [Quote("りんご", "bob")]},
        {"comments": [Quote("りんご", colour="#45d325")]},
        {"comments": [Quote("りんご", at="2025-07-01T00:00:00")]},
        {"comments": [Fold(["りんご"])]},
        {"comments": [f"{n}番目のコメント" for n in range(40)]},
    ],
    ids=str,
)
async def test_whatever_changes_in_a_post_the_index_equals_one_from_scratch(
    blog: Blog, settings: Settings, tmp_path: Path, changed: dict[str, object]
) -> None:
    before: dict[str, object] = {"title": "題名", "comments": ["りんご"]}
    path = blog.post("one", raw_post(**before))  # type: ignore[arg-type]
    blog.post("two", raw_post("もう一つ", item=2))
    await synchronise(settings)
    blog.write(path, raw_post(**{**before, **changed}))  # type: ignore[arg-type]
    assert await sync(settings) == (0, 1, 0)
    assert await equals_one_from_scratch(settings, tmp_path)
    blog.write(path, raw_post(**before))  # type: ignore[arg-type]
    assert await sync(settings) == (0, 1, 0)
    (tmp_path / "fresh" / "index.sqlite3").unlink()
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_post_that_outgrows_its_place_is_moved_whole(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.post("two", raw_post("もう一つ", ["ぶどう"], item=2))
    await synchronise(settings)
    before = ids(index_path(settings))
    blog.write(path, raw_post(comments=["りんご", *(f"{n}個目のみかん" for n in range(60))]))
    assert await sync(settings) == (0, 1, 0)
    after = ids(index_path(settings))
    assert after["one"] > before["one"]
    assert after["two"] == before["two"]
    assert len(await found(settings, "みかん")) == 60
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_an_added_post_is_found(small_blog: Blog, settings: Settings) -> None:
    await synchronise(settings)
    small_blog.post("2025_06_20_new", raw_post("新しい", ["すいか"], item=200))
    assert await sync(settings) == (1, 0, 0)
    assert await found(settings, "すいか") == {("2025_06_20_new", 1)}


async def test_a_removed_post_is_gone_with_all_of_its_words(
    small_blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    await synchronise(settings)
    (small_blog.root / "content/posts/2025_06/2025_06_02_wifi/index.md").unlink()
    assert await sync(settings) == (0, 0, 1)
    assert await found(settings, "ルーター") == set()
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_moved_post_keeps_its_place_and_has_its_new_path(
    small_blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    await synchronise(settings)
    numbers = ids(index_path(settings))
    directory = small_blog.root / "content/posts"
    (directory / "elsewhere").mkdir()
    (directory / "2025_06/2025_06_02_wifi").rename(directory / "elsewhere/2025_06_02_wifi")
    assert await sync(settings) == (0, 0, 0)
    assert ids(index_path(settings)) == numbers
    async with opened_index(settings) as index:
        post = await index.post(post_key("2025_06_02_wifi"))
    assert post is not None
    assert post.path == "content/posts/elsewhere/2025_06_02_wifi/index.md"
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_renamed_post_is_another_one(small_blog: Blog, settings: Settings) -> None:
    await synchronise(settings)
    directory = small_blog.root / "content/posts/2025_06"
    (directory / "2025_06_02_wifi").rename(directory / "2025_06_02_home_wifi")
    assert await sync(settings) == (1, 0, 1)
    assert {slug for slug, _ in await found(settings, "ルーター")} == {"2025_06_02_home_wifi"}


async def test_a_draft_is_kept_but_not_found_until_it_is_published(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"], draft=True))
    assert await sync(settings) == (1, 0, 0)
    assert await found(settings, "りんご") == set()
    blog.write(path, raw_post(comments=["りんご"]))
    assert await sync(settings) == (0, 1, 0)
    assert await found(settings, "りんご") == {("one", 1)}


async def test_another_archive_takes_the_place_of_the_one_before(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    blog.post("one", raw_post(comments=["りんご"]))
    blog.post("both", raw_post(comments=["ぶどう"]))
    await synchronise(settings)
    other = Blog(tmp_path / "other")
    # The same path, size and time, but not the same post.
    path = other.post("both", raw_post(comments=["みかん"]))
    other.touch(path, mtime_ns=(blog.root / path).stat().st_mtime_ns)
    other.post("two", raw_post(comments=["ばなな"]))
    switched = settings_of(other.root, settings.data)
    assert await sync(switched) == (1, 1, 1)
    assert await found(switched, "みかん") == {("both", 1)}
    assert await found(switched, "りんご") == set()
    assert await equals_one_from_scratch(switched, tmp_path)


async def test_a_switch_of_archives_that_was_cut_short_is_mended_when_it_is_taken_back(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("both", raw_post(comments=["ぶどう"]))
    await synchronise(settings)
    time_ns = (blog.root / path).stat().st_mtime_ns
    other = Blog(tmp_path / "other")
    for number in range(300):
        other.post(f"post_{number}", raw_post(item=1000 + number))
    other.write(path, raw_post(comments=["みかん"]), mtime_ns=time_ns)

    class CutError(Exception):
        pass

    def stop_half_way(done: int, total: int) -> None:
        if done >= 200:
            raise CutError

    with pytest.raises(CutError):
        await synchronise(settings_of(other.root, settings.data), progress=stop_half_way)
    assert await found(settings, "みかん") == {("both", 1)}
    await synchronise(settings)
    assert await found(settings, "みかん") == set()
    assert await found(settings, "ぶどう") == {("both", 1)}
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_an_archive_that_lost_all_of_its_posts_removes_none(
    blog: Blog, settings: Settings
) -> None:
    blog.post("one", raw_post(comments=["りんご"]))
    await synchronise(settings)
    (blog.root / "content").rename(blog.root / ".unmounted")
    with pytest.raises(ArchiveError) as raised:
        await synchronise(settings)
    assert raised.value.key == "archive.empty"
    assert await found(settings, "りんご") == {("one", 1)}


@pytest.mark.parametrize("rebuild", [False, True])
async def test_an_archive_that_is_gone_removes_no_post(
    blog: Blog, settings: Settings, rebuild: bool
) -> None:
    blog.post("one", raw_post(comments=["りんご"]))
    await synchronise(settings)
    blog.root.rename(blog.root.with_name("gone"))
    with pytest.raises(ArchiveError) as raised:
        await synchronise(settings, rebuild=rebuild)
    assert raised.value.key == "archive.missing"
    assert await found(settings, "りんご") == {("one", 1)}


async def test_an_archive_that_is_a_file_is_said_to_be_none(blog: Blog, settings: Settings) -> None:
    blog.root.write_text("no directory")
    with pytest.raises(ArchiveError) as raised:
        await synchronise(settings)
    assert raised.value.key == "archive.not_a_directory"


async def test_a_rebuild_gives_the_same_index(
    small_blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    await synchronise(settings)
    before = contents(index_path(settings))
    synced = await synchronise(settings, rebuild=True)
    assert synced.summary.rebuilt
    assert synced.put_aside is None
    assert counts(synced.summary) == (4, 0, 0)
    assert contents(index_path(settings)) == before


async def test_posts_that_come_in_backwards_are_put_in_order_by_one_rebuild(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    days = [f"2025-{month:02}-{day:02}" for month in (3, 4) for day in range(1, 16)]
    for day in days[20:]:
        blog.post(f"post_{day}", raw_post(date=f"{day}T00:00:00", item=None))
    await synchronise(settings)
    for day in days[:20]:
        blog.post(f"post_{day}", raw_post(date=f"{day}T00:00:00", item=None))
    synced = await synchronise(settings)
    assert synced.summary.rebuilt
    # The second pass only puts them in order: it adds nothing that was there.
    assert (synced.summary.added, synced.summary.changed) == (20, 0)
    in_order = [slug for slug, _ in sorted(ids(index_path(settings)).items(), key=lambda i: i[1])]
    assert in_order == [f"post_{day}" for day in days]
    assert not (await synchronise(settings)).summary.rebuilt
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_an_archive_whose_names_do_not_follow_its_dates_is_put_in_order_once(
    blog: Blog, settings: Settings
) -> None:
    # More than fit into one batch, named against their dates.
    for number in range(300):
        date = f"2025-{12 - number // 28:02}-{28 - number % 28:02}T00:00:00"
        blog.post(f"post_{number:03}", raw_post(date=date, item=None, comments=["短い"]))
    await synchronise(settings)
    later = [(await synchronise(settings)).summary.rebuilt for _ in range(2)]
    assert later == [False, False]
    placed = sorted(ids(index_path(settings)).items(), key=lambda item: item[1])
    assert [slug for slug, _ in placed] == [f"post_{number:03}" for number in range(299, -1, -1)]


async def test_the_full_text_of_two_syncs_at_once_is_right(
    small_blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    waits: list[None] = []
    both: list[Synced] = await asyncio.gather(
        *(synchronise(settings, on_wait=lambda: waits.append(None)) for _ in range(2))
    )
    assert sorted(synced.summary.added for synced in both) == [0, 4]
    # Whoever comes second says once that it waits.
    assert len(waits) == 1
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_posts_with_the_same_words_do_not_share_their_counts(
    blog: Blog, settings: Settings
) -> None:
    first = blog.post("one", raw_post(comments=["kubernetes is hard"], item=1))
    blog.post("two", raw_post(comments=["kubernetes is easy"], item=2))
    await synchronise(settings)
    (blog.root / first).unlink()
    await synchronise(settings)
    words = {word: count for word, _, count in served(index_path(settings))["words"]}
    assert words == {"kubernetes": 1, "easy": 1}
