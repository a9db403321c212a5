"""The terminal as a place where the bot speaks unasked; what all would see stands in a frame."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from adapters.console.limits import LIMITS
from adapters.console.screen import Drawn, Message, Screen
from bot.errors import TargetGone
from bot.locales import Texts
from bot.ports import Pace
from bot.view import Limits, Posting

NAME = "console"
# The one channel that there is.
CHANNEL = "terminal"
_DIRECT = "dm:"


@dataclass(frozen=True, slots=True)
class _Posted:
    message: Message
    at: datetime
    text: str


@dataclass(slots=True)
class ConsolePlatform:
    """A platform of one process: what it posted before it started is gone.

    `now` gives the time in UTC. `session` begins the references of this process, so that they are
    not taken for those of another. A target is the channel, "dm:PERSON" or a thread, named like the
    message that it hangs on; a reference is a number.
    """

    screen: Screen
    texts: Texts
    now: Callable[[], datetime]
    session: str = "m"
    _numbers: "count[int]" = field(default_factory=lambda: count(1), init=False)
    _posted: dict[str, _Posted] = field(default_factory=dict, init=False)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    _threads: dict[str, str] = field(default_factory=dict, init=False)

    @property
    def name(self) -> str:
        """Its name in settings, states and logs."""
        return NAME

    @property
    def limits(self) -> Limits:
        """What one message can hold."""
        return LIMITS

    @property
    def pace(self) -> Pace:
        """As fast as a terminal prints."""
        return Pace(per_second=1000)

    def channel(self, target: str) -> str:
        """A target is a channel of its own."""
        return target

    async def workspace(self, target: str) -> str | None:
        """A terminal belongs to none."""
        return None

    async def address(self, target: str) -> str | None:
        """Nothing opens a place in a terminal."""
        return None

    async def post(self, target: str, posting: Posting, key: str) -> str:
        """Print a message as all would see it. Raises TargetGone."""
        place = self._place(target)
        # Before anything is awaited: several may be posted at once.
        message = Message(f"{self.session}{next(self._numbers)}", target, is_public=True)
        title = self.texts("console.posted", place=place)
        drawn = self.screen.draw_posting(posting, message, title)
        await self.screen.show(drawn)
        self._posted[message.reference] = _Posted(message, self.now(), _below_title(drawn))
        self._keys[target, key] = message.reference
        return message.reference

    async def edit(self, reference: str, posting: Posting) -> None:
        """Print what a message shows now, if it is something else. Raises TargetGone."""
        message = self._message(reference)
        place = self._place(message.target)
        title = self.texts("console.edited", place=place)
        drawn = self.screen.draw_posting(posting, message, title)
        posted = self._posted[reference]
        if posted.text != _below_title(drawn):
            self._posted[reference] = replace(posted, text=_below_title(drawn))
            await self.screen.show(drawn)

    async def thread(self, reference: str, title: str) -> str:
        """The thread under a message. Raises TargetGone."""
        message = self._message(reference)
        place = self._place(message.target)
        shown = self.texts("console.in_thread", place=place, title=title)
        self._threads.setdefault(f"thread:{reference}", shown)
        return f"thread:{reference}"

    async def publish(self, reference: str) -> None:
        """Say that a message was passed on. Raises TargetGone."""
        place = self._place(self._message(reference).target)
        await self.screen.note(self.texts("console.published", place=place))

    async def find(self, target: str, key: str, since: datetime) -> str | None:
        """The message that this process posted with a key since a time (UTC)."""
        reference = self._keys.get((target, key))
        if reference is None or self._posted[reference].at < since:
            return None
        return reference

    async def may_manage(self, target: str, person: str) -> bool:
        """Always: whoever sits at the terminal is the operator."""
        return True

    async def can_post(self, target: str) -> Sequence[str]:
        """Nothing is ever lacking. Raises TargetGone."""
        self._place(target)
        return ()

    async def can_thread(self, target: str) -> Sequence[str]:
        """Nothing is ever lacking. Raises TargetGone."""
        return await self.can_post(target)

    async def open_dm(self, person: str) -> str:
        """The target of a person's direct messages."""
        return f"{_DIRECT}{person}"

    async def whom_to_tell(self, target: str) -> Sequence[str]:
        """Whoever sits at the terminal."""
        return (CHANNEL,)

    def _message(self, reference: str) -> Message:
        posted = self._posted.get(reference)
        if posted is None:
            raise TargetGone("delivery.gone", what=reference)
        return posted.message

    def _place(self, target: str) -> str:
        """What a target is called."""
        if target == CHANNEL:
            return self.texts("console.place")
        if target.startswith(_DIRECT):
            return self.texts("console.direct")
        if target not in self._threads:
            raise TargetGone("delivery.gone", what=target)
        return self._threads[target]


def _below_title(drawn: Drawn) -> str:
    return drawn.text.partition("\n")[2]
