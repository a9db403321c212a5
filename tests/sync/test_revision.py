"""How new an archive is, as its index has it."""

import time
from pathlib import Path

import pytest

from bot.app import opened_index
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from tests.blog import FIRST_TIME_NS, Blog, raw_post
from tests.conftest import settings_of
from tests.sync.repositories import Repository
from tests.sync.test_git import back, gone

FIRST = FIRST_TIME_NS // 1_000_000_000
LATER = FIRST + 86_400


async def revision(settings: Settings, *, rebuild: bool = False) -> int:
    """The revision after a sync."""
    await synchronise(settings, rebuild=rebuild)
    async with opened_index(settings) as index:
        return await index.revision()


def write(blog: Blog, slug: str, seconds: int) -> Path:
    """Write a post whose file has a time."""
    path = f"content/posts/2025_06/{slug}/index.md"
    return blog.write(path, raw_post(slug, item=None), mtime_ns=seconds * 1_000_000_000 + 1)


async def test_a_directory_is_as_new_as_its_newest_post(blog: Blog, settings: Settings) -> None:
    write(blog, "one", FIRST)
    write(blog, "two", FIRST + 5)
    blog.write("README.md", "no post", mtime_ns=LATER * 1_000_000_000)
    assert await revision(settings) == FIRST + 5
    write(blog, "three", LATER)
    assert await revision(settings) == LATER


async def test_it_does_not_go_back_where_the_newest_post_goes(
    blog: Blog, settings: Settings
) -> None:
    write(blog, "one", FIRST)
    newest = write(blog, "two", LATER)
    assert await revision(settings) == LATER
    newest.unlink()
    assert await revision(settings) == LATER
    assert await revision(settings, rebuild=True) == LATER


async def test_an_index_of_another_version_keeps_it(
    blog: Blog, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(blog, "one", FIRST)
    newest = write(blog, "two", LATER)
    await synchronise(settings)
    newest.unlink()
    for module in ("database", "writer"):
        name = f"storage.index.{module}.INDEX_VERSION"
        monkeypatch.setattr(name, 2_999_999)
    assert await revision(settings) == LATER


async def test_another_archive_has_a_revision_of_its_own(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    write(blog, "one", LATER)
    assert await revision(settings) == LATER
    other = Blog(tmp_path / "other")
    write(other, "one", FIRST)
    assert await revision(settings_of(other.root, settings.data)) == FIRST
    assert await revision(settings) == LATER


async def test_a_time_to_come_counts_as_now(blog: Blog, settings: Settings) -> None:
    before = int(time.time())
    write(blog, "one", before + 86_400 * 365)
    assert before <= await revision(settings) <= int(time.time())


async def test_it_stays_while_nothing_changes(blog: Blog, settings: Settings) -> None:
    write(blog, "one", FIRST)
    assert await revision(settings) == FIRST
    before = index_path(settings).read_bytes()
    assert await revision(settings) == FIRST
    assert index_path(settings).read_bytes() == before


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose commit is a while ago; the files of a clone are new."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{FIRST} +0900")
    repository = Repository.create(tmp_path / "repository")
    repository.blog.post("one", raw_post())
    repository.commit()
    return repository


async def test_a_repository_is_as_new_as_its_last_commit(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloned = settings_of(repository.setting, tmp_path / "data")
    assert await revision(cloned) == FIRST
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{LATER} +0900")
    repository.blog.post("two", raw_post("二つ目", item=2))
    repository.commit()
    assert await revision(cloned) == LATER
    # Away, it is what it was.
    gone(repository)
    assert await revision(cloned) == LATER
    back(repository)
    # A replica that is made anew has the same.
    assert await revision(settings_of(repository.setting, tmp_path / "fresh")) == LATER
