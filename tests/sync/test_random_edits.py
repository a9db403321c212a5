"""After any sequence of edits and syncs the index equals one that is built from scratch."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from bot.app import opened_index
from bot.running.syncing import index_path, synchronise
from bot.search.query import parse
from bot.search.search import find
from bot.settings import Settings
from tests.blog import Blog, Fold, Quote, page, raw_post
from tests.conftest import settings_of
from tests.contents import served

POSTS = 5
WORDS = (
    "メモリ帯域",
    "gpu",
    "サーバー",
    "wi-fi",
    "Kubernetes",
    "古い本",
    "C++",
    "ＡＩ",
    "e-mail",
    "",
)
COLOURS = ("", "#45d325", "#ff5c38")
TAGS = ("GPU", "Hacker News", "AI", "open source", "Rust")
QUERIES = (
    "gpu",
    "メモリ帯域",
    "kubernetes",
    "tag:GPU",
    "user:bob",
    "is:highlight",
    "in:title 題名",
)


@dataclass(slots=True)
class Post:
    """What stands in a raw post's file."""

    number: int
    title: int = 0
    date: int = 0
    tags: int = 1
    month: int = 0
    draft: bool = False
    broken: bool = False
    comments: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 0), (1, 1, 1)])

    @property
    def slug(self) -> str:
        return f"post_{self.number}"

    @property
    def path(self) -> str:
        return f"content/posts/2025_0{self.month + 1}/{self.slug}/index.md"

    def text(self) -> str:
        quotes = [
            Quote(f"{WORDS[word]}と{WORDS[-1 - word]}", ("alice", "bob")[user], colour=COLOURS[hue])
            for word, user, hue in self.comments
        ]
        folded: list[str | Quote | Fold] = [*quotes[:2]]
        if quotes[2:]:
            folded.append(Fold(quotes[2:]))
        return raw_post(
            f"題名{self.title} {WORDS[self.title]}",
            folded,
            tags=[tag for bit, tag in enumerate(TAGS) if self.tags >> bit & 1],
            date=f"2025-0{self.date % 9 + 1}-10T00:00:00",
            item=10 + self.number,
            draft=self.draft,
        )

    def page(self) -> str:
        """The rendered page of a post with this title."""
        return page(f"題名{self.title} {WORDS[self.title]}", ["頁"], item=10 + self.number,
                    tags=["Hacker", "News", "open", "source"])  # fmt: skip


class Edited:
    """An archive that is edited, and beside it one that never was: the same in good files only."""

    def __init__(self, directory: Path) -> None:
        self.blog = Blog(directory / "blog")
        self.directory = directory
        self.posts: dict[int, Post] = {}
        # Post 0 is always there and sound: an archive without any post is not believed.
        self.edit("add", 0, 0)
        # The last good text of each raw post that a sync has seen, by slug.
        self.seen: dict[str, tuple[str, str]] = {}
        self.settings = settings_of(self.blog.root, directory / "data")

    def edit(self, kind: str, number: int, value: int) -> None:
        post = self.posts.get(number)
        if kind == "add" and post is None:
            self.posts[number] = post = Post(number, title=value, date=value)
        if post is None:
            return
        extra = self.blog.root / f"content/posts/zz/{post.slug}/index.md"
        match kind:
            case "comment":
                post.comments[value % len(post.comments) :][:1] = []
                at = value % len(post.comments)
                post.comments[at] = (value, value % 2, value % 3)
            case "more":
                post.comments += [(value, number % 2, n % 3) for n in range(value * 2)]
            case "fewer":
                del post.comments[max(1, len(post.comments) - value) :]
            case "reorder":
                post.comments.reverse()
            case "title":
                post.title = value
            case "tags":
                post.tags = value * 3 % 32
            case "date":
                post.date = value
            case "draft":
                post.draft = not post.draft
            case "move":
                if not post.broken:
                    self._unlink(post.path)
                    post.month = value % 3
            case "break":
                post.broken = number > 0 and post.slug in self.seen and not extra.exists()
            case "mend":
                post.broken = False
            case "remove":
                if number > 0:
                    self._unlink(post.path)
                    self.seen.pop(post.slug, None)
                    del self.posts[number]
                    return
            case "page":
                path = f"content/posts/pages/page_{number}.txt"
                if (self.blog.root / path).exists() and value % 2:
                    self._unlink(path)
                else:
                    self.blog.write(path, post.page())
            case "double":
                if extra.exists():
                    self._unlink(str(extra.relative_to(self.blog.root)))
                elif not post.broken:
                    double = Post(number, title=value, comments=[(value, 0, 0)])
                    self.blog.write(str(extra.relative_to(self.blog.root)), double.text())
        self.blog.write(post.path, "+++\nbroken" if post.broken else post.text())

    def _unlink(self, path: str) -> None:
        (self.blog.root / path).unlink()

    async def sync(self) -> None:
        await synchronise(self.settings)
        for post in self.posts.values():
            if not post.broken:
                self.seen[post.slug] = (post.path, post.text())

    async def from_scratch(self) -> Settings:
        """An index of the same archive, where broken files are as they were before."""
        copy = Blog(self.directory / "copy")
        for file in self.blog.root.rglob("*"):
            if file.is_file():
                copy.write(str(file.relative_to(self.blog.root)), file.read_bytes())
        for post in self.posts.values():
            if post.broken:
                (copy.root / post.path).unlink()
                copy.write(*self.seen[post.slug])
        settings = settings_of(copy.root, self.directory / "scratch")
        await synchronise(settings)
        return settings


async def answers(settings: Settings) -> dict[str, set[tuple[str, int | None]]]:
    """What searches find."""
    found = {}
    async with opened_index(settings) as index:
        for query in QUERIES:
            results = await find(index, parse(query), limit=1000)
            found[query] = {(hit.slug, hit.number) for hit in results.hits}
    return found


EDITS = st.tuples(
    st.sampled_from(
        [
            "add", "add", "comment", "comment", "more", "fewer", "reorder", "title", "tags", "date",
            "draft", "move", "break", "mend", "remove", "page", "page", "double", "sync", "sync",
        ]
    ),
    st.integers(0, POSTS - 1),
    st.integers(0, 9),
)  # fmt: skip


@configured(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(EDITS, min_size=5, max_size=30))
def test_after_any_edits_the_index_equals_one_from_scratch(
    edits: list[tuple[str, int, int]],
) -> None:
    async def check(directory: Path) -> None:
        edited = Edited(directory)
        for kind, number, value in edits:
            if kind == "sync":
                await edited.sync()
            else:
                edited.edit(kind, number, value)
        await edited.sync()
        fresh = await edited.from_scratch()
        assert served(index_path(edited.settings)) == served(index_path(fresh))
        assert await answers(edited.settings) == await answers(fresh)

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(check(Path(name)))
