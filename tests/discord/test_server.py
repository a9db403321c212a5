"""The Discord of the tests with the real discord.py: everyday things, from end to end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import discord
import pytest
from discord import app_commands

from tests.discord.clients import Bot, running
from tests.discord.server import Discord, Kind, Player
from tests.discord.server.world import Channel

Interaction = discord.Interaction[discord.Client]


class Page(discord.ui.LayoutView):
    """A text with a button that turns the page, one that asks, and a select."""

    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        turn: discord.ui.Button[Page] = discord.ui.Button(label="Next page", custom_id="turn")
        turn.callback = self.turned  # type: ignore[method-assign]
        ask: discord.ui.Button[Page] = discord.ui.Button(label="Settings", custom_id="ask")
        ask.callback = self.asked  # type: ignore[method-assign]
        choose: discord.ui.Select[Page] = discord.ui.Select(custom_id="choose", max_values=2)
        choose.add_option(label="First", value="1")
        choose.add_option(label="Second", value="2")
        choose.callback = self.chosen  # type: ignore[method-assign]
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text), accent_colour=0x45D325))
        self.add_item(discord.ui.ActionRow(turn, ask))
        self.add_item(discord.ui.ActionRow(choose))

    async def turned(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(view=Page("page two"))

    async def asked(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Settings())

    async def chosen(self, interaction: Interaction) -> None:
        assert interaction.data is not None
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"chosen {interaction.data['values']}", ephemeral=True)  # type: ignore[typeddict-item]


class Settings(discord.ui.Modal, title="Settings"):
    time: discord.ui.Label["Settings"] = discord.ui.Label(
        text="Time", component=discord.ui.TextInput(custom_id="time", max_length=5)
    )

    async def on_submit(self, interaction: Interaction) -> None:
        assert isinstance(self.time.component, discord.ui.TextInput)
        await interaction.response.send_message(f"at {self.time.component.value}", ephemeral=True)


class Reader(Bot):
    """A small bot with one of each: command, completion, message command, answers to messages."""

    def __init__(self) -> None:
        super().__init__()

        @self.tree.command(name="matome", description="Search")
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        @app_commands.allowed_installs(guilds=True, users=True)
        async def matome(interaction: Interaction, query: str) -> None:
            await interaction.response.defer(ephemeral=True)
            await interaction.edit_original_response(view=Page(query))

        @matome.autocomplete("query")
        async def complete(
            interaction: Interaction, current: str
        ) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{current}!", value=f"{current}!")]

        @self.tree.context_menu(name="Look")
        async def look(interaction: Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"about {message.content}", ephemeral=True)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        if message.guild is None:
            await message.channel.send(f"found {message.content}")
        elif self.user in message.mentions:
            thread = await message.create_thread(name="Answer")
            await thread.send(view=Page("in a thread"))


@pytest.fixture
async def bot(server: Discord, channel: Channel) -> AsyncIterator[Reader]:
    async with running(reader := Reader(), server):
        yield reader
    assert not server.refusals


@pytest.fixture
def ann(server: Discord, channel: Channel) -> Player:
    user = server.add_user("ann")
    assert channel.guild is not None
    server.join(channel.guild, user)
    return server.player(user, channel)


async def test_a_command_is_answered_privately_and_pages_turn(bot: Reader, ann: Player) -> None:
    seen = await ann.types("/matome", query="gpu")
    assert (seen.text, seen.private) == ("gpu", True)
    assert seen.labels == ["Next page", "Settings"]
    turned = await ann.clicks(seen, "Next")
    assert (turned.text, turned.private, turned.edited) == ("page two", True, True)
    assert not ann.place.messages


async def test_a_dialog_is_filled_in(bot: Reader, ann: Player) -> None:
    seen = await ann.types("/matome", query="gpu")
    dialog = await ann.clicks(seen, "Settings")
    assert dialog.modal is not None
    answer = await ann.submits(dialog, Time="08:00")
    assert (answer.text, answer.private) == ("at 08:00", True)


async def test_a_select_is_answered_by_a_follow_up(bot: Reader, ann: Player) -> None:
    seen = await ann.types("/matome", query="gpu")
    answer = await ann.chooses(seen, "First", "Second")
    assert (answer.text, answer.private) == ("chosen ['1', '2']", True)


async def test_a_query_is_completed(bot: Reader, ann: Player) -> None:
    assert await ann.completes("/matome", "query", "gpu") == ["gpu!"]


async def test_a_message_command_and_direct_messages(bot: Reader, ann: Player) -> None:
    seen = await ann.message_command("Look", ann.writes("a link"))
    assert seen.text == "about a link"
    seen = await ann.dm.says("gpu")
    assert (seen.text, seen.private) == ("found gpu", False)
    assert (await ann.dm.types("/matome", query="gpu")).text == "gpu"


async def test_a_mention_is_answered_in_a_thread(bot: Reader, ann: Player) -> None:
    seen = await ann.says("gpu", to_bot=True)
    assert seen.text == "in a thread"
    assert seen.shown.channel.kind is Kind.THREAD
    # A message that everybody sees has a button that works for everybody.
    turned = await ann.at(seen.shown.channel).clicks(seen, "Next")
    assert turned.shown is seen.shown


async def test_a_user_installed_app_works_anywhere(
    server: Discord, bot: Reader, ann: Player
) -> None:
    place = server.add_private_channel(server.add_user("ben"))
    someone = server.player(ann.user, place, installed=True)
    assert (await someone.types("/matome", query="gpu")).text == "gpu"
    elsewhere = server.add_guild("elsewhere")
    server.join(elsewhere, ann.user)
    channel = server.add_channel(elsewhere, "general")
    server.remove_bot(elsewhere)
    abroad = server.player(ann.user, channel, installed=True)
    assert (await abroad.types("/matome", query="gpu")).text == "gpu"
    for closed in (channel, place):
        # Beyond its answers the bot can do nothing there.
        with pytest.raises(discord.Forbidden) as refused:
            await bot.get_partial_messageable(closed.id).send("word")
        assert refused.value.code == 50001
    server.refusals.clear()


async def test_messages_are_posted_edited_found_and_published(
    server: Discord, bot: Reader, channel: Channel
) -> None:
    assert channel.guild is not None
    news = server.add_channel(channel.guild, "news", Kind.ANNOUNCEMENT)
    place = await bot.fetch_channel(news.id)
    assert isinstance(place, discord.TextChannel)
    sent = await place.send(view=Page("one"), nonce="a-key", silent=True)
    again = await place.send(view=Page("one"), nonce="a-key")
    assert again.id == sent.id
    await place.get_partial_message(sent.id).edit(view=Page("two"))
    since = sent.created_at - timedelta(seconds=1)
    (found,) = [message async for message in place.history(limit=100, after=since)]
    assert found.id == sent.id
    assert found.flags.components_v2
    await found.publish()
    thread = await found.create_thread(name="Comments", auto_archive_duration=60)
    await thread.send(view=Page("inside"))
    what = [(entry.what, entry.repeated) for entry in server.journal]
    assert what == [
        ("post", False),
        ("post", True),
        ("edit", False),
        ("publish", False),
        ("thread", False),
        ("post", False),
    ]


async def test_a_forum_post_and_a_direct_message(
    server: Discord, bot: Reader, ann: Player, channel: Channel
) -> None:
    assert channel.guild is not None
    forum = server.add_channel(channel.guild, "forum", Kind.FORUM, tags=("news",))
    place = await bot.fetch_channel(forum.id)
    assert isinstance(place, discord.ForumChannel)
    tag = place.available_tags[0]
    made = await place.create_thread(name="Post", view=Page("first"), applied_tags=[tag])
    await made.thread.send("second")
    user = await bot.fetch_user(ann.user.id)
    await (await user.create_dm()).send("hello")
    assert [one.body.get("content") for one in ann.dm.place.messages.values()] == ["hello"]


async def test_a_picture_is_attached(server: Discord, bot: Reader, channel: Channel) -> None:
    view = discord.ui.LayoutView(timeout=None)
    media = discord.MediaGalleryItem("attachment://a.png")
    view.add_item(discord.ui.MediaGallery(media))
    file = discord.File(BytesIO(b"a picture"), filename="a.png")
    sent = await bot.get_partial_messageable(channel.id).send(view=view, file=file)
    # What its components show a message does not tell of otherwise.
    assert not sent.attachments
    [shown] = [one for one in sent.components if isinstance(one, discord.MediaGalleryComponent)]
    assert shown.items[0].media.url.startswith("https://cdn.discordapp.com/attachments/")
    [upload] = server.uploads.values()
    assert upload.data == b"a picture"


async def test_fifty_people_at_once(server: Discord, bot: Reader, ann: Player) -> None:
    asked = [ann.types("/matome", query=f"gpu {number}") for number in range(50)]
    seen = await asyncio.gather(*asked)
    assert [one.text for one in seen] == [f"gpu {number}" for number in range(50)]
