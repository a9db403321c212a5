"""Pictures in what all see: posted, changed, tried again, forbidden; how many a message takes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.discord.limits import LIMITS
from adapters.discord.pictures import Attached, attached, files
from adapters.discord.platform import DiscordPlatform
from adapters.discord.render import body, rendered
from adapters.discord.validate import message_findings
from bot.errors import Forbidden, TryLater
from bot.locales import Texts
from bot.outbox import delivery_key
from bot.ports import Picture
from bot.view import Action, Heading, Image, Paragraph, Posting, Run, View
from tests.discord.running import logged_in
from tests.discord.server import Discord, Kind, Trouble, Way, opened_discord
from tests.discord.server.world import Channel
from tests.discord.showing import media_of, pictures
from tests.fitted import fit
from tests.pictures import png


class Held:
    """Pictures in memory, by their paths; found or not, they may have gone."""

    def __init__(self, held: Mapping[str, bytes]) -> None:
        self.held = dict(held)

    async def find(self, post: str, name: str) -> str | None:
        return name

    async def read(self, path: str) -> Picture | None:
        data = self.held.get(path)
        return None if data is None else Picture("png", data)


@dataclass(frozen=True, slots=True)
class Room:
    """A channel of a server, and the platform."""

    discord: Discord
    channel: Channel
    platform: DiscordPlatform

    @property
    def target(self) -> str:
        return str(self.channel.id)


@asynccontextmanager
async def opened_room(held: Held) -> AsyncIterator[Room]:
    async with opened_discord() as discord:
        channel = discord.add_channel(discord.add_guild("readers"), "general")
        async with logged_in(discord, pictures=held) as connected:
            yield Room(discord, channel, connected.platform)


def posting(*images: Image, heading: Image | None = None) -> Posting:
    codes: dict[Action, str] = {}
    blocks = (Heading((Run("題名"),), image=heading), Paragraph((Run("日付"),), quiet=True))
    return Posting(View("題名", (*blocks, *images)), "ja", codes)


async def test_an_edit_shows_the_pictures_of_now_and_no_others() -> None:
    one, two = Image("one.png", "一"), Image("two.png", "二")
    held = Held({"one.png": png(1), "two.png": png(2)})
    async with opened_room(held) as room:
        discord, platform = room.discord, room.platform
        reference = await platform.post(room.target, posting(one, two), delivery_key("a"))
        [message] = room.channel.messages.values()
        assert pictures(discord, message) == [png(1), png(2)]
        await platform.edit(reference, posting(two, heading=one))
        assert sorted(pictures(discord, message)) == sorted([png(1), png(2)])
        held.held["two.png"] = png(3)
        await platform.edit(reference, posting(two))
        assert pictures(discord, message) == [png(3)]
        # It vanishes between the view and the sending.
        held.held.clear()
        await platform.edit(reference, posting(two, heading=one))
        assert pictures(discord, message) == []
        assert "二" in str(message.body)
        await platform.edit(reference, posting())
        assert pictures(discord, message) == []
        since = message.at - timedelta(minutes=5)
        assert await platform.find(room.target, delivery_key("a"), since) == reference


async def test_another_try_of_a_message_has_the_picture_again() -> None:
    image, key = Image("one.png", "一"), delivery_key("a")
    async with opened_room(Held({"one.png": png(1)})) as room:
        for way in (Way.STATUS, Way.RESET, Way.LOST):
            room.discord.troubles.plan("POST", ".*/messages", Trouble(way))
            with pytest.raises(TryLater):
                await room.platform.post(room.target, posting(image), key)
        await room.platform.post(room.target, posting(image), key)
        [message] = room.channel.messages.values()
        assert pictures(room.discord, message) == [png(1)]


async def test_a_forum_post_and_a_thread_that_sleeps_have_pictures() -> None:
    one, two = Image("one.png", "一"), Image("two.png", "二")
    async with opened_room(Held({"one.png": png(1), "two.png": png(2)})) as room:
        discord, platform = room.discord, room.platform
        guild = room.channel.guild
        assert guild is not None
        forum = discord.add_channel(guild, "news", Kind.FORUM)
        reference = await platform.post(str(forum.id), posting(one), delivery_key("a"))
        thread = discord.channels[int(reference.split("/")[0])]
        [message] = thread.messages.values()
        assert pictures(discord, message) == [png(1)]
        discord.archive(thread)
        await platform.edit(reference, posting(two))
        assert pictures(discord, message) == [png(2)]


async def test_what_all_see_goes_without_a_picture_where_files_are_forbidden() -> None:
    image = Image("one.png", "一")
    async with opened_room(Held({"one.png": png(1)})) as room:
        reference = await room.platform.post(room.target, posting(), delivery_key("a"))
        room.discord.forbid(room.channel, room.discord.bot, "attach_files")
        await room.platform.edit(reference, posting(image))
        await room.platform.post(room.target, posting(image), delivery_key("b"))
        for message in room.channel.messages.values():
            assert pictures(room.discord, message) == []
            assert "題名" in str(message.body)
        room.discord.forbid(room.channel, room.discord.bot, "send_messages")
        with pytest.raises(Forbidden) as refused:
            await room.platform.post(room.target, posting(image), delivery_key("c"))
        assert refused.value.missing == ("Send Messages",)


async def test_one_message_takes_ten_pictures_and_eight_mib() -> None:
    many = View("x", tuple(Image(f"{n}.png", f"絵{n}") for n in (*range(12), 3)))
    found = await attached(many, Held({f"{n}.png": png(n) for n in range(12)}))
    assert list(found) == [f"{n}.png" for n in range(10)]
    assert len({one.name for one in found.values()}) == 10
    big = {f"{n}.png": png() + bytes(3 * 2**20) for n in range(4)}
    big["5.png"] = png()
    assert list(await attached(many, Held(big))) == ["0.png", "1.png", "5.png"]


def test_a_file_is_made_anew_for_each_request() -> None:
    found = {"a.png": Attached("picture1.png", png())}
    first, second = files(found), files(found)
    assert first[0].fp.read() == png()
    assert second[0].fp.read() == png()


@pytest.mark.parametrize("alt", ["", " \n", "絵" * 1000, "👩\u200d💻" * 200, "@everyone *x*\u202e"])
def test_words_for_a_picture_fit(alt: str) -> None:
    image = Image("a.png", alt)
    found = {"a.png": Attached("picture1.png", png())}
    view = View("x", (Heading((Run("題"),), image=image), image))
    for page in fit(view, LIMITS):
        message = body(rendered(page, {}, Texts("ja"), found), found)
        assert message_findings(message) == []
        for holder in media_of(message):
            described = holder.get("description") or ""
            assert len(described.encode("utf-16-le")) // 2 <= 256
            assert bool(described) is bool(alt.strip())
