"""A Discord of our own on loopback, which the real discord.py client talks to.

It knows nothing of the bot: routes, limits, error codes and the gateway are written from what
Discord documents and what is known of it, so that a mistake of ours is not repeated here. Whatever
it does not know (an unknown route, an odd body) is a failure. A test sets up guilds and people,
starts the client, plays a person and looks at what that person then sees:

    async def test_a_question_is_answered_privately(monkeypatch):
        async with opened_discord() as discord:
            monkeypatch.setattr("discord.http.Route.BASE", discord.api_url)
            gateway = yarl.URL(discord.gateway_url)
            monkeypatch.setattr("discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY", gateway)
            guild = discord.add_guild("readers")
            channel = discord.add_channel(guild, "general")
            ann = discord.add_user("ann")
            discord.join(guild, ann)
            async with running(client, discord.token):
                await discord.connected()
                seen = await discord.player(ann, channel).types("/matome", query="gpu")
                assert seen.private and "GPU" in seen.text
                seen = await discord.player(ann, channel).clicks(seen, "Open")
                assert seen.edited
            assert not (discord.unknown_routes or discord.odd_bodies or discord.refusals)

`discord.journal` has every message that was accepted and whom it pinged, `discord.refusals` all
that was refused, `discord.troubles` loses answers and breaks connections, `discord.gateway` cuts,
resumes and invalidates sessions, `discord.clock.advance()` lets tokens expire.
`discord.undocumented_limits` adds what Discord is reported to answer 500 to. `python -m
tests.discord.server` runs it as a process of its own.
"""

from tests.discord.server.clock import Clock
from tests.discord.server.permissions import bits
from tests.discord.server.player import Player
from tests.discord.server.refusals import Refusal
from tests.discord.server.seen import NoAnswer, NotOffered, Seen
from tests.discord.server.town import Discord, opened_discord
from tests.discord.server.troubles import Trouble, Way
from tests.discord.server.world import Kind

__all__ = [
    "Clock",
    "Discord",
    "Kind",
    "NoAnswer",
    "NotOffered",
    "Player",
    "Refusal",
    "Seen",
    "Trouble",
    "Way",
    "bits",
    "opened_discord",
]
