"""Comments in threads after thousands of presses by many people at once, with restarts.

Each comment has to be in the thread of its digest once, as a whole and in its order.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from adapters.console.limits import LIMITS
from adapters.console.platform import CHANNEL, NAME
from benchmarks.bench import Bench
from benchmarks.figures import Figure, Row, at_most
from benchmarks.town import Recorder, Town, open_town, recorder
from bot.chat.context import Context, Frame
from bot.content.shown import shown
from bot.intent import Unfold
from bot.locales import Texts
from bot.model import Post
from bot.outbox import Outcome, delivery_key
from bot.ports import Index
from bot.view import Action, Effect, Paragraph, Quote, Run, View
from storage.index.reader import open_reader

PRESSES, QUICK_PRESSES = 10_000, 1_000
PEOPLE = 100
DIGESTS, POSTS_EACH = 4, 5
RESTARTS, QUICK_RESTARTS = 20, 5
# Rather long ones, which take many messages.
COMMENTS = 60


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people press how often, and how often the bot is stopped in the middle."""

    people: int
    presses: int
    restarts: int


@dataclass(slots=True)
class Seen:
    """What came of it; `faults` says in words what is not as it should be."""

    messages: int = 0
    comments: int = 0
    presses: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Pressing:
    """What has been pressed so far: sections of posts, and of these what was answered."""

    left: int
    random: Random
    tried: set[tuple[str, int]] = field(default_factory=set)
    answered: set[tuple[str, int]] = field(default_factory=set)


def measure(bench: Bench) -> Iterator[Row]:
    """The faults of one evening."""
    crowd = Crowd(
        PEOPLE,
        QUICK_PRESSES if bench.quick else PRESSES,
        QUICK_RESTARTS if bench.quick else RESTARTS,
    )
    started = time.perf_counter()
    seen = asyncio.run(_evening(bench, crowd))
    yield Figure(
        "comments not once in their thread, in order",
        len(seen.faults),
        "",
        goal=at_most(0),
        note=(
            f"{seen.presses} presses by {crowd.people} people, {crowd.restarts} restarts, "
            f"{seen.comments} comments in {seen.messages} messages, "
            f"{time.perf_counter() - started:.0f} s"
        ),
        details={"faults": seen.faults[:20]},
    )


async def _evening(bench: Bench, crowd: Crowd) -> Seen:
    async with open_reader(bench.index) as reader:
        every = [post async for post in reader.export()]
        long = [post for post in every if not post.draft and len(post.comments) >= COMMENTS]
        posts = Random(5).sample(long or every, min(DIGESTS * POSTS_EACH, len(long or every)))  # noqa: S311
        return await crowded(reader, bench.temporary / "unfolding.sqlite3", posts, crowd)


async def crowded(index: Index, state: Path, posts: Sequence[Post], crowd: Crowd) -> Seen:
    """Let people press at random, stop the bot now and then, and look at what has come of it."""
    platform = recorder()
    pressing = _Pressing(crowd.presses, Random(11))  # noqa: S311 (the same each time)
    numbers: dict[str, int] = {}
    for stops in range(crowd.restarts + 1):
        until = crowd.presses * (crowd.restarts - stops) // (crowd.restarts + 1)
        async with open_town(state, index, platform) as town:
            if not numbers:
                numbers = await _digests(town, posts)
            people = [
                asyncio.create_task(_press(town, person, posts, numbers, pressing, until))
                for person in range(crowd.people)
            ]
            if stops == crowd.restarts:
                await asyncio.gather(*people)
                await _finished(town)
            else:
                # In the middle of what all others are doing.
                await asyncio.wait(people, return_when=asyncio.FIRST_COMPLETED)
                for task in people:
                    task.cancel()
                await asyncio.gather(*people, return_exceptions=True)
    return _seen(platform, posts, pressing, crowd.presses)


async def _digests(town: Town, posts: Sequence[Post]) -> dict[str, int]:
    """Send the digests; of each post the number of its digest."""
    numbers: dict[str, int] = {}
    for digest in range(DIGESTS):
        keys = [post.key for post in posts[digest::DIGESTS]]
        row = await town.digest(f"digest{digest}", keys)
        numbers |= dict.fromkeys(keys, row.id)
    return numbers


