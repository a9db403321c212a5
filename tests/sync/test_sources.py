"""Which files of a directory may be posts, and what a setting names."""

import os
import sys
from pathlib import Path

import pytest

from bot.archive.credentials import without_password
from bot.archive.files import Archive
from bot.archive.git import GitSource
from bot.archive.sources import DirectorySource, source_of
from bot.archive.worker import Job, read_files
from bot.errors import ArchiveError
from tests.blog import Blog, raw_post


def paths(blog: Blog) -> list[str]:
    return [file.path for file in Archive(blog.root).files()]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["content/posts/a/index.md", "content/about.md", "x.md"], ["content/posts/a/index.md"]),
        (["content/a/index.md", "x.md"], ["content/a/index.md"]),
        (["a/index.md", "x.md", "page.txt"], ["a/index.md", "page.txt", "x.md"]),
        (["a/_index.md", "a/b.md"], ["a/b.md"]),
        (["a/index.md", "a/part.md", "a/notes.txt", "a/deeper/b.md"], ["a/index.md"]),
        ([".git/a.md", ".hidden.md", "a/.obsidian/b.md", "a/b.md"], ["a/b.md"]),
        (["a.html", "a.jpg", "a.md~", "a.markdown", "md"], []),
        (["index.md/a.md"], ["index.md/a.md"]),
        (["b.md", "a.md", "B.md", "a/z.md"], ["B.md", "a.md", "a/z.md", "b.md"]),
    ],
    ids=str,
)
def test_the_files_that_may_be_posts(blog: Blog, written: list[str], expected: list[str]) -> None:
    for path in written:
        blog.write(path, raw_post())
    assert paths(blog) == expected


def test_a_link_is_followed_neither_to_a_file_nor_to_a_directory(
    blog: Blog, tmp_path: Path
) -> None:
    outside = Blog(tmp_path / "outside")
    outside.write("secret/index.md", raw_post())
    blog.write("a/index.md", raw_post())
    (blog.root / "link").symlink_to(outside.root)
    (blog.root / "link.md").symlink_to(outside.root / "secret/index.md")
    (blog.root / "loop").symlink_to(blog.root)
    (blog.root / "b").mkdir()
    (blog.root / "b/index.md").symlink_to(outside.root / "secret/index.md")
    blog.write("b/other.md", raw_post())
    assert paths(blog) == ["a/index.md", "b/other.md"]


@pytest.mark.parametrize("link", ["content", "content/posts"])
def test_the_place_of_posts_is_no_link_either(blog: Blog, tmp_path: Path, link: str) -> None:
    outside = Blog(tmp_path / "outside")
    outside.write("posts/secret.md", raw_post())
    outside.write("secret.md", raw_post())
    blog.write("public.md", raw_post())
    (blog.root / link).parent.mkdir(exist_ok=True)
    (blog.root / link).symlink_to(outside.root)
    assert paths(blog) == (["public.md"] if link == "content" else [])


def test_a_directory_that_became_a_link_is_not_followed(blog: Blog, tmp_path: Path) -> None:
    outside = Blog(tmp_path / "outside")
    outside.write("post.md", raw_post("秘密"))
    blog.write("a/post.md", raw_post())
    jobs = [Job(file, None) for file in Archive(blog.root).files()]
    (blog.root / "a").rename(blog.root / "b")
    (blog.root / "a").symlink_to(outside.root)
    (reading,) = read_files(blog.root, jobs, (), lambda post, rendered: post)
    assert (reading.prepared, reading.refused is None) == (None, False)


def test_directories_may_lie_deeper_in_each_other_than_calls(blog: Blog) -> None:
    blog.root.mkdir()
    made = [blog.root]
    for _ in range(sys.getrecursionlimit() + 200):
        made.append(made[-1] / "d")
        made[-1].mkdir()
    post = made[-1] / "index.md"
    post.write_text(raw_post())
    try:
        assert paths(blog) == [str(post.relative_to(blog.root))]
    finally:
        # Python's own way of removing them is made of calls.
        post.unlink()
        for directory in reversed(made[1:]):
            directory.rmdir()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("hugo.toml", 'baseURL = "https://blog.example/"', "https://blog.example/"),
        ("config.toml", 'baseurl = "http://blog.example/sub"', "http://blog.example/sub/"),
        ("config/_default/hugo.toml", 'baseURL = "https://a.example"', "https://a.example/"),
        ("hugo.toml", 'baseURL = "/"', None),
        ("hugo.toml", "baseURL = 3", None),
        ("hugo.toml", "no toml", None),
        ("hugo.toml", "a = " + "[" * 5000, None),
        ("hugo.toml", b"\xff\xfe", None),
        ("other.toml", 'baseURL = "https://blog.example/"', None),
    ],
)
def test_the_site_is_taken_from_the_configuration_of_the_blog(
    blog: Blog, name: str, text: str | bytes, expected: str | None
) -> None:
    blog.write(name, text)
    assert Archive(blog.root).base_url() == expected


