"""Digests whose time has come, as rows of the outbox.

Writing the rows and when the next one is due is one transaction, so of several replicas that fire
at once one does, and a digest is neither lost nor written twice. Sending is the dispatcher's part.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from structlog.stdlib import get_logger

from bot.digest.measuring import measure_missed
from bot.digest.outages import until_done
from bot.digest.posts import Shelf
from bot.digest.rows import digest_key, digest_rows, missed_row
from bot.digest.schedule import FARTHEST, Alarm, first_due, following, overdue
from bot.errors import IndexFileError, NotYet, StateError
from bot.incidents import incident
from bot.meter import NO_METER, Meter
from bot.outbox import NewRow, Outcome, delivery_key
from bot.ports import Index
from bot.stores import GetStores, Stores
from bot.subscription import Due, Subscription

# Digests that are chosen together.
BATCH = 100
# Missed days that are kept for the record.
MOST_MISSED = 7
# A replica whose archive is older than what the state knows leaves what is due to others so long.
STALE_GRACE = timedelta(minutes=10)
# Whoever asked for a digest does not wait for longer.
NOW_WITHIN = timedelta(hours=1)
# One that cannot be fired is tried again then, and keeps the others from nothing.
POSTPONED = timedelta(hours=1)
# So often posts are chosen again because some came to the place meanwhile.
TRIES = 3
# Between two looks for due times that a wrong clock has left.
LOOKED_EVERY = timedelta(days=1)
# Between two rounds at least.
SHORTEST_WAIT = timedelta(seconds=1)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Firing:
    """What fires digests: the platforms of this process, its index, and the state.

    A digest is sent up to `late` after it was due. `now` gives the time in UTC.
    """

    platforms: Collection[str]
    index: Index
    get_stores: GetStores
    late: timedelta
    now: Callable[[], datetime]
    meter: Meter = NO_METER


async def fire_due(firing: Firing) -> int:
    """Write the rows of all digests that are due; how many there were.

    None before what the index holds has been noted in the state, see `Observer`. Raises StateError
    and IndexFileError; what was fired until then is.
    """
    stores = await firing.get_stores()
    fired = fruitless = 0
    while fruitless < TRIES:
        now = firing.now()
        known, own = await stores.seen.revision(), await firing.index.revision()
        if known is None or own > known:
            # What the last sync brought is new once it has been noted, which is under way.
            break
        due_by = now - STALE_GRACE if own < known else now
        due = await stores.digests.due(firing.platforms, due_by, BATCH)
        if not due:
            break
        shelf = Shelf(firing.index, stores, now)
        done = [await _fire_safely(firing, subscription, shelf, stores) for subscription in due]
        fired += sum(done)
        # Those of which somebody else was quicker are not due any more; one to whose place a post
        # came meanwhile still is, and is chosen again.
        fruitless = 0 if any(done) else fruitless + 1
    return fired


async def keep_firing(
    firing: Firing, alarm: Alarm, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Fire what is due when it is due, for as long as the program runs.

    Whatever goes wrong is logged once and tried again, with growing pauses, until it goes well.
    """
    what = "due digests could not be written"
    looked_at = firing.now()
    while True:
        # Once a day, and where the clock was put back.
        if not timedelta(0) <= firing.now() - looked_at < LOOKED_EVERY:
            await until_done(lambda: bring_back(firing), what, sleep)
            looked_at = firing.now()
        next_at = await until_done(lambda: _fire_and_look(firing), what, sleep)
        # What is due and was not fired is another replica's, or not to be fired before posts are
        # noted: it is looked at again soon.
        soon = firing.now() + SHORTEST_WAIT
        await alarm.wait_until(None if next_at is None else max(next_at, soon))


async def bring_back(firing: Firing) -> int:
    """Compute due times anew that are farther ahead than any can be; how many there were.

    A clock that was wrong for a while has left them. Raises StateError.
    """
    stores, now = await firing.get_stores(), firing.now()
    found = 0
    for subscription in await stores.subscriptions.every():
        due, platform = subscription.due, subscription.place.platform
        if due is None or due.at - now <= FARTHEST or platform not in firing.platforms:
            continue
        # One whose zone is not known here stays as it is.
        with suppress(LookupError, ValueError):
            after = first_due(subscription.times, now)
            found += await stores.digests.fire(subscription, after, (), now)
    if found:
        _log.warning("the clock was wrong: due times were far ahead", digests=found)
    return found


