"""Files that cannot be read: each is refused by itself, and nothing that was there is lost."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import opened_index
from bot.archive.reading import MAX_FILE_BYTES
from bot.archive.sync import sync
from bot.archive.worker import FEW_FILES, Job, Prepare, read_files
from bot.locales import LANGUAGES, Texts
from bot.model import Post, post_key
from bot.running.syncing import Synced, index_path, synchronise
from bot.settings import Settings
from storage.index.documents import PreparedPost, prepare
from storage.index.schema import SCHEMA_VERSION
from storage.index.writer import open_writer
from tests.blog import Blog, page, raw_post
from tests.conftest import settings_of
from tests.contents import served
from tests.logged import events, only_incident
from tests.sync.test_sync import counts, found

HEAD = b"+++\ntitle = 'x'\ndate = '2025-06-01'\n+++\n"

# The content of a file, the line that is to blame, and a part of the reason.
BROKEN: dict[str, tuple[bytes, int | None, str]] = {
    "empty": (b"", 1, "no front matter"),
    "blanks": (b"\n \n", 1, "no front matter"),
    "no UTF-8": (b"+++\ntitle = '\xff'\n+++\n", 2, "not UTF-8 (byte 0xff)"),
    "UTF-16": ("+++\ntitle = 'x'\n+++\n".encode("utf-16"), 1, "not UTF-8"),
    "NUL only": (b"\0" * 1000, 1, "no front matter"),
    "binary": (bytes(range(256)) * 10, 2, "not UTF-8"),
    "front matter not closed": (b"+++\ntitle = 'x'\n", 1, "never closed"),
    "no TOML": (b"+++\ntitle = x\n+++\n", 2, "not TOML"),
    "no title": (b"+++\ndate = '2025-06-01'\n+++\n", 1, "no title"),
    "no date": (b"+++\ntitle = 'x'\n+++\n", 1, "no date"),
    "bad date": (b"+++\ntitle = 'x'\ndate = 'soon'\n+++\n", 1, "soon"),
    "cut off": (HEAD + b'\n{{<matomeQuote body="abc" userName="x"', 6, "cut off"),
    "cut off in a body": (HEAD + b'\n\n{{<matomeQuote body="abc', 7, "not terminated"),
    "fold not closed": (HEAD + b'{{< details summary="x">}}\nabc', 5, "never closed"),
    "only a closing tag": (HEAD + b"\n{{</ details >}}", 6, ""),
    "unknown shortcode": (HEAD + b"{{< youtubee x >}}", 5, "youtubee"),
    "too large": (HEAD + b"x" * (4 * 1024 * 1024), None, "too large"),
    "page cut off": (page().encode()[:-120], None, "cut off"),
}


def reasons(synced: Synced) -> dict[str, tuple[int | None, str]]:
    """Each refused file's line and reason."""
    texts = Texts("en")
    return {
        refused.path: (refused.reason.line, texts.of(refused.reason))
        for refused in synced.summary.refused
    }


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_file_is_refused_with_its_line_and_the_others_are_read(
    blog: Blog, settings: Settings, name: str
) -> None:
    content, line, reason = BROKEN[name]
    path = "content/posts/broken/index.md"
    blog.write(path, content)
    blog.post("good", raw_post(comments=["りんご"]))
    synced = await synchronise(settings)
    assert counts(synced.summary) == (1, 0, 0)
    assert list(reasons(synced)) == [path]
    found_line, found_reason = reasons(synced)[path]
    assert reason in found_reason
    assert line is None or found_line == line
    assert await found(settings, "りんご") == {("good", 1)}
    for language in LANGUAGES:
        assert Texts(language).of(synced.summary.refused[0].reason)


