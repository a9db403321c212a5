"""Commands of the bot: what Discord takes as one, and that options reach discord.py as they are."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from tests.discord.clients import Bot, Wire, faults, running
from tests.discord.server import Discord, NotOffered, Player, bits
from tests.discord.server.options import Value
from tests.discord.server.world import Channel

Json = dict[str, Any]
Interaction = discord.Interaction[discord.Client]


def command(**more: Any) -> Json:
    return {"name": "matome", "description": "Search", **more}


def option(**more: Any) -> Json:
    return {"type": 3, "name": "query", "description": "What", **more}


def choices(count: int) -> list[Json]:
    return [{"name": str(number), "value": str(number)} for number in range(count)]


OPTIONS = [option(name=f"option{number}") for number in range(26)]
LONG = {"name": "x" * 100, "value": "x" * 100}
# With the names and descriptions of the command and its two options 8,001 characters.
LEFT = [LONG] * 14 + [{"name": "x" * 100, "value": "x" * 72}]
REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "a name of 33": ([command(name="x" * 33)], "0.name", "BASE_TYPE_BAD_LENGTH"),
    "a name in capitals": ([command(name="Matome")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a name with a blank": ([command(name="a b")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    "a name twice": (
        [command(), command()],
        "1.name",
        "APPLICATION_COMMANDS_DUPLICATE_NAME",
    ),
    "no description": ([command(description="")], "0.description", "BASE_TYPE_BAD_LENGTH"),
    "a description of 101": (
        [command(description="x" * 101)],
        "0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a localised description of 101": (
        [command(description_localizations={"ja": "x" * 101})],
        "0.description_localizations.ja",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a language that is none": (
        [command(name_localizations={"jp": "x"})],
        "0.name_localizations.jp",
        "BASE_TYPE_CHOICES",
    ),
    "26 options": ([command(options=OPTIONS)], "0.options", "BASE_TYPE_MAX_LENGTH"),
    "required after optional": (
        [command(options=[option(name="first"), option(required=True)])],
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "26 choices": (
        [command(options=[option(choices=choices(26))])],
        "0.options.0.choices",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "choices and completion": (
        [command(options=[option(choices=choices(1), autocomplete=True)])],
        "0.options.0",
        "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
    ),
    "a place that is none": ([command(contexts=[3])], "0.contexts.0", "NUMBER_TYPE_MAX"),
    "8,001 characters": (
        [command(options=[option(name="many", choices=[LONG] * 25), option(choices=LEFT)])],
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
    "a choice's name of 101": (
        [command(options=[option(choices=[{"name": "x" * 101, "value": "x"}])])],
        "0.options.0.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a choice's value of 101": (
        [command(options=[option(choices=[{"name": "x", "value": "x" * 101}])])],
        "0.options.0.choices.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a message command's name of 33": (
        [{"type": 3, "name": "x" * 33}],
        "0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a localised name of 33": (
        [{"type": 3, "name": "Look", "name_localizations": {"ja": "x" * 33}}],
        "0.name_localizations.ja",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "six message commands": (
        [{"type": 3, "name": f"Look {number}"} for number in range(6)],
        "",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "101 commands": ([command(name=f"c{n}") for n in range(101)], "", "BASE_TYPE_MAX_LENGTH"),
    "a message command that is described": (
        [{"type": 3, "name": "Look", "description": "words"}],
        "0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_command_over_a_limit_is_refused(name: str, wire: Wire) -> None:
    body, path, code = REFUSED[name]
    status, answer = await wire.ask("PUT", f"/applications/{wire.server.bot.id}/commands", body)
    assert status == 400
    assert (path, code) in faults(answer)
    assert not wire.server.commands


async def test_a_command_of_8000_characters_is_taken(wire: Wire) -> None:
    (body,), _, _ = REFUSED["8,001 characters"]
    shorter = {**body, "description": body["description"][1:]}
    status, _ = await wire.ask("PUT", f"/applications/{wire.server.bot.id}/commands", [shorter])
    assert status == 200


async def test_a_command_keeps_its_id(wire: Wire) -> None:
    path = f"/applications/{wire.server.bot.id}/commands"
    japanese = command(name_localizations={"ja": "\N{HIRAGANA LETTER MA}\N{HIRAGANA LETTER TO}"})
    _, [first] = await wire.ask("PUT", path, [command()])
    _, [second] = await wire.ask("PUT", path, [japanese])
    _, [shown] = await wire.ask("GET", path)
    assert first["id"] == second["id"] == shown["id"]
    assert second["version"] != first["version"]
    assert wire.server.command_writes == 2


class Options(Bot):
    """Tells what it was given."""

    def __init__(self) -> None:
        super().__init__()
        group = app_commands.Group(
            name="digest",
            description="Digests",
            default_permissions=discord.Permissions(manage_guild=True),
            guild_only=True,
        )

        @group.command(name="add", description="Add")
        async def add(
            interaction: Interaction,
            where: app_commands.AppCommandChannel,
            role: discord.Role,
            person: discord.Member,
            posts: app_commands.Range[int, 1, 10] = 5,
        ) -> None:
            rights = interaction.app_permissions.send_messages
            text = f"{where.name} {role.name} {person.name} {posts} {rights}"
            await interaction.response.send_message(text, ephemeral=True)

        self.tree.add_command(group)

    async def setup_hook(self) -> None:
        await self.tree.sync()


@pytest.fixture
async def manager(server: Discord, channel: Channel) -> AsyncIterator[Player]:
    async with running(Options(), server):
        yield server.player(server.owner, channel)


async def test_options_reach_the_bot(server: Discord, manager: Player) -> None:
    place, guild = manager.place, manager.place.guild
    assert guild is not None
    role = server.add_role(guild, "readers")
    ann = server.add_user("ann")
    server.join(guild, ann)
    seen = await manager.types("/digest add", where=place, role=role, person=ann, posts=3)
    assert seen.text == "general readers ann 3 True"
    server.forbid(place, server.bot, "send_messages")
    seen = await manager.types("/digest add", where=place, role=role, person=ann)
    assert seen.text == "general readers ann 5 False"


async def test_what_the_bot_asks_of_a_guild(server: Discord, channel: Channel) -> None:
    guild = channel.guild
    assert guild is not None
    keeper = server.add_role(guild, "keepers", bits("manage_guild"))
    ann = server.add_user("ann")
    server.join(guild, ann, keeper)
    async with running(bot := Bot(), server):
        found = await bot.fetch_guild(guild.id)
        member = await found.fetch_member(ann.id)
        roles = await found.fetch_roles()
        assert member.guild_permissions.manage_guild
        assert {role.name for role in roles} == {"@everyone", "matome", "keepers"}
        assert [one.id async for one in bot.fetch_guilds()] == [guild.id]
        assert found.owner_id == server.owner.id
        with pytest.raises(discord.NotFound) as gone:
            await found.fetch_member(1)
        assert gone.value.code == 10013
        stranger = server.add_user("stranger")
        with pytest.raises(discord.NotFound) as absent:
            await found.fetch_member(stranger.id)
        assert absent.value.code == 10007
        server.remove_bot(guild)
        with pytest.raises(discord.Forbidden) as away:
            await bot.fetch_guild(guild.id)
        assert away.value.code == 50001
    assert [refusal.body["code"] for refusal in server.refusals] == [10013, 10007, 50001]


async def test_what_an_owner_sets_for_a_command_wins(server: Discord, manager: Player) -> None:
    place, guild = manager.place, manager.place.guild
    assert guild is not None
    ann, keepers = server.add_user("ann"), server.add_role(guild, "keepers")
    server.join(guild, ann, keepers)
    (command,) = server.commands
    reader = server.player(ann, place)
    asked: dict[str, Value] = {"where": place, "role": keepers, "person": ann}
    with pytest.raises(NotOffered):
        await reader.types("/digest add", **asked)
    server.permit(guild, "digest", keepers, allowed=True)
    assert (await reader.types("/digest add", **asked)).private
    server.permit(guild, "digest", ann, allowed=False)
    with pytest.raises(NotOffered):
        await reader.types("/digest add", **asked)
    server.permit(guild, "digest", ann, allowed=True)
    server.permit(guild, "digest", place, allowed=False)
    with pytest.raises(NotOffered):
        await reader.types("/digest add", **asked)
    assert (await manager.types("/digest add", **asked)).private
    async with running(bot := Bot(), server):
        (found,) = await bot.tree.fetch_commands()
        assert str(found.id) == command["id"]
        set_ones = await found.fetch_permissions(discord.Object(guild.id))
        assert [(one.type.name, one.permission) for one in set_ones.permissions] == [
            ("role", True),
            ("user", True),
            ("channel", False),
        ]
