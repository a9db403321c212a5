"""Where people turn to with their digests: what is needed to answer them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.chat.library import Library
from bot.ports import Platform
from bot.stores import GetStores

# None that looks like another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator has set: the zone of times that come without one, and how many digests a
    server or workspace (without one, a place) may have."""

    zone: str = "Asia/Tokyo"
    most: int = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """What answers about digests are made from.

    `now` gives the time in UTC. `changed` is called
    when something may be due earlier than before. The `operator` may do everything, by ids from
    everywhere.
    """

    library: Library
    platforms: Mapping[str, Platform]
    get_stores: GetStores
    now: Callable[[], datetime]
    rules: Rules = Rules()
    changed: Callable[[], None] = lambda: None
    operator: bool = False

    def new_id(self) -> str:
        """A name for a new subscription."""
        return "".join(self.library.random.choices(_LETTERS, k=_LENGTH))
