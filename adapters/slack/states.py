"""What an installation's way through Slack begins with: a word that is good once, for a while."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.errors import OperatorError
from bot.sealing import Sealer
from bot.stores import GetStores

GOOD_FOR = timedelta(minutes=10)
# Nothing else that is sealed with the same key is taken for one.
_KIND = "slack-state"


class SealedStates(AsyncOAuthStateStore):
    """Nothing is kept of those that are given out: they are sealed, and noted once they come back.

    `now` gives the time in UTC. Raises StateError where the state is away.
    """

    def __init__(self, get_stores: GetStores, sealer: Sealer, now: Callable[[], datetime]) -> None:
        self._get_stores = get_stores
        self._sealer = sealer
        self._now = now

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new one."""
        until = int((self._now() + GOOD_FOR).timestamp())
        # A cookie takes no padding.
        return self._sealer.seal(f"{_KIND} {secrets.token_hex(16)} {until}").rstrip("=")

    async def async_consume(self, state: str) -> bool:
        """Whether it is one of ours, still good, and was not used before."""
        try:
            written = self._sealer.unseal(state + "=" * (-len(state) % 4))
        except (OperatorError, UnicodeEncodeError):
            return False
        kind, _, rest = written.partition(" ")
        word, _, until = rest.partition(" ")
        if kind != _KIND:
            return False
        end = datetime.fromtimestamp(int(until), UTC)
        if self._now() > end:
            return False
        handled = (await self._get_stores()).handled
        return await handled.take(f"{_KIND}/{word}", end)
