"""Sets of limits that whole answers are held against."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from adapters.discord.limits import LIMITS as DISCORD
from adapters.slack.limits import LIMITS as SLACK
from benchmarks.limits import DISCORD_LIKE, SLACK_LIKE
from bot.view import Limits

# Where little but a very long comment is ever too long.
ROOMY = replace(SLACK_LIKE, characters=20_000, text=20_000, heading=300, parts=200)

# As little as a page of comments can have: a heading, a word and the buttons.
NARROW = replace(
    DISCORD_LIKE, characters=500, text=120, heading=60, parts=24, row=2, label=12, options=3
)

ALL_LIMITS: Mapping[str, Limits] = MappingProxyType(
    {
        "Discord": DISCORD,
        "Slack": SLACK,
        "like Discord": DISCORD_LIKE,
        "like Slack": SLACK_LIKE,
        "narrow": NARROW,
    }
)
