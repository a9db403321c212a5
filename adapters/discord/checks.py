"""What `matome doctor` asks Discord: the token, the gateway, servers, commands, the invitation."""

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Any

import aiohttp
import discord
from discord.http import Route

from adapters.discord.client import Connection, MatomeClient, closed, prepare
from adapters.discord.commands import are_same, registered
from adapters.discord.places import shown_name
from bot.locales import Texts
from bot.running.faces import Checked
from bot.watching.clock import ClockWatch

# What the bot needs, each right with the key of what for.
NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "view_channel": "discord.right.view_channel",
        "send_messages": "discord.right.send_messages",
        "read_message_history": "discord.right.read_message_history",
        "create_public_threads": "discord.right.create_public_threads",
        "send_messages_in_threads": "discord.right.send_messages_in_threads",
    }
)
# What it can do without, the same way.
WISHED: Mapping[str, str] = MappingProxyType({"attach_files": "discord.right.attach_files"})
# As many servers as one request tells.
_MOST_SERVERS = 200


def invitation(application: int) -> str:
    """The address where somebody adds the bot to a server, with exactly the rights it uses."""
    return discord.utils.oauth_url(
        application,
        permissions=discord.Permissions(**dict.fromkeys((*NEEDED, *WISHED), True)),
        scopes=("bot", "applications.commands"),
    )


async def checks(
    connection: Connection, texts: Texts, clock: ClockWatch | None = None
) -> AsyncIterator[Checked]:
    """Look at everything without changing anything."""
    prepare(connection)
    client = MatomeClient(connection, clock)
    try:
        await client.login(connection.token)
        async for checked in _checks(client, connection, texts):
            yield checked
    except discord.LoginFailure:
        yield Checked(False, texts("discord.bad_token"))
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        yield Checked(False, texts("discord.unreachable", cause=error))
    finally:
        await closed(client)


async def _checks(
    client: MatomeClient, connection: Connection, texts: Texts
) -> AsyncIterator[Checked]:
    http, application = client.http, client.application_id
    assert application is not None
    servers: list[Any] = await http.get_guilds(_MOST_SERVERS)
    shown = {"name": client.user, "servers": len(servers)}
    yield Checked(True, texts("discord.token", **shown))
    shards, _, limits = await http.get_bot_gateway()
    known = connection.shards
    few = known is not None and known.count < shards
    yield Checked(
        not few,
        texts(
            "discord.few_shards" if few else "discord.gateway",
            shards=shards,
            starts=limits["remaining"],
        ),
    )
    for server in servers:
        rights = discord.Permissions(int(server["permissions"]))
        lacking = [shown_name(right) for right in NEEDED if not getattr(rights, right)]
        if lacking and not rights.administrator:
            missing = ", ".join(lacking)
            yield Checked(False, texts("discord.lacking", name=server["name"], missing=missing))
    path = "/applications/{application_id}/commands"
    route = Route("GET", path, application_id=application)
    theirs: Any = await http.request(route, params={"with_localizations": "true"})
    is_same = are_same(registered(), theirs)
    yield Checked(is_same, texts("discord.commands" if is_same else "discord.old_commands"))
    info: Any = await http.application_info()
    if "1" not in (info.get("integration_types_config") or {}):
        yield Checked(False, texts("discord.no_user_install"))
    wanted = (*NEEDED.items(), *WISHED.items())
    reasons = [f"{shown_name(right)} ({texts(key)})" for right, key in wanted]
    link = invitation(application)
    yield Checked(True, texts("discord.invitation", link=link, rights=", ".join(reasons)))
