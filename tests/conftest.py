"""What tests of several areas share: a small archive, settings on it, an index, the program."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.cli.logs import route_events
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings, load
from storage.index.reader import IndexReader, open_reader
from tests.blog import Blog, Fold, Quote, raw_post
from tests.commands import Matome
from tests.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="session", autouse=True)
def events_are_logged() -> None:
    """Events take the way of the standard library, where pytest looks for them."""
    route_events()


@pytest.fixture
def blog(tmp_path: Path) -> Blog:
    """An archive that has no posts yet."""
    return Blog(tmp_path / "blog")


@pytest.fixture
def small_blog(blog: Blog) -> Blog:
    """An archive of four posts: two of June, one of May, a draft."""
    write_small_blog(blog)
    return blog


@pytest.fixture
def settings(blog: Blog, tmp_path: Path) -> Settings:
    """The settings for the archive, with a directory of their own for the data."""
    return settings_of(blog.root, tmp_path / "data")


@pytest.fixture
async def index(small_blog: Blog, settings: Settings) -> AsyncIterator[IndexReader]:
    """The index of the small archive, for reading."""
    await synchronise(settings)
    async with open_reader(index_path(settings)) as reader:
        yield reader


@pytest.fixture
def matome(blog: Blog, tmp_path: Path) -> Matome:
    """The program for the archive."""
    return Matome(str(blog.root), tmp_path / "data", tmp_path)


def settings_of(archive: Path | str, data: Path) -> Settings:
    """Settings of which only the two places are given."""
    given = {"MATOME_ARCHIVE": str(archive), "MATOME_DATA": str(data)}
    return load(given, data / "no.env")


def write_small_blog(blog: Blog) -> None:
    """Write the posts of the small archive."""
    blog.write("hugo.toml", 'baseURL = "https://blog.example/"\n')
    blog.post(
        "2025_06_10_gpu_memory",
        raw_post(
            "GPUのメモリは遅い？",
            [
                Quote("メモリ帯域が足りない。<br>二行目", "alice", colour="#45d325"),
                Quote("NVIDIAのGPUを買った", "bob", "2025/06/10 18:59:45"),
                Fold([Quote("畳まれたコメント", "carol", colour="#ff5c38")]),
            ],
            tags=["GPU", "ハードウェア", "Hacker News"],
            date="2025-06-10T00:00:00",
            item=101,
        ),
    )
    blog.post(
        "2025_06_02_wifi",
        raw_post(
            "家のWi-Fiを直す",
            ["ルーターを替えた", "古いGPUを売ってルーターを買った"],
            tags=["ネットワーク"],
            date="2025-06-02T00:00:00",
            item=102,
        ),
    )
    blog.post(
        "2025_05_20_rust",
        raw_post(
            "Rustで書き直した結果",
            ["コンパイルが長い", "借用検査は友達"],
            tags=["Rust", "プログラミング"],
            date="2025-05-20T00:00:00",
            item=103,
        ),
        month="2025_05",
    )
    blog.post(
        "2025_06_11_draft",
        raw_post(
            "下書きのGPU記事",
            ["まだ出さないGPU"],
            date="2025-06-11T00:00:00",
            item=104,
            draft=True,
        ),
    )