@pytest.mark.parametrize("what", ["link", "pipe", "endless", "directory", "huge"])
def test_a_configuration_is_an_ordinary_file(blog: Blog, tmp_path: Path, what: str) -> None:
    address = 'baseURL = "https://elsewhere.example/"\n'
    blog.write("config.toml", 'baseURL = "https://blog.example/"')
    config = blog.root / "hugo.toml"
    match what:
        case "link":
            (tmp_path / "outside.toml").write_text(address)
            config.symlink_to(tmp_path / "outside.toml")
        case "pipe":
            os.mkfifo(config)
        case "endless":
            config.symlink_to("/dev/zero")
        case "directory":
            config.mkdir()
        case "huge":
            with config.open("w") as file:
                file.write(address)
                file.truncate(2**40)
    assert Archive(blog.root).base_url() == "https://blog.example/"


@pytest.mark.parametrize(
    ("setting", "url", "branch"),
    [
        ("git+https://example.org/blog.git", "https://example.org/blog.git", None),
        ("git+https://example.org/blog.git#main", "https://example.org/blog.git", "main"),
        ("git+git@example.org:blog.git#a/b", "git@example.org:blog.git", "a/b"),
        ("git+file:///srv/blog", "file:///srv/blog", None),
        ("git+/srv/blog#", "/srv/blog", None),
    ],
)
def test_a_git_address_may_name_a_branch(
    tmp_path: Path, setting: str, url: str, branch: str | None
) -> None:
    source = source_of(setting, tmp_path)
    assert isinstance(source, GitSource)
    assert (source.url, source.branch) == (url, branch)


@pytest.mark.parametrize(
    "setting",
    [
        "git+",
        "git+#main",
        "git+--upload-pack=touch /tmp/owned",
        "git+-oProxyCommand=x",
        "git+https://u:secret@example.org/x#--upload-pack=x",
        "git+http://[u:secret@example.org",
        "https://u:secret@example.org/blog.git",
        "ssh://u:secret@example.org/blog.git",
    ],
)
def test_what_is_no_git_address_is_refused_without_its_password(
    tmp_path: Path, setting: str
) -> None:
    with pytest.raises(ArchiveError) as raised:
        source_of(setting, tmp_path)
    assert raised.value.key == "archive.bad_git_url"
    assert "secret" not in str(raised.value)


def test_anything_else_is_a_directory(tmp_path: Path) -> None:
    assert source_of("/srv/a+b", tmp_path) == DirectorySource(Path("/srv/a+b"))
    assert source_of("~/blog", tmp_path) == DirectorySource(Path.home() / "blog")
    assert source_of("~nobody-of-this-name/x", tmp_path) == DirectorySource(
        Path("~nobody-of-this-name/x")
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@example.org/x.git", "https://example.org/x.git"),
        ("https://token@example.org:8443/x.git", "https://example.org:8443/x.git"),
        ("https://u:p%40@q@example.org/x", "https://example.org/x"),
        ("ssh://git@example.org/x", "ssh://git@example.org/x"),
        ("ssh://git:p@example.org/x", "ssh://example.org/x"),
        ("git@example.org:x.git", "git@example.org:x.git"),
        ("/srv/x", "/srv/x"),
        ("https://example.org/a@b", "https://example.org/a@b"),
        ("http://[u:p@example.org", "http://example.org"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown


def test_two_branches_of_a_repository_are_two_archives(tmp_path: Path) -> None:
    sources = [source_of(f"git+https://u:p@x.example/a{end}", tmp_path) for end in ("", "#b")]
    assert len({source.name for source in sources}) == 2
    assert len({source.directory for source in sources}) == 2
    assert not any("p@" in source.name for source in sources)
