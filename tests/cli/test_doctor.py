"""`matome doctor`: what it checks, and what it says of each fault."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.state.database import open_state
from storage.state.tables import HEAD
from tests.blog import Blog, raw_post
from tests.commands import Matome


async def opened_and_closed(state: Path) -> None:
    async with open_state(state):
        pass


def faults(out: str) -> list[str]:
    return [line.removeprefix("fault  ") for line in out.splitlines() if line.startswith("fault")]


def test_a_sound_installation_has_no_fault(indexed: Matome) -> None:
    done = indexed("doctor")
    assert (done.status, done.err) == (0, "")
    assert all(line.startswith("ok     ") for line in done.out.splitlines())
    assert "index: 3 posts" in done.out
    assert "links to posts: https://blog.example/" in done.out


def test_a_missing_index_is_a_fault_that_says_how_it_is_made(
    matome: Matome, small_blog: Blog
) -> None:
    done = matome("doctor")
    assert done.status == 1
    (fault,) = faults(done.out)
    assert "matome sync makes it" in fault
    # Looking changes nothing.
    assert not matome.data.exists()


def test_an_index_of_another_archive_is_not_complete(indexed: Matome, tmp_path: Path) -> None:
    other = Blog(tmp_path / "other")
    other.post("only", raw_post())
    done = indexed("doctor", env={"MATOME_ARCHIVE": str(other.root)})
    assert done.status == 1
    assert any("does not have all of the archive" in fault for fault in faults(done.out))


def test_every_fault_is_named_not_only_the_first(matome: Matome, blog: Blog) -> None:
    matome.data.mkdir()
    matome.index.write_bytes(b"no database")
    done = matome("doctor", env={"MATOME_LANGAUGE": "ja", "MATOME_ARCHIVE": "/nowhere"})
    assert done.status == 1
    unknown, archive, index = faults(done.out)
    assert "MATOME_LANGAUGE" in unknown
    assert "/nowhere" in archive
    assert "--rebuild" in index


def test_wrong_settings_are_all_named(matome: Matome, blog: Blog) -> None:
    done = matome("doctor", env={"MATOME_LANGUAGE": "fr", "MATOME_TIMEZONE": "Mars/Olympus"})
    assert done.status == 1
    assert len(faults(done.out)) == 2


def test_refused_files_and_a_missing_site_are_named(matome: Matome, small_blog: Blog) -> None:
    (small_blog.root / "hugo.toml").unlink()
    small_blog.post("broken", b"broken")
    assert matome("sync").status == 0
    done = matome("doctor", env={"LANG": "ja"})
    assert done.status == 1
    assert "取り込めないファイルが 1 件あります" in done.out
    assert "MATOME_SITE_URL" in done.out


def test_an_archive_without_posts_is_a_fault(matome: Matome, blog: Blog) -> None:
    blog.write("hugo.toml", "")
    assert any(str(blog.root) in fault for fault in faults(matome("doctor").out))


def test_a_data_directory_below_a_file_is_a_fault(matome: Matome, small_blog: Blog) -> None:
    file = matome.cwd / "file"
    file.write_text("")
    done = matome("doctor", env={"MATOME_DATA": str(file / "data")})
    assert done.status == 1
    assert any("Set MATOME_DATA" in fault or "another" in fault for fault in faults(done.out))
    done = matome("sync", env={"MATOME_DATA": str(file / "data")})
    assert done.status == 1
    assert "Set MATOME_DATA to a directory that can" in done.err


def test_an_index_whose_pages_are_damaged_is_a_fault(matome: Matome, small_blog: Blog) -> None:
    assert matome("sync").status == 0
    with closing(sqlite3.connect(matome.index)) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'comment'"
        ).fetchone()
    content = bytearray(Path(matome.index).read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    matome.index.write_bytes(content)
    done = matome("doctor")
    assert done.status == 1
    assert any("is damaged" in fault for fault in faults(done.out))


def test_a_state_that_cannot_be_used_is_a_fault(indexed: Matome, tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    env = {"MATOME_STATE_URL": f"sqlite:///{state}"}
    assert "state" not in indexed("doctor", env=env).out
    assert not state.exists()
    state.write_bytes(b"no database at all" * 100)
    done = indexed("doctor", env=env)
    assert done.status == 1
    (fault,) = faults(done.out)
    assert "state.sqlite3 is damaged" in fault
    assert "matome restore --yes FILE" in fault


def test_a_state_is_told_with_its_size_and_schema(indexed: Matome, tmp_path: Path) -> None:
    state = tmp_path / "another.sqlite3"
    asyncio.run(opened_and_closed(state))
    done = indexed("doctor", env={"MATOME_STATE_URL": f"sqlite:///{state}"})
    assert done.status == 0
    assert re.search(rf"state: {state} \(0\.\d MB, schema {HEAD}\)", done.out)


def test_a_state_on_a_server_is_looked_at_and_left_as_it_is(
    indexed: Matome, postgres_url: str
) -> None:
    for _ in range(2):
        done = indexed("doctor", env={"MATOME_STATE_URL": postgres_url})
        assert (done.status, done.err) == (0, "")
        assert re.search(r"state: postgresql://matome@/test_\d+ \(\d+\.\d MB, schema –\)", done.out)


def test_a_server_that_is_not_there_is_a_fault_without_its_password(indexed: Matome) -> None:
    url = "postgresql://matome:topsecret@127.0.0.1:1/matome"
    done = indexed("doctor", env={"MATOME_STATE_URL": url})
    assert done.status == 1
    (fault,) = faults(done.out)
    assert "postgresql://matome@127.0.0.1:1/matome cannot be reached" in fault
    assert "topsecret" not in done.out + done.err


def test_a_state_whose_pages_are_damaged_is_a_fault(indexed: Matome, tmp_path: Path) -> None:
    state = tmp_path / "another.sqlite3"
    asyncio.run(opened_and_closed(state))
    with closing(sqlite3.connect(state)) as database:
        (root,) = database.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'"
        ).fetchone()
    content = bytearray(state.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    state.write_bytes(content)
    done = indexed("doctor", env={"MATOME_STATE_URL": f"sqlite:///{state}"})
    assert done.status == 1
    # SQLite says where, or, with the wrong page, only that it is.
    assert any("damaged" in fault and "another.sqlite3" in fault for fault in faults(done.out))
