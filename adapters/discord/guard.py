"""The guard over what is sent to Discord."""

from adapters.discord.validate import message_findings
from bot.chat.guard import Guard
from bot.meter import NO_METER, Meter


def discord_guard(*, strict: bool = False, meter: Meter = NO_METER) -> Guard:
    """A guard over messages."""
    return Guard("Discord", message_findings, strict, meter)
