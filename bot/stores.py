"""What the core asks of the state, as protocols. Everything raises StateError where it fails.

Times are in UTC. Persons, targets and references are the platform's own names.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.outbox import Claim, NewRow, Outcome, Progress, Result, Row
from bot.ports import CodeStore, Pace
from bot.subscription import Change, Due, Place, Subscription


@dataclass(frozen=True, slots=True)
class Runner:
    """A process that runs on the state: `what` as typed ("matome run"), where, since when (UTC)."""

    what: str
    host: str
    pid: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Observation:
    """What the state learned of the archive; not `accepted` where it knows a newer revision."""

    accepted: bool
    new: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


class SeenPosts(Protocol):
    """Which posts the archive has had, in which version. Posts are named by their keys."""

    async def observe(
        self, versions: Mapping[str, str], revision: int, now: datetime
    ) -> Observation:
        """Note all posts of an archive as of a revision (seconds since 1970), each thing once.

        An older revision than the newest that was noted changes nothing. Where none of the posts
        is known, all are the baseline: none is new. A version of another format is no correction;
        a post that was gone and is back is one.
        """
        ...

    async def revision(self) -> int | None:
        """The newest revision that was noted."""
        ...

    async def new_since(self, since: datetime) -> Sequence[str]:
        """Posts that came since a time and are there still, the newest first."""
        ...

    async def current(self, posts: Collection[str]) -> Mapping[str, str]:
        """The newest version of each post that is known and there."""
        ...


# Of a post by its key the numbers of comments that are hidden; 0 stands for all of it.
Hidden = Mapping[str, frozenset[int]]


class HiddenPosts(Protocol):
    """What was taken down."""

    async def hide(self, post: str, comment: int, now: datetime) -> bool:
        """Hide a comment, 0 for the whole post; whether it was not hidden before."""
        ...

    async def unhide(self, post: str, comment: int) -> bool:
        """Show it again; whether it was hidden."""
        ...

    async def all(self) -> Hidden:
        """Everything that is hidden."""
        ...


class Subscriptions(Protocol):
    """The digests of places, and who changed them."""

    async def add(self, subscription: Subscription, person: str | None, most: int) -> Subscription:
        """Keep a new one; one of the same place, times and wishes is returned in its stead.

        Raises UserError where its workspace (without one, its place) has `most` already.
        """
        ...

    async def get(self, subscription: str) -> Subscription | None:
        """The one with an id."""
        ...

    async def of_place(self, place: Place) -> Sequence[Subscription]:
        """Those of a place, the oldest first."""
        ...

    async def of_workspace(self, platform: str, workspace: str) -> Sequence[Subscription]:
        """Those of all places of a server or workspace, the oldest first."""
        ...

    async def of_person(self, platform: str, person: str) -> Sequence[Subscription]:
        """The personal ones of a person, the oldest first."""
        ...

    async def every(self) -> Sequence[Subscription]:
        """All of them, the oldest first."""
        ...

    async def change(
        self,
        subscription: Subscription,
        person: str | None,
        what: str,
        details: str,
        now: datetime,
        *,
        before: Subscription | None = None,
    ) -> bool:
        """Keep its times and wishes, when it is due and whether it is stopped, and who did that.

        A "pause" ends what waits to be sent for it. False where it has been removed, or is not as
        it was `before` any more: somebody has changed it meanwhile, or it was sent.
        """
        ...

    async def remove(self, subscription: str, person: str | None, now: datetime) -> bool:
        """End one with everything that waits to be sent for it; whether it was there."""
        ...

    async def changes(self, subscription: str, limit: int) -> Sequence[Change]:
        """What was done with it, the newest first."""
        ...

    async def forget_person(self, platform: str, person: str, direct: str | None = None) -> int:
        """Delete all of a person's: personal digests, and the name wherever it stands.

        `direct` is the target of their direct messages where it is known: what is kept of those is
        deleted as well. Returns how many personal digests there were.
        """
        ...


class Digests(Protocol):
    """What is due, and which posts a place has had."""

    async def due(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Subscription]:
        """Those whose time has come, the longest due first."""
        ...

    async def next_due(self, platforms: Collection[str]) -> datetime | None:
        """When the next one is due."""
        ...

    async def overdue(self, now: datetime) -> Mapping[str, datetime]:
        """Since when the longest due one of each platform is due, where any is (UTC)."""
        ...

    async def had(self, place: Place, posts: Collection[str]) -> frozenset[str]:
        """Which of these posts a place has had."""
        ...

    async def fire(
        self,
        subscription: Subscription,
        following: Due | None,
        rows: Sequence[NewRow],
        now: datetime,
        *,
        outcome: Outcome | None = None,
    ) -> bool:
        """Write the rows of a digest and when the next one is due, all or nothing.

        The place has had the posts of the rows from now on. With an outcome (MISSED) the rows are
        only kept for the record. False, and nothing is written, where somebody else has fired it
        (its due time is another one now) or a post came to the place meanwhile.
        """
        ...

    async def send_now(self, place: Place, rows: Sequence[NewRow], now: datetime) -> bool:
        """Write the rows of a digest that somebody asked for now; False as with `fire`."""
        ...


# Rows that wait are counted so far: who looks wants to know whether there are many.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """The rows of a platform that are to be sent: `ready` now, `later`, or `blocked` by others.

    Each number is MOST_COUNTED at most. `oldest` is since when the longest ready one is (UTC), None
    where none is.
    """

    platform: str
    ready: int = 0
    later: int = 0
    blocked: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """What was claimed, and when more will be ready, None where nothing is in sight."""

    claims: Sequence[Claim]
    next_at: datetime | None


class Outbox(Protocol):
    """The rows that are to be sent, are being sent, and were sent."""

    async def put(self, rows: Sequence[NewRow], now: datetime) -> frozenset[str]:
        """Write rows whose keys are not there yet; the keys that were new."""
        ...

    async def claim(
        self,
        platform: str,
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        count: int,
        lease: timedelta,
        worker: str,
    ) -> Claims:
        """Claim rows that are ready, at most `count`, each with a slot that keeps the pace.

        Slots lie within the next second. A lease lasts for `lease` from its slot on. What was
        claimed and not settled in time can be claimed again.
        """
        ...

    async def renew(
        self,
        claims: Sequence[Claim],
        pace: Pace,
        channel_of: Callable[[str], str],
        now: datetime,
        lease: timedelta,
    ) -> Sequence[Claim]:
        """A later slot for claims that have used theirs, or came too late; those still held.

        All are of one platform.

        Also called before a claim's lease ends, where its requests take long.
        """
        ...

    async def settle(self, results: Sequence[Result], now: datetime) -> None:
        """Note what became of claims, and write the rows that follow from it, all or nothing.

        What was done lets those go on that wait for it, and gives them its reference; what failed
        drops them. A claim that is no longer held changes nothing, except that what was done is
        done.
        """
        ...

    async def show(self, row: int, posts: Mapping[str, str]) -> None:
        """Note which versions of its posts a row is going to show."""
        ...

    async def refresh(self, keys: Collection[str], now: datetime, deadline: datetime) -> None:
        """Let messages that were posted be made anew: one EDIT each, however often it is asked.

        A message is edited every 5 s at most.
        """
        ...

    async def row(self, key: str) -> Row | None:
        """The row with a key."""
        ...

    async def there(self, keys: Collection[str]) -> frozenset[str]:
        """Those of some keys that a row has."""
        ...

    async def by_id(self, row: int) -> Row | None:
        """The row with a number."""
        ...

    async def by_reference(self, platform: str, reference: str) -> Row | None:
        """The row that posted a message, or opened a thread."""
        ...

    async def on(self, key: str) -> Sequence[Row]:
        """The rows that stand on one, such as all messages of a thread, in their order."""
        ...

    async def progress(self, key: str) -> Progress:
        """How far the messages of a thread have come, by the key of its row."""
        ...

    async def showing(self, post: str, since: datetime | None) -> Sequence[str]:
        """The keys of what was posted with a post in it (since a time), whatever its version."""
        ...

    async def backlog(self, platforms: Collection[str], now: datetime) -> Sequence[Backlog]:
        """What is to be sent still on each of some platforms, also where that is nothing."""
        ...

    async def history(self, subscription: str, limit: int, offset: int = 0) -> Sequence[Row]:
        """The digests of a subscription, the newest first."""
        ...


class Installations(Protocol):
    """Where the bot was installed, with what it was granted there, which only `Sealer` can read."""

    async def keep(self, platform: str, workspace: str, sealed: str, now: datetime) -> None:
        """Keep what was granted in a workspace, in place of what was before."""
        ...

    async def sealed(self, platform: str, workspace: str) -> str | None:
        """What was granted in a workspace."""
        ...

    async def workspaces(self, platform: str) -> Sequence[str]:
        """Where the bot is installed."""
        ...

    async def delete(self, platform: str, workspace: str, sealed: str | None = None) -> bool:
        """Delete what was granted in a workspace; whether there was anything.

        With `sealed` only where it is still that.
        """
        ...


class HandledEvents(Protocol):
    """Which events some worker has taken: platforms tell the same one again, and to several."""

    async def take(self, key: str, until: datetime) -> bool:
        """Take an event until a time (UTC) at least; whether nobody has taken it before."""
        ...

    async def take_all(self, keys: Collection[str], until: datetime) -> frozenset[str]:
        """The same of several at once: those that nobody has taken before."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a process is to hold alone: `ours` of the parts, from 0, that a resource has.

    So "discord:123", (0, 1), 16 are two of the sixteen shards of an application.
    """

    resource: str
    ours: Sequence[int]
    parts: int


@dataclass(frozen=True, slots=True)
class Held:
    """A part that is held until a time, unless it is renewed. Times are by the state's clock."""

    resource: str
    part: int
    parts: int
    holder: str
    held_since: datetime
    held_until: datetime

    @property
    def by(self) -> Runner:
        """The process that holds it: a holder's name is made of its host and its number."""
        host, _, numbers = self.holder.partition(" ")
        pid = numbers.partition(" ")[0]
        return Runner("matome run", host, int(pid) if pid.isdecimal() else 0, self.held_since)


