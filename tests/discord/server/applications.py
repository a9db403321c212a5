"""Routes of the bot itself: who it is, where its gateway is, its guilds and who is in them."""

from tests.discord.server.permissions import in_guild
from tests.discord.server.refusals import missing_access, unknown
from tests.discord.server.rest import Answer, Call
from tests.discord.server.wire import channel_json, guild_json, member_json, role_json, user_json
from tests.discord.server.world import Guild

# Of privileged intents, which flags an application with few guilds has.
FLAGS = {1 << 8: 1 << 13, 1 << 1: 1 << 15, 1 << 15: 1 << 19}


async def me(call: Call) -> Answer:
    return user_json(call.state.bot) | {"flags": 0, "mfa_enabled": False, "verified": True}


async def application(call: Call) -> Answer:
    bot = call.state.bot
    return {
        "id": str(bot.id),
        "name": bot.name,
        "icon": None,
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user_json(call.state.owner),
        "team": None,
        "verify_key": "0" * 64,
        "flags": _flags(call.state.gateway.allowed_intents),
        "summary": "",
        "integration_types_config": {"0": {}, "1": {}},
    }


def _flags(intents: int) -> int:
    """What the application's page allows: presences, members, the content of messages."""
    return sum(flag for intent, flag in FLAGS.items() if intents & intent)


async def gateway(call: Call) -> Answer:
    state = call.state
    limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 16}
    return {"url": state.gateway.url, "shards": 1, "session_start_limit": limit}


async def show_user(call: Call) -> Answer:
    user = call.state.users.get(call.id("user"))
    if user is None:
        raise unknown("User")
    return user_json(user)


def guild_of(call: Call) -> Guild:
    guild = call.state.guilds.get(call.id("guild"))
    if guild is None:
        raise unknown("Guild")
    if not guild.joined:
        raise missing_access()
    return guild


async def guilds(call: Call) -> Answer:
    bot = call.state.bot
    return [
        {
            "id": str(guild.id),
            "name": guild.name,
            "icon": None,
            "owner": guild.owner is bot,
            "permissions": str(in_guild(guild, guild.members[bot.id])),
            "features": [],
        }
        for guild in call.state.guilds.values()
        if guild.joined
    ]


async def show_guild(call: Call) -> Answer:
    return guild_json(guild_of(call))


async def leave_guild(call: Call) -> Answer:
    guild_of(call).joined = False
    return None


async def guild_channels(call: Call) -> Answer:
    listed = guild_of(call).channels.values()
    return [channel_json(channel) for channel in listed if not channel.is_thread]


async def roles(call: Call) -> Answer:
    return [role_json(role, place) for place, role in enumerate(guild_of(call).roles.values())]


async def member(call: Call) -> Answer:
    guild, key = guild_of(call), call.id("user")
    if key not in call.state.users:
        raise unknown("User")
    if key not in guild.members:
        raise unknown("Member")
    return member_json(guild.members[key])


async def active_threads(call: Call) -> Answer:
    listed = guild_of(call).channels.values()
    threads = [one for one in listed if one.is_thread and not one.archived]
    return {"threads": [channel_json(one) for one in threads], "members": []}