async def _press(
    town: Town,
    person: int,
    posts: Sequence[Post],
    numbers: dict[str, int],
    pressing: _Pressing,
    until: int,
) -> None:
    """Press one button after the other, until there are so many presses left."""
    random = pressing.random
    while pressing.left > until:
        pressing.left -= 1
        post = random.choice(posts)
        section = random.choice([None, *(s.number for s in post.sections if s.comments)])
        wanted = {
            (post.key, s.number)
            for s in post.sections
            if s.comments and section in (None, s.number)
        }
        pressing.tried |= wanted
        action = Action(Unfold(post.key, section, digest=numbers[post.key]), Effect.THREAD)
        code = (await town.chat.codes_of([action]))[action]
        await town.chat.pressed(code, _private(person))
        pressing.answered |= wanted


def _private(person: int) -> Context:
    """Where somebody presses a button of an answer of their own."""
    frame = Frame(Texts("ja"), LIMITS, can_share=True, can_thread=True)
    return Context(NAME, f"person{person}", CHANNEL, frame, frame, message=f"a{person}")


async def _finished(town: Town) -> None:
    """Wait until everything is there, and said to be there."""
    for digest in range(DIGESTS):
        there = await town.stores.outbox.on(delivery_key("thread", f"digest{digest}"))
        for row in there:
            done = await town.done(row.key, 120)
            assert done.outcome is Outcome.DONE, done
        if there:
            await town.done(delivery_key("refresh", f"digest{digest}"), 120)


def _seen(platform: Recorder, posts: Sequence[Post], pressing: _Pressing, presses: int) -> Seen:
    seen = Seen(presses=presses)
    found: list[tuple[str, int]] = []
    by_key = {post.key: post for post in posts}
    for reference in [posted.reference for posted in platform.posted[CHANNEL]]:
        views = platform.views(f"thread:{reference}")
        seen.messages += len(views)
        here = _sections(views, by_key)
        found += [place for place, _ in here]
        for (key, section), quotes in here:
            comments = [c for c in by_key[key].comments if c.section == section]
            seen.comments += len(comments)
            expected = [(c.number, _text(shown(c.body))) for c in comments]
            if _joined(quotes) != expected:
                seen.faults.append(f"section {section} of {key} is not as in the archive")
        if here and "展開済み" not in _words(platform.shown[reference].view):
            seen.faults.append(f"{reference} does not say that it is unfolded")
    if len(set(found)) < len(found):
        seen.faults.append("a section is there twice, or in pieces")
    seen.faults += [f"{place} is missing" for place in pressing.answered - set(found)]
    seen.faults += [f"{place} was not asked for" for place in set(found) - pressing.tried]
    return seen


def _sections(
    views: Sequence[View], posts: dict[str, Post]
) -> list[tuple[tuple[str, int], list[Quote]]]:
    """The quotes of a thread, those of a section together as long as no other comes between."""
    found: list[tuple[tuple[str, int], list[Quote]]] = []
    for quote in (block for view in views for block in view.blocks if isinstance(block, Quote)):
        place = quote.post, posts[quote.post].comments[quote.number - 1].section
        if not found or found[-1][0] != place:
            found.append((place, []))
        found[-1][1].append(quote)
    return found


def _joined(quotes: Sequence[Quote]) -> list[tuple[int, str]]:
    """The comments of quotes, those that go on over several put together again."""
    comments: list[tuple[int, str]] = []
    for quote in quotes:
        if quote.continues and comments and comments[-1][0] == quote.number:
            comments[-1] = (quote.number, comments[-1][1] + _text(quote.text))
        else:
            comments.append((quote.number, _text(quote.text)))
    return comments


def _text(text: Sequence[object]) -> str:
    return "".join(run.text for run in text if isinstance(run, Run))


def _words(view: View) -> str:
    return "".join(_text(block.text) for block in view.blocks if isinstance(block, Paragraph))
