"""The program with the small archive, indexed once for all tests that only read."""

from pathlib import Path

import pytest

from tests.blog import Blog
from tests.commands import Matome
from tests.conftest import write_small_blog


@pytest.fixture(scope="package")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Matome:
    """The program, synced; tests must not change the archive nor the index."""
    directory: Path = tmp_path_factory.mktemp("indexed")
    write_small_blog(Blog(directory / "blog"))
    matome = Matome(str(directory / "blog"), directory / "data", directory)
    done = matome("sync")
    assert (done.status, done.out) == (0, "added 4, changed 0, removed 0, refused 0\n")
    return matome