class Holds(Protocol):
    """What running processes hold alone, as long as they renew it."""

    async def hold(self, wanted: Wanted, holder: str, lease: timedelta) -> Sequence[Held]:
        """Hold all parts for a lease from now on; else nothing, and those that are in the way.

        In the way are others that hold one of them, or any where there are more or fewer parts.
        """
        ...

    async def release(self, resource: str, holder: str) -> None:
        """Give back what somebody holds of something."""
        ...

    async def every(self) -> Sequence[Held]:
        """All holds that are not over, the oldest first."""
        ...


class Upkeep(Protocol):
    """What is deleted when its time is over."""

    async def forget_expired(self, now: datetime, keep: timedelta) -> int:
        """Delete what has expired: codes, events, outcomes older than `keep`, left places."""
        ...

    async def workspace_removed(self, platform: str, workspace: str, now: datetime) -> None:
        """The bot was removed from a workspace: nothing is sent there; it may come back."""
        ...

    async def workspace_returned(self, platform: str, workspace: str, now: datetime) -> None:
        """It is there again: what was kept goes on; what was due meanwhile is late or missed."""
        ...


class StateClock(Protocol):
    """The clock of the state; of a file it is this machine's."""

    async def now(self) -> datetime:
        """What it says."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them, over one state."""

    codes: CodeStore
    seen: SeenPosts
    hidden: HiddenPosts
    subscriptions: Subscriptions
    digests: Digests
    outbox: Outbox
    installations: Installations
    handled: HandledEvents
    holds: Holds
    upkeep: Upkeep
    clock: StateClock


# Opens the state at its first use; what failed is tried again by the next.
GetStores = Callable[[], Awaitable[Stores]]
