"""What the doctor says about Discord."""

import pytest

from adapters.discord.checks import checks, invitation
from adapters.discord.client import Connection, Shards
from bot.locales import Texts
from tests.discord.clients import lead_to
from tests.discord.running import logged_in
from tests.discord.server import Discord, bits, opened_discord


async def said(discord: Discord, connection: Connection | None = None) -> dict[str, bool]:
    given = connection or Connection(discord.token)
    return {each.what: each.is_fine async for each in checks(given, Texts("en"))}


async def test_a_sound_bot_has_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_discord() as discord:
        discord.add_guild("readers")
        async with logged_in(discord) as connected:
            await connected.client.sync_commands()
            found = await said(discord)
        assert all(found.values())
        text = "\n".join(found)
        assert "matome" in text
        assert "servers: 1" in text
        assert invitation(discord.bot.id) in text


async def test_faults_are_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_discord() as discord:
        lead_to(discord, monkeypatch)
        discord.add_guild("quiet", rights=bits("view_channel", "send_messages"))
        found = await said(discord)
        faults = [what for what, is_fine in found.items() if not is_fine]
        assert any("quiet" in fault and "Create Public Threads" in fault for fault in faults)
        assert any("matome run registers" in fault for fault in faults)
        wrong = await said(discord, Connection("another.token"))
        assert list(wrong.values()) == [False]
        assert "another.token" not in str(wrong)
        none = await said(discord, Connection(discord.token, Shards((0,), 1)))
        assert any("gateway" in what for what in none)


async def test_a_discord_that_is_away_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_discord() as discord:
        lead_to(discord, monkeypatch)
    assert list((await said(discord)).values()) == [False]
