"""Whether texts that mean harm stay texts in Discord: in every field, and typed by people.

Everything that can be reached is sent over the wire to a Discord on loopback, and read there as its
clients read it.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.bench import Bench
from benchmarks.discord_looks import HEAD, Found, Reader
from benchmarks.discord_reading import components, read
from benchmarks.evil_texts import EVIL, write_archive
from benchmarks.figures import Figure, Row, at_most
from benchmarks.platform_pages import differences
from bot.app import opened_bot, opened_index
from bot.chat.codes import effect_of
from bot.chat.floods import Floods
from bot.chat.visible import is_blank, one_line, visible
from bot.errors import UserError
from bot.locales import Texts
from bot.model import Post
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings, load
from bot.view import Effect
from storage.index.reader import open_reader
from tests.discord.running import logged_in
from tests.discord.server import Discord, NoAnswer, Player, Seen, opened_discord
from tests.discord.server.messages import texts as texts_of
from tests.discord.server.world import Message

QUICK_TEXTS, QUICK_PRESSES = 24, 200
# How much is pressed, of everything that there is to press.
PRESSES = 1_500
# A thread comes at the pace that Discord sets.
SECONDS = 180.0
SHOWN = 20


class Visitor:
    """A person who tries everything."""

    def __init__(self, discord: Discord, player: Player, reader: Reader) -> None:
        self._discord, self._player, self._reader = discord, player, reader
        self._waiting: list[tuple[Message, str]] = []
        self._pressed: set[str] = set()

    async def asks(self, query: str) -> None:
        """Type a query, as a command, and as a message."""
        with suppress(NoAnswer):
            self._look(await self._player.types("/matome", query=query), f"query {query[:60]!r}")
        for option in await self._player.completes("/matome", "query", query[:100]):
            assert len(option) <= 100

    async def says(self, text: str) -> None:
        """Write to the bot, alone with it and before others."""
        if not text.strip():
            return
        for player, to_bot in ((self._player.dm, False), (self._player, True)):
            seen = await player.says(text[:1900], to_bot=to_bot)
            self._look(seen, f"message {text[:60]!r}")

    async def presses(self, most: int) -> None:
        """Press so much of what has been seen, and of what comes then."""
        random = Random(2)  # noqa: S311
        while self._waiting and most:
            message, code = self._waiting.pop(random.randrange(len(self._waiting)))
            most -= 1
            self._look(await self._player.presses(message, code), f"press {code}")

    async def unfolds(self, post: Post) -> list[str]:
        """Share a post, and have all its comments in a thread; their texts."""
        text = Texts("ja")
        # Asked for by what only it has, its address.
        url = f"https://blog.example/{post.path.removesuffix('index.md').removeprefix('content/')}"
        seen = await self._player.types("/matome", query=url)
        self._look(seen, f"post {post.slug}")
        asked = await self._player.clicks(seen, text("chat.button.unfold"))
        self._look(asked, "unfolding")
        before = set(self._discord.channels)
        self._look(
            await self._player.clicks(asked, text("chat.button.share_and_unfold")), "unfolding"
        )

        def threads() -> list[Any]:
            new = [one for key, one in self._discord.channels.items() if key not in before]
            return [one for one in new if one.is_thread]

        def written() -> list[str]:
            messages = [message for one in threads() for message in one.messages.values()]
            every = [text for message in messages for text in texts_of(message.body)]
            return [text for text in every if HEAD.match(text)]

        def is_whole() -> bool:
            heads = {text.split(" ")[0] for text in written()}
            return len(heads) == len(post.comments)

        await self._discord.changes.until(is_whole, SECONDS)
        return written()

    def _look(self, seen: Seen, about: str) -> None:
        self._reader.found.asked += 1
        if seen.message is None:
            return
        self._reader.message(seen.message.body, about)
        for one in components(seen.message.body):
            codes = [one.get("custom_id"), *(o["value"] for o in one.get("options", ()))]
            for code in codes:
                if code and not one.get("disabled") and code not in self._pressed and _looks(code):
                    self._pressed.add(code)
                    self._waiting.append((seen.message, code))


def _looks(code: str) -> bool:
    with suppress(UserError):
        return effect_of(code) in (Effect.REPLACE, Effect.OPEN)
    return False


def measure(bench: Bench) -> Iterator[Row]:
    """Mentions, broken layouts, and texts that pose as others."""
    evil = EVIL[:: len(EVIL) // QUICK_TEXTS] if bench.quick else EVIL
    presses = QUICK_PRESSES if bench.quick else PRESSES
    bench.say(f"discord: {len(evil)} texts that mean harm")
    found = asyncio.run(tried(bench.temporary / "evil", evil, presses))
    note = f"{len(evil)} texts, {found.messages} messages read"
    for name, faults in (
        ("mentions", found.mentions),
        ("broken layouts, or over limits", found.broken),
        ("looks like another's", found.posing),
    ):
        yield Figure(
            f"discord, adversarial texts: {name}", len(faults), goal=at_most(0),
            note="".join([note, *(f"\n  {line}" for line in faults[:SHOWN])]),
            details={"faults": faults},
        )  # fmt: skip
        note = ""


async def tried(directory: Path, evil: Sequence[str], presses: int) -> Found:
    """Everything that people can reach of an archive of such texts, read as they see it."""
    write_archive(directory / "blog", evil)
    given = {"MATOME_ARCHIVE": str(directory / "blog"), "MATOME_DATA": str(directory / "data")}
    settings = load(given, directory / "no.env")
    await synchronise(settings)
    async with open_reader(index_path(settings)) as index:
        posts = [post async for post in index.export()]
    users: dict[int, set[str]] = {}
    for comment in (comment for post in posts for comment in post.comments):
        name = one_line(comment.user)
        name = Texts("ja")("chat.nobody") if is_blank(name) else name
        users.setdefault(comment.number, set()).add(name)
    async with opened_discord() as discord:
        reader = Reader(users)
        await _try(discord, settings, reader, posts, evil, presses)
        for entry in discord.journal:
            if not entry.private and entry.what != "said":
                reader.message(entry.body, f"{entry.what} in a channel")
        reader.found.mentions += [
            f"{entry.what} pings"
            for entry in discord.journal
            if entry.pings and entry.what != "said"
        ]
        reader.found.broken += [str(one) for one in discord.refusals]
        reader.found.broken += [*discord.unknown_routes, *discord.odd_bodies]
    return reader.found


async def _try(
    discord: Discord,
    settings: Settings,
    reader: Reader,
    posts: Sequence[Post],
    evil: Sequence[str],
    presses: int,
) -> None:
    """Let people ask, say, press and unfold; what was sent of comments is what they are."""
    discord.undocumented_limits = True
    for route in discord.rates.buckets:
        # Nobody needs to wait here.
        discord.rates.buckets[route] = (1000, 1.0)
    guild = discord.add_guild("readers")
    channel = discord.add_channel(guild, "general")
    ann = discord.add_user("ann")
    discord.join(guild, ann)
    floods = Floods(requests=sys.maxsize)
    async with (
        logged_in(discord) as connected,
        opened_index(settings) as index,
        opened_bot(settings, index, [connected.platform], floods=floods) as bot,
    ):
        await connected.listens(bot.chat)
        running = asyncio.create_task(bot.delivering.run())
        try:
            visitor = Visitor(discord, discord.player(ann, channel), reader)
            for text in evil:
                written = text.replace("<br>", "\n")
                await visitor.asks(written[:6000])
                await visitor.says(written)
            await visitor.presses(presses)
            # Those that have all texts as comments.
            for post in sorted(posts, key=lambda post: -len(post.comments))[:1]:
                found = await visitor.unfolds(post)
                bodies = [(comment.number, _seen(comment.body)) for comment in post.comments]
                seen = [_numbered(text) for text in found]
                faults = differences(bodies, seen)
                reader.found.posing += [f"{post.slug}: in its thread: {fault}" for fault in faults]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _seen(body: str) -> str:
    """What of a comment there is to see."""
    # These two part lines.
    seen = visible(body.replace("\u2028", "\n").replace("\u2029", "\n"))
    return "" if is_blank(seen) else seen


def _numbered(written: str) -> tuple[int, str]:
    """A comment by the number that it is shown with, and what stands below its head."""
    head, _, below = read(written).text.partition("\n")
    return int(head.removeprefix("#").partition(" ")[0]), below
