"""Files of SQLite that are put aside: with their logs, and nothing precious is lost by a kill."""

from pathlib import Path

from storage.files import free_name, identity, rename_with_log


def written(directory: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in directory.iterdir()}


def test_a_database_goes_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).write_text(suffix, "utf-8")
    rename_with_log(path, free_name(path, "damaged"))
    assert written(tmp_path) == {
        "state.damaged-1": "",
        "state.damaged-1-wal": "-wal",
        "state.damaged-1-shm": "-shm",
    }
    assert free_name(path, "damaged").name == "state.damaged-2"
    assert free_name(path, "newer").name == "state.newer-1"


def test_what_has_the_name_goes_with_its_own_log(tmp_path: Path) -> None:
    path, target = tmp_path / "index", tmp_path / "index.damaged"
    for name in ("index", "index.damaged", "index.damaged-wal", "index.damaged-shm"):
        (tmp_path / name).write_text(name, "utf-8")
    rename_with_log(path, target)
    assert written(tmp_path) == {"index.damaged": "index"}


def test_a_log_that_went_before_a_kill_stays_with_its_database(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("database", "utf-8")
    (tmp_path / "state.damaged-1-wal").write_text("log", "utf-8")
    rename_with_log(path, free_name(path, "damaged"))
    assert written(tmp_path) == {"state.damaged-1": "database", "state.damaged-1-wal": "log"}


def test_another_file_in_a_place_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "index"
    assert identity(path) is None
    path.touch()
    first = identity(path)
    other = tmp_path / "other"
    other.touch()
    assert identity(path) == first
    other.rename(path)
    assert identity(path) not in (None, first)