async def _fire_and_look(firing: Firing) -> datetime | None:
    """Fire what is due; when the next one is."""
    await fire_due(firing)
    return await (await firing.get_stores()).digests.next_due(firing.platforms)


class SentNow(Enum):
    """What became of a digest that somebody asked for now."""

    SENDING = "sending"
    ALREADY = "already"  # the same press has been counted
    NOTHING = "nothing"  # there is nothing new, and then it wants to be silent
    TRY_LATER = "try later"  # other digests of the place come at the same moment


async def send_now(
    subscription: Subscription, pressed: str, index: Index, stores: Stores, now: datetime
) -> SentNow:
    """Write the rows of a digest beside those that are due, once for `pressed`.

    That names the message whose button was pressed, or the minute. Raises StateError and
    IndexFileError.
    """
    key = delivery_key("now", subscription.id, pressed)
    if await stores.outbox.row(key) is not None:
        return SentNow.ALREADY
    day = now.astimezone(ZoneInfo(subscription.times.zone)).date()
    for _ in range(TRIES):
        chosen = await Shelf(index, stores, now).choose(subscription.place, subscription.wishes)
        if chosen.skipped:
            return SentNow.NOTHING
        rows = await digest_rows(subscription, key, Due(now, day), chosen, NOW_WITHIN, index)
        asked = [replace(row, due_at=None, asked=True) for row in rows]
        if await stores.digests.send_now(subscription.place, asked, now):
            return SentNow.SENDING
    return SentNow.TRY_LATER


async def _fire_safely(
    firing: Firing, subscription: Subscription, shelf: Shelf, stores: Stores
) -> bool:
    """Fire one; where that fails for a reason of its own it is postponed and the others go on."""
    try:
        return await _fire(firing, subscription, shelf, stores)
    except (StateError, IndexFileError, NotYet):
        raise
    except Exception as error:
        incident(_log, "a digest is postponed", error, digest=subscription.id)
        assert subscription.due is not None
        later = Due(firing.now() + POSTPONED, subscription.due.day)
        return await stores.digests.fire(subscription, later, (), firing.now())


async def _fire(firing: Firing, subscription: Subscription, shelf: Shelf, stores: Stores) -> bool:
    """Write what is due of one digest; False where it was not written, see `Digests.fire`.

    Of several days that were missed the last one is sent, if that is not too late.
    """
    assert subscription.due is not None
    now, times = firing.now(), subscription.times
    dues = overdue(times, subscription.due, now, MOST_MISSED + 1)
    if not dues:
        # The clock went back just now.
        return False
    latest = dues[-1]
    after = following(times, latest.day, now)
    if latest.at + firing.late <= now:
        return await _miss(firing, subscription, dues, after, stores)
    if len(dues) > 1:
        if not await _miss(firing, subscription, dues[:-1], latest, stores):
            return False
        subscription = replace(subscription, due=latest)
    key = digest_key(subscription, latest.day)
    chosen = await shelf.choose(subscription.place, subscription.wishes)
    rows: Sequence[NewRow] = ()
    if not chosen.skipped:
        rows = await digest_rows(subscription, key, latest, chosen, firing.late, firing.index)
    return await stores.digests.fire(subscription, after, rows, now)


async def _miss(
    firing: Firing, subscription: Subscription, dues: Sequence[Due], after: Due, stores: Stores
) -> bool:
    """Keep days of a digest as missed; False where they were not written, see `Digests.fire`."""
    rows = [missed_row(subscription, due, firing.late) for due in dues]
    now = firing.now()
    if not await stores.digests.fire(subscription, after, rows, now, outcome=Outcome.MISSED):
        return False
    measure_missed(subscription.place.platform, len(rows), firing.meter)
    return True
