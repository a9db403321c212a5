"""In which language somebody is answered: that of their Slack, as far as it tells."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cachetools import LRUCache
from structlog.stdlib import get_logger

from adapters.slack.failing import asked
from adapters.slack.names import Person
from adapters.slack.workspaces import Workspaces
from bot.errors import DeliveryError, Forbidden, StateError
from bot.locales import LANGUAGES, Texts
from bot.remembering import remembered

# There is one command for everything.
DIGEST = "/matome digest"
_KNOWN_FOR = timedelta(hours=1)
# Until it is asked again what could not be told.
_UNKNOWN_FOR = timedelta(minutes=1)
# People wait: for their language no longer than this, in seconds.
PATIENCE = 0.5

_log = get_logger(__name__)


@dataclass(slots=True)
class Speech:
    """Languages of people; `usual` is that of the settings. `now` gives the time in UTC."""

    usual: str
    workspaces: Workspaces
    now: Callable[[], datetime]
    patience: float = PATIENCE
    _known: "LRUCache[Person, tuple[str, datetime]]" = field(default_factory=remembered, init=False)

    @property
    def public(self) -> Texts:
        """The language of what all see."""
        return Texts(self.usual, DIGEST)

    async def of(self, person: Person) -> Texts:
        """The language of somebody's Slack, else the usual one."""
        known = self._known.get(person)
        if known is None or known[1] <= self.now():
            await self._ask(person)
        return self.guessed(person)

    def guessed(self, person: Person) -> Texts:
        """The same as far as it is known already."""
        language, _ = self._known.get(person, (self.usual, None))
        return Texts(language, DIGEST)

    async def _ask(self, person: Person) -> None:
        try:
            language = await asyncio.wait_for(self._told(person), self.patience)
            until = self.now() + _KNOWN_FOR
        except (DeliveryError, StateError, TimeoutError) as error:
            _log.debug("a language is not known", cause=error)
            language = self.guessed(person).language
            # A scope that lacks does not come back by itself.
            lasts = isinstance(error, Forbidden)
            until = self.now() + (_KNOWN_FOR if lasts else _UNKNOWN_FOR)
        self._known[person] = language, until

    async def _told(self, person: Person) -> str:
        member = await self.workspaces.member(person.workspace)
        request = member.client.users_info(user=person.user, include_locale=True)
        found = await asked(request, str(person))
        spoken = str(found["user"].get("locale") or "").split("-")[0]
        return spoken if spoken in LANGUAGES else self.usual
