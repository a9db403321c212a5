"""An archive in a git repository: cloned, brought up to date, and what can go wrong on the way."""

import asyncio
import os
import time
from hashlib import blake2b
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.app import opened_index
from bot.archive.git import GitSource
from bot.errors import ArchiveError
from bot.locales import Texts
from bot.meter import NoMeter
from bot.running.syncing import synchronise, try_to_sync
from bot.settings import Settings
from tests.blog import raw_post
from tests.commands import Matome
from tests.conftest import settings_of
from tests.logged import events
from tests.sync.repositories import Repository, Server, git
from tests.sync.test_sync import found, sync


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one post."""
    repository = Repository.create(tmp_path / "repository")
    repository.blog.post("one", raw_post(comments=["りんご"]))
    repository.commit()
    return repository


@pytest.fixture
def cloned(repository: Repository, tmp_path: Path) -> Settings:
    """Settings that name the repository."""
    return settings_of(repository.setting, tmp_path / "data")


class Heard(NoMeter):
    """Keeps which syncs succeeded."""

    def __init__(self) -> None:
        self.succeeded: list[bool] = []

    def synced(self, seconds: float, *, succeeded: bool) -> None:
        self.succeeded.append(succeeded)


def clone_of(settings: Settings) -> Path:
    assert isinstance(settings.archive, GitSource)
    return settings.archive.directory


def gone(repository: Repository) -> None:
    repository.blog.root.rename(repository.blog.root.with_name("unreachable"))


def back(repository: Repository) -> None:
    repository.blog.root.with_name("unreachable").rename(repository.blog.root)


async def test_a_repository_is_cloned_without_its_history(
    repository: Repository, cloned: Settings
) -> None:
    for _ in range(3):
        repository.blog.touch("content/posts/2025_06/one/index.md")
        repository.blog.write("README.md", os.urandom(8).hex())
        repository.commit()
    assert await sync(cloned) == (1, 0, 0)
    assert git(clone_of(cloned), "rev-list", "--count", "--all") == "1"
    assert await found(cloned, "りんご") == {("one", 1)}


async def test_new_commits_are_pulled(repository: Repository, cloned: Settings) -> None:
    await synchronise(cloned)
    repository.blog.post("two", raw_post("二つ目", ["みかん"], item=2))
    (repository.blog.root / "content/posts/2025_06/one/index.md").unlink()
    repository.commit()
    assert await sync(cloned) == (1, 0, 1)
    assert await found(cloned, "みかん") == {("two", 1)}
    assert await sync(cloned) == (0, 0, 0)


async def test_a_branch_can_be_named(
    repository: Repository, cloned: Settings, tmp_path: Path
) -> None:
    repository.git("checkout", "--quiet", "-b", "drafts/next")
    repository.blog.post("one", raw_post(comments=["みかん"]))
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    branch = settings_of(f"{repository.setting}#drafts/next", cloned.data)
    assert await sync(cloned) == (1, 0, 0)
    assert await sync(branch) == (0, 1, 0)
    assert await found(branch, "みかん") == {("one", 1)}
    repository.git("checkout", "--quiet", "drafts/next")
    repository.blog.post("one", raw_post(comments=["ぶどう"]))
    repository.commit()
    repository.git("checkout", "--quiet", "main")
    assert await sync(branch) == (0, 1, 0)


async def test_a_history_that_was_rewritten_is_followed(
    repository: Repository, cloned: Settings
) -> None:
    await synchronise(cloned)
    repository.blog.post("one", raw_post(comments=["みかん"]))
    repository.commit(amend=True)
    assert await sync(cloned) == (0, 1, 0)
    repository.git("checkout", "--quiet", "--orphan", "fresh")
    repository.blog.post("one", raw_post(comments=["ぶどう"]))
    repository.commit()
    repository.git("branch", "-M", "fresh", "main")
    assert await sync(cloned) == (0, 1, 0)
    assert await found(cloned, "ぶどう") == {("one", 1)}


async def test_what_was_done_to_the_clone_by_hand_is_undone(
    repository: Repository, cloned: Settings
) -> None:
    await synchronise(cloned)
    clone = clone_of(cloned)
    (clone / "content/posts/2025_06/one/index.md").unlink()
    (clone / "content/posts/2025_06/stray").mkdir()
    (clone / "content/posts/2025_06/stray/index.md").write_text(raw_post())
    assert await sync(cloned) == (0, 0, 0)
    assert await found(cloned, "りんご") == {("one", 1)}


async def test_an_unreachable_repository_keeps_what_is_there_and_says_so(
    repository: Repository, cloned: Settings
) -> None:
    await synchronise(cloned)
    gone(repository)
    synced = await synchronise(cloned)
    assert synced.archive.stale is not None
    assert str(repository.blog.root) in Texts("ja").of(synced.archive.stale)
    assert await found(cloned, "りんご") == {("one", 1)}
    back(repository)
    repository.blog.post("one", raw_post(comments=["みかん"]))
    repository.commit()
    synced = await synchronise(cloned)
    assert synced.archive.stale is None
    assert synced.summary.changed == 1


async def test_while_it_is_unreachable_syncs_are_failures_to_who_watches(
    repository: Repository, cloned: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    for change in (lambda _: None, gone, back):
        change(repository)
        assert await try_to_sync(cloned, meter=heard) is not None
    assert heard.succeeded == [True, False, True]
    (told,) = [event for event in events(caplog) if event["level"] == "warning"]
    assert told["event"] == "the archive is as it was, it cannot be reached"
    assert str(repository.blog.root) in told["cause"]


async def test_a_checkout_that_was_cut_short_loses_no_post_while_the_repository_is_away(
    repository: Repository, cloned: Settings
) -> None:
    repository.blog.post("two", raw_post("二つ目", item=2))
    repository.commit()
    await synchronise(cloned)
    (clone_of(cloned) / "content/posts/2025_06/one/index.md").unlink()
    gone(repository)
    assert await sync(cloned) == (0, 0, 0)


async def test_a_repository_that_was_never_reached_is_an_error(cloned: Settings) -> None:
    missing = settings_of("git+file:///nowhere/blog.git", cloned.data)
    with pytest.raises(ArchiveError) as raised:
        await synchronise(missing)
    assert raised.value.key == "archive.git_failed"
    # The cause itself, not git's advice that follows it.
    assert "'/nowhere/blog.git' does not" in Texts("en").of(raised.value)
    assert not clone_of(missing).exists()


async def test_an_unknown_branch_is_an_error(repository: Repository, cloned: Settings) -> None:
    with pytest.raises(ArchiveError) as raised:
        await synchronise(settings_of(f"{repository.setting}#nonsense", cloned.data))
    assert "nonsense" in str(raised.value)


async def test_a_clone_that_was_killed_half_way_is_begun_anew(
    repository: Repository, cloned: Settings
) -> None:
    unfinished = clone_of(cloned).with_suffix(".unfinished")
    (unfinished / ".git").mkdir(parents=True)
    (unfinished / ".git/HEAD.lock").touch()
    assert await sync(cloned) == (1, 0, 0)
    assert not unfinished.exists()


@pytest.mark.parametrize(
    "lock", ["index.lock", "shallow.lock", "HEAD.lock", "refs/heads/main.lock"]
)
async def test_what_a_killed_git_has_locked_is_set_free(
    repository: Repository, cloned: Settings, lock: str
) -> None:
    await synchronise(cloned)
    (clone_of(cloned) / ".git" / lock).touch()
    repository.blog.post("two", raw_post("二つ目", item=2))
    repository.commit()
    synced = await synchronise(cloned)
    assert synced.archive.stale is None
    assert synced.summary.added == 1


@pytest.mark.parametrize("part", ["HEAD", "objects", "."])
async def test_a_damaged_clone_is_made_anew(
    repository: Repository, cloned: Settings, part: str
) -> None:
    await synchronise(cloned)
    damaged = clone_of(cloned) / ".git" / part
    damaged.rename(cloned.data / "away")
    repository.blog.post("two", raw_post("二つ目", item=2))
    repository.commit()
    assert await sync(cloned) == (1, 0, 0)


async def test_a_damaged_clone_never_lets_git_work_on_the_repository_around_it(
    repository: Repository, tmp_path: Path
) -> None:
    around = Repository.create(tmp_path / "around")
    around.blog.write("work.txt", "committed")
    around.commit()
    around.git("remote", "add", "origin", str(repository.blog.root))
    settings = settings_of(repository.setting, around.blog.root / "data")
    await synchronise(settings)
    around.blog.write("work.txt", "not committed")
    around.blog.write("untracked.txt", "precious")
    (clone_of(settings) / ".git/HEAD").unlink()
    head = around.git("rev-parse", "HEAD")
    await synchronise(settings)
    assert (around.blog.root / "work.txt").read_text() == "not committed"
    assert (around.blog.root / "untracked.txt").read_text() == "precious"
    assert around.git("rev-parse", "HEAD") == head


async def test_a_hook_may_call_us_without_its_repository_being_touched(
    repository: Repository, cloned: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repository.create(tmp_path / "other")
    other.blog.write("work.txt", "committed")
    other.commit()
    head = other.git("rev-parse", "HEAD")
    with monkeypatch.context() as hook:
        hook.setenv("GIT_DIR", str(other.blog.root / ".git"))
        hook.setenv("GIT_WORK_TREE", str(other.blog.root))
        hook.setenv("GIT_INDEX_FILE", str(other.blog.root / ".git/index"))
        assert await sync(cloned) == (1, 0, 0)
        assert (await synchronise(cloned)).archive.stale is None
    assert other.git("rev-parse", "HEAD") == head
    assert other.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "address",
    ["ext::touch {path}", "fd::17", "transport::x", "ssh://-oProxyCommand=touch {path}/x"],
)
async def test_an_address_cannot_run_a_command(
    cloned: Settings, tmp_path: Path, address: str
) -> None:
    owned = tmp_path / "owned"
    with pytest.raises(ArchiveError) as raised:
        await synchronise(settings_of(f"git+{address.format(path=owned)}", cloned.data))
    assert raised.value.key == "archive.git_failed"
    assert not owned.exists()


async def test_links_in_a_repository_lead_nowhere(
    repository: Repository, cloned: Settings, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text(raw_post("秘密"))
    (repository.blog.root / "content/posts/2025_06/link.md").symlink_to(secret)
    repository.commit()
    assert await sync(cloned) == (1, 0, 0)
    async with opened_index(cloned) as index:
        assert [post.slug async for post in index.export()] == ["one"]


async def test_a_repository_is_read_from_a_server_with_a_password_that_nobody_sees(
    repository: Repository, tmp_path: Path
) -> None:
    matome = Matome("", tmp_path / "data", tmp_path)
    with Server(tmp_path, password="p@ss word").running() as server:  # noqa: S106
        url = f"http://user:p%40ss%20word@127.0.0.1:{server.port}/repository/.git"
        archive = {"MATOME_ARCHIVE": f"git+{url}"}
        done = await asyncio.to_thread(matome, "sync", env=archive)
        assert (done.status, done.out) == (0, "added 1, changed 0, removed 0, refused 0\n")
        wrong = {"MATOME_ARCHIVE": f"git+{url.replace('word', 'secret')}"}
        refused = await asyncio.to_thread(matome, "sync", env=wrong)
        assert refused.status == 1
        assert "who is user:***?" in refused.err
    unreachable = await asyncio.to_thread(matome, "sync", env=archive)
    assert unreachable.status == 1
    assert unreachable.out == "added 0, changed 0, removed 0, refused 0\n"
    doctor = await asyncio.to_thread(matome, "doctor", env=archive)
    served = await asyncio.to_thread(matome, "search", "りんご", "--json", env=archive)
    assert served.out.count("\n") == 1
    assert (tmp_path / "data/clones").stat().st_mode & 0o077 == 0
    for file in (tmp_path / "data").rglob("*"):
        assert not file.is_file() or b"p%40ss" not in file.read_bytes()
    for shown in (done, refused, unreachable, doctor, served):
        for hidden in ("p%40ss", "p@ss", "secret"):
            assert hidden not in shown.out + shown.err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("marked", ["user:p%40ss%2Dword", "user:p@ss-word", "t%40ken"])
async def test_what_opens_a_repository_is_in_no_list_of_processes(
    repository: Repository, tmp_path: Path, marked: str
) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.extend(processes_with("127.0.0.1"))

    secret = unquote(marked).rpartition(":")[2]
    with Server(tmp_path, password=secret, on_request=look).running() as server:
        address = f"http://{marked}@127.0.0.1:{server.port}/repository/.git"
        task = synchronise(settings_of(f"git+{address}", tmp_path / "data"))
        if ":" in marked:
            await task
        else:
            # A name alone opens nothing here, but it is sent.
            with pytest.raises(ArchiveError):
                await task
    commands = "\n".join(seen)
    assert "remote-http" in commands
    for hidden in (marked.rpartition(":")[2], secret):
        assert hidden not in commands


async def test_a_clone_of_before_keeps_no_password(repository: Repository, tmp_path: Path) -> None:
    with Server(tmp_path, password="p@ss").running() as server:  # noqa: S106
        url = f"http://user:p%40ss@127.0.0.1:{server.port}/repository/.git"
        settings = settings_of(f"git+{url}", tmp_path / "data")
        await synchronise(settings)
        (clone,) = (tmp_path / "data/clones").iterdir()
        git(clone, "config", "remote.origin.url", url)
        await synchronise(settings)
    assert "p%40ss" not in (clone / ".git/config").read_text()


async def test_a_new_password_goes_on_with_the_same_clone(
    repository: Repository, tmp_path: Path
) -> None:
    with Server(tmp_path, password="first").running() as server:  # noqa: S106
        settings = with_password("first", server.port, tmp_path)
        await synchronise(settings)
        server.password = "second"  # noqa: S105
        repository.blog.post("two", raw_post("二つ目", item=2))
        repository.commit()
        assert (await synchronise(settings)).archive.stale is not None
        renewed = with_password("second", server.port, tmp_path)
        synced = await synchronise(renewed)
    assert synced.archive.stale is None
    assert synced.summary.added == 1
    assert list((tmp_path / "data/clones").iterdir()) == [clone_of(renewed)]


async def test_a_clone_of_before_that_is_named_by_the_password_too_is_taken_over(
    repository: Repository, tmp_path: Path
) -> None:
    with Server(tmp_path, password="first").running() as server:  # noqa: S106
        settings = with_password("first", server.port, tmp_path)
        await synchronise(settings)
        assert isinstance(settings.archive, GitSource)
        clone = clone_of(settings)
        named = blake2b(f"{settings.archive.url}#".encode(), digest_size=8).hexdigest()
        clone.rename(clone.with_name(named))
    # Nothing can be cloned any more, so what is read is what was there.
    assert (await synchronise(settings)).archive.stale is not None
    assert list(clone.parent.iterdir()) == [clone]


def with_password(password: str, port: int, directory: Path) -> Settings:
    address = f"git+http://user:{password}@127.0.0.1:{port}/repository/.git"
    return settings_of(address, directory / "data")


async def test_a_password_goes_to_the_host_that_it_is_for_alone(
    repository: Repository, tmp_path: Path
) -> None:
    """Also where that host leads to another one, which asks for one."""
    given: list[str] = []
    with Server(tmp_path, password="another", told=given).running() as other:  # noqa: S106
        there = f"http://127.0.0.1:{other.port}"
        with Server(tmp_path, leads_to=there).running() as server:
            url = f"http://user:p%40ss@127.0.0.1:{server.port}/repository/.git"
            with pytest.raises(ArchiveError):
                await synchronise(settings_of(f"git+{url}", tmp_path / "data"))
        assert other.asked.is_set()
    assert not any(given)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
async def test_a_sync_that_is_given_up_takes_its_git_along(
    repository: Repository, tmp_path: Path
) -> None:
    with Server(tmp_path, hangs=True).running() as server:
        url = f"http://127.0.0.1:{server.port}/repository/.git"
        task = asyncio.create_task(synchronise(settings_of(f"git+{url}", tmp_path / "data")))
        await asyncio.to_thread(server.asked.wait)
        assert processes_with(url)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # What was killed may take a moment to be gone.
        deadline = time.monotonic() + 10
        while processes_with(url):
            assert time.monotonic() < deadline


def processes_with(argument: str) -> list[str]:
    """The command lines of running processes that hold an argument."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if argument in command:
            found.append(command)
    return found