async def test_the_version_indexed_before_stays_and_every_sync_says_why(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.post("two", raw_post("ほか", item=2))
    await synchronise(settings)
    before = served(index_path(settings))
    blog.write(path, BROKEN["cut off"][0])
    for _ in range(3):
        synced = await synchronise(settings)
        assert counts(synced.summary) == (0, 0, 0)
        assert reasons(synced)[path][0] == 6
        assert served(index_path(settings)) == before
    blog.touch(path)
    assert path in reasons(await synchronise(settings))
    blog.write(path, raw_post(comments=["みかん"]))
    synced = await synchronise(settings)
    assert counts(synced.summary) == (0, 1, 0)
    assert synced.summary.refused == []
    assert await found(settings, "りんご") == set()


async def test_a_refused_file_that_is_removed_takes_its_earlier_version_along(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.post("two", raw_post("ほか", item=2))
    await synchronise(settings)
    blog.write(path, b"broken")
    await synchronise(settings)
    (blog.root / path).unlink()
    synced = await synchronise(settings)
    assert counts(synced.summary) == (0, 0, 1)
    assert synced.summary.refused == []


async def test_the_earlier_version_outlives_a_rebuild_that_a_new_program_makes(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.post("two", raw_post("ほか", item=2))
    await synchronise(settings)
    blog.write(path, b"broken")
    await synchronise(settings)
    before = served(index_path(settings))
    with closing(sqlite3.connect(index_path(settings))) as database, database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION * 1_000_000}")
    synced = await synchronise(settings)
    assert synced.summary.rebuilt
    assert list(reasons(synced)) == [path]
    assert served(index_path(settings)) == before


async def test_a_rebuild_that_was_asked_for_knows_only_what_can_be_read(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("one", raw_post(comments=["りんご"]))
    blog.post("two", raw_post("ほか", item=2))
    await synchronise(settings)
    blog.write(path, b"broken")
    await synchronise(settings)
    await synchronise(settings, rebuild=True)
    assert await found(settings, "りんご") == set()


async def test_the_second_post_of_a_name_is_refused_until_the_first_is_gone(
    blog: Blog, settings: Settings
) -> None:
    first = blog.post("one", raw_post(comments=["りんご"]), month="2025_05")
    second = blog.post("one", raw_post(comments=["みかん"]), month="2025_06")
    for _ in range(2):
        synced = await synchronise(settings)
        assert reasons(synced) == {second: (None, f"there is another post of this name: {first}")}
    assert await found(settings, "みかん") == set()
    (blog.root / first).unlink()
    synced = await synchronise(settings)
    assert synced.summary.refused == []
    assert counts(synced.summary) == (0, 1, 0)
    assert await found(settings, "みかん") == {("one", 1)}


async def test_a_post_that_comes_before_another_of_its_name_takes_its_place(
    blog: Blog, settings: Settings
) -> None:
    later = blog.post("one", raw_post(comments=["みかん"]), month="2025_06")
    await synchronise(settings)
    blog.post("one", raw_post(comments=["りんご"]), month="2025_05")
    synced = await synchronise(settings)
    assert list(reasons(synced)) == [later]
    assert await found(settings, "りんご") == {("one", 1)}


async def test_a_hundred_megabytes_of_nothing_are_refused_unread(
    blog: Blog, settings: Settings
) -> None:
    path = blog.post("huge", b"")
    os.truncate(blog.root / path, 100 * 1024 * 1024)
    blog.post("good", raw_post(comments=["りんご"]))
    synced = await synchronise(settings)
    assert "104857600" in reasons(synced)[path][1]
    assert await found(settings, "りんご") == {("good", 1)}


async def test_a_file_that_grows_while_it_is_listed_is_not_swallowed_whole(
    blog: Blog, settings: Settings
) -> None:
    # Listed with one size, read with another: the limit holds for what is read too.
    path = blog.post("huge", b"")
    blog.post("good", raw_post())
    archive = await settings.archive.update()
    listed = archive.files()
    os.truncate(blog.root / path, 100 * 1024 * 1024)

    huge = next(file for file in listed if file.path == path)
    (reading,) = read_files(blog.root, [Job(huge, None)], (), lambda post, rendered: post)
    assert reading.refused is not None
    assert reading.refused.key == "refused.too_large"
    # As many bytes as were looked at.
    assert reading.refused.details["bytes"] == MAX_FILE_BYTES + 1


async def test_a_file_that_became_a_pipe_or_a_link_is_refused_at_once(
    blog: Blog, settings: Settings
) -> None:
    pipe, link = (blog.post(name, raw_post()) for name in ("pipe", "link"))
    listed = (await settings.archive.update()).files()
    for path in (pipe, link):
        (blog.root / path).unlink()
    os.mkfifo(blog.root / pipe)
    (blog.root / link).symlink_to("/dev/zero")
    jobs = [Job(file, None) for file in listed]
    readings = read_files(blog.root, jobs, (), lambda post, rendered: post)
    keys = {r.file.path: r.refused.key for r in readings if r.refused is not None}
    assert keys == {link: "refused.unreadable", pipe: "refused.no_front_matter"}


async def test_a_name_that_is_no_utf8_is_refused_by_its_bytes(
    blog: Blog, settings: Settings
) -> None:
    blog.post(os.fsdecode(b"caf\xe9"), raw_post())
    blog.post("good", raw_post())
    for _ in range(2):
        synced = await synchronise(settings)
        assert "not UTF-8" in reasons(synced)["content/posts/2025_06/caf\\xe9/index.md"][1]
        assert synced.summary.files == 2


async def test_an_archive_whose_own_name_is_no_utf8_is_read(tmp_path: Path) -> None:
    blog = Blog(Path(os.fsdecode(os.fsencode(tmp_path) + b"/bl\xf6g")))
    blog.post("good", raw_post())
    settings = settings_of(blog.root, tmp_path / "data")
    assert counts((await synchronise(settings)).summary) == (1, 0, 0)
    assert counts((await synchronise(settings)).summary) == (0, 0, 0)


def prepare_all_but_one(post: Post, rendered: bool) -> PreparedPost:
    """Has a mistake."""
    if post.slug == "bad":
        raise ZeroDivisionError("a fault")
    return prepare(post, rendered)


@pytest.mark.parametrize("posts", [1, FEW_FILES], ids=["here", "in other processes"])
async def test_a_fault_of_the_reader_itself_refuses_one_file_only_and_is_logged(
    blog: Blog,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    posts: int,
) -> None:
    for slug in ("bad", *(f"good-{number}" for number in range(posts))):
        blog.post(slug, raw_post(item=None))
    index_path(settings).parent.mkdir(parents=True)
    archive = await settings.archive.update()
    async with open_writer(index_path(settings)) as writer:
        summary = await sync(archive, settings.archive.name, writer, prepare_all_but_one, 0)
    assert summary.added == posts
    (bad,) = summary.refused
    assert Texts("en").of(bad.reason).count("ZeroDivisionError: a fault") == 1
    incident = only_incident(caplog)
    assert incident["file"] == bad.path
    assert "in prepare_all_but_one" in str(incident["exc_info"])
    # The log alone says so.
    assert capfd.readouterr().err == ""


async def test_a_fault_of_the_reader_is_one_incident_until_it_is_another_one(
    blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    bad = blog.post("bad", raw_post())
    index_path(settings).parent.mkdir(parents=True)
    archive = await settings.archive.update()

    def failing(cause: str) -> Prepare:
        def prepare_nothing(post: Post, rendered: bool) -> PreparedPost:
            raise ZeroDivisionError(cause)

        return prepare_nothing

    for cause in ("a fault", "a fault", "a fault", "another fault"):
        async with open_writer(index_path(settings)) as writer:
            summary = await sync(archive, settings.archive.name, writer, failing(cause), 0)
        assert [refused.path for refused in summary.refused] == [bad]
    causes = [str(event["exc_info"]).splitlines()[-1] for event in events(caplog)]
    assert causes == ["ZeroDivisionError: a fault", "ZeroDivisionError: another fault"]


async def test_a_fault_is_one_incident_where_posts_are_put_in_order_too(
    blog: Blog, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    index_path(settings).parent.mkdir(parents=True)
    blog.post("bad", raw_post(item=None))
    rebuilt: list[bool] = []
    for days in (range(20, 28), range(1, 20)):
        for day in days:
            blog.post(f"post_{day}", raw_post(date=f"2025-06-{day:02}", item=None))
        archive = await settings.archive.update()
        async with open_writer(index_path(settings)) as writer:
            summary = await sync(archive, settings.archive.name, writer, prepare_all_but_one, 0)
        rebuilt.append(summary.rebuilt)
    # The second sync had to read everything twice.
    assert rebuilt[-1]
    only_incident(caplog)


async def test_what_is_only_odd_is_told_once_and_taken(blog: Blog, settings: Settings) -> None:
    path = blog.post("odd", raw_post(comments=[], tags=[], item=None))
    synced = await synchronise(settings)
    assert counts(synced.summary) == (1, 0, 0)
    keys = {finding.key for where, finding in synced.summary.findings if where == path}
    assert keys == {"finding.no_tags", "finding.no_source", "finding.no_comments"}
    assert (await synchronise(settings)).summary.findings == []


async def test_hostile_text_is_kept_exactly_and_breaks_nothing(
    blog: Blog, settings: Settings
) -> None:
    body = "'; DROP TABLE post; -- ${HOME} %s {0} </script> \u202e\u2028 \x1b[31m🏳️‍🌈 ﷽"
    blog.post("hostile", raw_post('"; DROP TABLE post; --', [body]))
    await synchronise(settings)
    async with opened_index(settings) as index:
        post = await index.post(post_key("hostile"))
    assert post is not None
    assert post.title == '"; DROP TABLE post; --'
    assert post.comments[0].body == body
