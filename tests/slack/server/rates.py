"""How often Slack may be asked: by method and workspace, and one message a second a channel."""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.slack.server.refusals import Limited

TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
MINUTE = 60.0

# Requests a minute of a method in a workspace. chat.postMessage has its own limits.
TIERS: Mapping[str, int] = MappingProxyType(
    {
        "auth.test": 600,
        "api.test": TIER_4,
        "apps.connections.open": TIER_4,
        "apps.uninstall": TIER_1,
        "auth.revoke": TIER_3,
        "auth.teams.list": TIER_2,
        "bots.info": TIER_3,
        "chat.delete": TIER_3,
        "chat.getPermalink": 600,
        "chat.postEphemeral": TIER_4,
        "chat.unfurl": TIER_3,
        "chat.update": TIER_3,
        "conversations.history": TIER_3,
        "conversations.info": TIER_3,
        "conversations.join": TIER_3,
        "conversations.list": TIER_2,
        "conversations.members": TIER_4,
        "conversations.open": TIER_3,
        "conversations.replies": TIER_3,
        "oauth.v2.access": TIER_4,
        "team.info": TIER_3,
        "users.conversations": TIER_3,
        "users.info": TIER_4,
        "users.list": TIER_2,
        "views.open": TIER_4,
        "views.publish": TIER_4,
        "views.push": TIER_4,
        "views.update": TIER_4,
    }
)


class Rates:
    """Counts requests; `seconds` is a clock that only goes forward.

    A channel takes `burst` messages at once and then one each `apart` seconds, a workspace
    `workspace` messages a minute. `history` is what distributed apps outside the Marketplace may
    ask of history and replies in a minute; None is no such limit.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.tiers: dict[str, int] = dict(TIERS)
        self.burst = 3
        self.apart = 1.0
        self.workspace = 600
        self.history: int | None = None
        self.refused: list[str] = []
        self._seconds = seconds
        self._recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        # When each channel's burst is whole again.
        self._whole: dict[str, float] = {}

    def ask(self, method: str, workspace: str) -> None:
        """Limited where a workspace has asked too often."""
        most = self.tiers.get(method)
        if self.history is not None and method in (
            "conversations.history",
            "conversations.replies",
        ):
            most = self.history
        if most is not None:
            self._count(method, workspace, most)

    def post(self, workspace: str, channel: str) -> None:
        """Limited where a channel or a workspace has had too many messages."""
        now = self._seconds()
        whole = max(self._whole.get(channel, now), now)
        wait = whole + self.apart - now - self.burst * self.apart
        if wait > 1e-9:
            raise self._limited("chat.postMessage", wait)
        self._count("chat.postMessage", workspace, self.workspace)
        self._whole[channel] = whole + self.apart

    def _count(self, method: str, workspace: str, most: int) -> None:
        now = self._seconds()
        recent = self._recent[method, workspace]
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        if len(recent) >= most:
            raise self._limited(method, recent[0] + MINUTE - now)
        recent.append(now)

    def _limited(self, method: str, wait: float) -> Limited:
        self.refused.append(method)
        return Limited(max(1, math.ceil(wait)))
