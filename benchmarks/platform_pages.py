"""Whether what a platform is sent, read as its clients read it, is what `matome export` says.

Every post with all its pages and its thread, the results of many queries, a digest for every day.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from random import Random
from typing import Any

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most
from benchmarks.pages import exported_bodies
from benchmarks.queries import SEED, draw
from bot.chat.codes import Codes
from bot.chat.compose import compose
from bot.chat.context import Frame
from bot.chat.library import Library
from bot.chat.unfolding import thread_views
from bot.chat.views.digest import Digest, digest_view, posts_of
from bot.content.shown import shown
from bot.intent import OpenPost, ReadComments, Search, Unfold
from bot.locales import Texts
from bot.model import Post
from bot.ports import Index
from bot.view import Action, Heading, Item, Limits, Paragraph, Quote, Run, Text, View
from storage.index.reader import open_reader

NOW = datetime(2025, 7, 1, tzinfo=UTC)
SITE = "https://blog.example/"
QUERIES, QUICK_QUERIES = 500, 50
QUICK_STEP = 20
SHOWN = 20
# Posts of a digest that are shown with a quote; the others are named.
IN_DIGEST = 5
# The head of a comment, with or without a sign of a colour before it.
_NUMBER = re.compile(r"(?:\S )?#(\d+) ")


@dataclass(frozen=True, slots=True)
class Sent:
    """What is seen of a message, text by text; what breaks a limit or mentions somebody in it."""

    texts: Sequence[str]
    over: Sequence[str]
    mentions: Sequence[str]
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """A platform: what a message holds there, and what its clients make of a view that is sent.

    `alike` gives signs that look the same one form, for where a sign cannot be written.
    """

    name: str
    limits: Limits
    sent: Callable[[View, Mapping[Action, str], Texts], Sent]
    alike: Callable[[str], str] = str


@dataclass(slots=True)
class Seen:
    """What was sent, and what is wrong with it in words."""

    messages: int = 0
    comments: int = 0
    alike: int = 0
    longest: int = 0
    over: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)


class _Kept:
    """Keeps the payloads of long codes for as long as it lives."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """Keep payloads."""
        self._kept |= payloads

    async def payload(self, key: str, now: datetime) -> str | None:
        """What is kept."""
        return self._kept.get(key)


class Wire:
    """Sends views nowhere, and reads what would have been sent."""

    def __init__(self, index: Index, form: Form) -> None:
        self.library = Library(index, SITE, Random(1))  # noqa: S311
        self.frame = Frame(Texts("ja"), form.limits, can_share=True, can_thread=True)
        self.seen = Seen()
        self._form = form
        self._codes = Codes(_Kept())

    async def send(self, view: View, about: str) -> Sequence[str]:
        """Send a view; returns what its texts show."""
        codes = await self._codes.encode(view.actions(), NOW)
        sent = self._form.sent(view, codes, self.frame.texts)
        self.seen.messages += 1
        self.seen.longest = max(self.seen.longest, sent.characters)
        self.seen.over += [f"{about}: {finding}" for finding in sent.over]
        self.seen.mentions += [f"{about}: {mention}" for mention in sent.mentions]
        return sent.texts

    async def comments(self, post: Post, bodies: Sequence[tuple[int, str]]) -> None:
        """Read all comments of a post page by page, and in its thread, as those who press do."""
        for way, views in (
            ("pages", self._pages(post)),
            ("thread", self._thread(post)),
        ):
            about = f"{post.path}: {way}"
            found: list[tuple[int, str]] = []
            async for view in views:
                quotes = [block for block in view.blocks if isinstance(block, Quote)]
                # A heading of ours stands before the comments.
                seen = await self.send(view, about)
                found += map(_numbered, seen[len(seen) - len(quotes) :])
            self.seen.comments += len(bodies)
            self.seen.differing += [f"{about}: {fault}" for fault in differences(bodies, found)]

    async def _pages(self, post: Post) -> AsyncIterator[View]:
        intent: Any = ReadComments(post.key, post.comments[0].number)
        while intent is not None:
            view = await compose(self.library, intent, self.frame)
            yield view
            intent = None if view.more is None else view.more.intent

    async def _thread(self, post: Post) -> AsyncIterator[View]:
        for view in await thread_views(self.library, Unfold(post.key), self.frame):
            yield view

    async def same(self, view: View, about: str) -> None:
        """Send a view, and look whether every quote and item shows its words."""
        found = "\n".join(await self.send(view, about))
        alike = self._form.alike
        for wanted in map(_words, _texts_of(view)):
            if wanted.strip() in found:
                continue
            if alike(wanted.strip()) in alike(found):
                self.seen.alike += 1
            else:
                self.seen.differing.append(f"{about}: {wanted!r} is not shown")


def measured(bench: Bench, form: Form) -> Iterator[Row]:
    """Differences, limits broken and mentions over the whole archive."""
    queries = drawn_queries(bench, QUICK_QUERIES if bench.quick else QUERIES)
    seen, counts = asyncio.run(_measure(bench, form, queries))
    note = f"{counts}: {seen.messages} messages, {seen.comments} comments twice"
    if seen.alike:
        note += f", {seen.alike} titles and snippets with signs that look alike"
    if seen.longest:
        note += f", at most {seen.longest} characters"
    for name, faults in (
        (f"{form.name}: sent against export: differences", seen.differing),
        (f"{form.name}: limits broken", seen.over),
        (f"{form.name}: mentions", seen.mentions),
    ):
        yield Figure(
            name, len(faults), goal=at_most(0),
            note="".join([note, *(f"\n  {line}" for line in faults[:SHOWN])]),
            details={"faults": faults},
        )  # fmt: skip
        note = ""


async def _measure(bench: Bench, form: Form, queries: Sequence[str]) -> tuple[Seen, str]:
    bodies = exported_bodies(bench)
    step = QUICK_STEP if bench.quick else 1
    async with open_reader(bench.index) as reader:
        wire = Wire(reader, form)
        posts = [post async for post in reader.export() if not post.draft]
        bench.say(f"{form.name}: posts and their comments")
        for post in posts[::step]:
            await wire.same(await compose(wire.library, OpenPost(post.key), wire.frame), post.path)
            if post.comments:
                await wire.comments(post, bodies[post.path])
        bench.say(f"{form.name}: results")
        for query in queries:
            await wire.same(await compose(wire.library, Search(query), wire.frame), query)
        bench.say(f"{form.name}: digests")
        days = [(day, [*those]) for day, those in groupby(posts_by_day(posts), _day)]
        for day, those in days[::step]:
            await wire.same(await digest(wire, day, those), f"digest of {day}")
    counts = f"{len(posts[::step])} posts, {len(queries)} queries, {len(days[::step])} days"
    return wire.seen, counts


def drawn_queries(bench: Bench, count: int) -> list[str]:
    """Varied queries, the same each time."""
    queries: list[str] = []
    seed = SEED
    while len(queries) < count:
        queries += [asked.text for asked in draw(bench.entries, seed)]
        seed += 1
    return Random(3).sample(queries, count)  # noqa: S311


async def digest(wire: Wire, day: date, posts: Sequence[Post]) -> View:
    """The digest of the posts of a day."""
    featured, others = await posts_of(wire.library, [post.key for post in posts], IN_DIGEST)
    made = Digest(day, featured, others, number=1, subscription="abcdefgh")
    return digest_view(made, SITE, wire.frame)


def posts_by_day(posts: Sequence[Post]) -> list[Post]:
    """Posts in the order of their days."""
    return sorted(posts, key=lambda post: (_day(post), post.slug))


def differences(
    bodies: Sequence[tuple[int, str]], found: Sequence[tuple[int, str]]
) -> Iterator[str]:
    """In what the parts of comments (number, text) that were sent are not the bodies."""
    parts: dict[int, list[str]] = {}
    for number, text in found:
        parts.setdefault(number, []).append(text)
    if list(parts) != [number for number, _ in bodies]:
        yield f"comments {list(parts)}"
        return
    for number, written in bodies:
        wanted = _words(shown(written))
        if _joined(parts[number], wanted) != wanted:
            yield f"#{number}: shows {parts[number]!r} instead of {wanted!r}"


def _joined(parts: Sequence[str], wanted: str) -> str | None:
    """Parts put together; those that are cut have an ellipsis of ours, before white space."""
    if not wanted.strip() and parts == ["（本文なし）"]:
        return wanted
    at = 0
    for number, part in enumerate(parts):
        if not wanted.startswith(part, at) and number + 1 < len(parts):
            kept = part.rstrip()
            part = kept.removesuffix("\n…").removesuffix("…") + part[len(kept) :]
        if not wanted.startswith(part, at):
            return None
        at += len(part)
    return wanted[:at]


def _numbered(text: str) -> tuple[int, str]:
    """A comment by the number that it is shown with, and what stands below its head."""
    head, _, below = text.partition("\n")
    found = _NUMBER.match(head)
    return int(found[1]) if found is not None else 0, below


def _texts_of(view: View) -> Iterator[Text]:
    """Every text of a view, parted by the times in it."""
    for block in view.blocks:
        match block:
            case Heading(text) | Paragraph(text) | Quote(text=text):
                texts_here: tuple[Text, ...] = (text,)
            case Item(title, lines):
                texts_here = (title, *lines)
            case _:
                continue
        for text in texts_here:
            for is_run, runs in groupby(text, lambda run: isinstance(run, Run)):
                if is_run:
                    yield tuple(runs)


def _words(text: Text) -> str:
    return "".join(run.text for run in text if isinstance(run, Run))


def _day(post: Post) -> date:
    return post.date.date()
