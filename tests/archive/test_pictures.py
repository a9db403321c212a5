"""Which pictures of an archive are found and read, and which names lead nowhere."""

import os
import socket
from pathlib import Path

import pytest

from bot.archive.pictures import MAX_PICTURE_BYTES, ArchivePictures, places
from bot.ports import Picture
from tests.blog import Blog
from tests.pictures import GIF, JPEG_BEGINNING, WEBP, png

POST = "content/posts/2025_06/gpu/index.md"
BESIDE = "content/posts/2025_06/gpu"


@pytest.fixture
def pictures(blog: Blog) -> ArchivePictures:
    blog.root.mkdir()
    return ArchivePictures(blog.root)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("thumbnails/red.png", "static/thumbnails/red.png"),
        ("/thumbnails/red.png", "static/thumbnails/red.png"),
        ("thumbnails/red.png", "assets/thumbnails/red.png"),
        ("/thumbnails/red.png", "assets/thumbnails/red.png"),
        ("red.png", f"{BESIDE}/red.png"),
        ("images/red.png", f"{BESIDE}/images/red.png"),
        ("絵 (1)％𠮷é.png", "static/絵 (1)％𠮷é.png"),
    ],
)
async def test_a_picture_is_found_where_hugo_looks(
    blog: Blog, pictures: ArchivePictures, name: str, path: str
) -> None:
    assert await pictures.find(POST, name) is None
    blog.write(path, png(255))
    assert await pictures.find(POST, name) == path
    assert await pictures.read(path) == Picture("png", png(255))


async def test_what_lies_beside_a_post_comes_first(blog: Blog, pictures: ArchivePictures) -> None:
    for path in (f"{BESIDE}/a.png", "assets/a.png", "static/a.png"):
        blog.write(path, png())
    assert await pictures.find(POST, "a.png") == f"{BESIDE}/a.png"
    assert await pictures.find(POST, "/a.png") == "assets/a.png"
    # A post that is no directory has nothing beside it, as Hugo has it.
    assert await pictures.find(f"{BESIDE}.md", "a.png") == "assets/a.png"
    assert next(iter(places("index.md", "a.png"))) == "a.png"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(), "png"),
        (JPEG_BEGINNING, "jpg"),
        (GIF, "gif"),
        (GIF[:4] + b"7a", "gif"),
        (WEBP, "webp"),
    ],
)
async def test_the_first_bytes_say_what_it_is(
    blog: Blog, pictures: ArchivePictures, data: bytes, kind: str
) -> None:
    blog.write("static/a.dat", data)
    assert await pictures.read("static/a.dat") == Picture(kind, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b"not a picture at all",
        "絵".encode(),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"GIF88a",
        b"BM\0\0\0\0",
        b"%PDF-1.4 ",
        png() + b"\0" * MAX_PICTURE_BYTES,
        png() + b"\0" * 50 * 2**20,
    ],
    ids=lambda data: f"{data[:8]!r}, {len(data)}",
)
async def test_what_is_no_picture_or_too_large_is_none(
    blog: Blog, pictures: ArchivePictures, data: bytes
) -> None:
    blog.write("static/a.jpg", data)
    assert await pictures.find(POST, "a.jpg") is None
    assert await pictures.read("static/a.jpg") is None


async def test_the_largest_picture_is_read_whole(blog: Blog, pictures: ArchivePictures) -> None:
    data = png() + b"\0" * (MAX_PICTURE_BYTES - len(png()))
    blog.write("static/a.png", data)
    assert await pictures.read("static/a.png") == Picture("png", data)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        ".",
        "..",
        "../secret.png",
        "a/../../secret.png",
        "a/./b.png",
        "//secret.png",
        "/../secret.png",
        ".git/secret.png",
        ".hidden.png",
        "a//b.png",
        "a.png/",
        "https://a.example/a.png",
        "//a.example/a.png",
        "data:image/png;base64,AAAA",
        "a\0.png",
        "x" * 300,
        "a/" * 3000 + "b.png",
        "\ud800.png",
        "..\\secret.png",
        "~/secret.png",
    ],
)
async def test_a_name_never_leads_out_nor_fails(
    blog: Blog, pictures: ArchivePictures, tmp_path: Path, name: str
) -> None:
    for path in ("../secret.png", "secret.png", "static/.hidden.png", "static/.git/secret.png"):
        blog.write(path, png())
    assert await pictures.find(POST, name) is None
    assert await pictures.read(f"static/{name}") is None


async def test_an_absolute_path_is_one_of_the_site(
    blog: Blog, pictures: ArchivePictures, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    assert await pictures.find(POST, str(secret)) is None
    assert await pictures.read(str(secret)) is None


async def test_links_are_not_followed(
    blog: Blog, pictures: ArchivePictures, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/a.png").write_bytes(png())
    blog.write("static/here.png", png())
    (blog.root / "static/file.png").symlink_to(tmp_path / "secret/a.png")
    (blog.root / "static/inside.png").symlink_to("here.png")
    (blog.root / "static/out").symlink_to(tmp_path / "secret")
    (blog.root / "assets").symlink_to(tmp_path / "secret")
    for name in ("file.png", "inside.png", "out/a.png", "a.png"):
        assert await pictures.find(POST, name) is None
    assert await pictures.find(POST, "here.png") is not None


async def test_what_is_no_file_is_none(blog: Blog, pictures: ArchivePictures) -> None:
    (blog.root / "static/a.png").mkdir(parents=True)
    os.mkfifo(blog.root / "static/b.png")
    # The address of a socket is short, so it is made where it lies.
    with socket.socket(socket.AF_UNIX) as listening:
        descriptor = os.open(blog.root / "static", os.O_RDONLY)
        try:
            listening.bind(f"/proc/self/fd/{descriptor}/c.png")
        finally:
            os.close(descriptor)
        for name in ("a.png", "b.png", "c.png"):
            assert await pictures.find(POST, name) is None
            assert await pictures.read(f"static/{name}") is None


async def test_what_may_not_be_read_or_has_gone_is_none(
    blog: Blog, pictures: ArchivePictures, tmp_path: Path
) -> None:
    file = blog.write("static/a.png", png())
    path = await pictures.find(POST, "a.png")
    assert path is not None
    file.unlink()
    assert await pictures.read(path) is None
    assert await ArchivePictures(tmp_path / "not there yet").find(POST, "a.png") is None


async def test_no_file_is_left_open(blog: Blog, pictures: ArchivePictures) -> None:
    blog.write("static/a.png", png())
    (blog.root / "static/b.png").mkdir()
    blog.write("static/c.png", b"text")
    before = opened()
    for name in ("a.png", "b.png", "c.png", "d.png", "a.png/e.png"):
        for _ in range(20):
            await pictures.find(POST, name)
            await pictures.read(f"static/{name}")
    # The event loop's threads may have some of their own.
    assert opened() <= before + 5


def opened() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
