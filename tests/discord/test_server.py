"""The Discord of the tests with the real discord.py: everyday things, from end to end."""

import discord

from tests.discord.clients import Bot, running
from tests.discord.server import Discord


async def test_a_command_is_answered_privately_and_its_answer_changes(server: Discord) -> None:
    guild = server.add_guild("readers")
    channel = server.add_channel(guild, "general")
    ann = server.add_user("ann")
    server.join(guild, ann)
    bot = Bot()

    class Answer(discord.ui.LayoutView):
        def __init__(self, text: str) -> None:
            super().__init__(timeout=None)
            button: discord.ui.Button[Answer] = discord.ui.Button(label="Next", custom_id="next")
            button.callback = self.press  # type: ignore[method-assign]
            self.add_item(discord.ui.TextDisplay(text))
            self.add_item(discord.ui.ActionRow(button))

        async def press(self, interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(view=Answer("two"))

    @bot.tree.command(name="matome", description="Search")
    async def matome(interaction: discord.Interaction, query: str) -> None:
        await interaction.response.send_message(view=Answer(query), ephemeral=True)

    async with running(bot, server):
        await bot.tree.sync()
        reader = server.player(ann, channel)
        seen = await reader.types("/matome", query="gpu")
        assert (seen.text, seen.private, seen.labels) == ("gpu", True, ["Next"])
        seen = await reader.clicks(seen, "Next")
        assert (seen.text, seen.edited) == ("two", True)
        posted = await bot.get_partial_messageable(channel.id).send(view=Answer("all"))
        assert [entry.message for entry in server.journal.of("post")] == [posted.id]
    assert not server.refusals
