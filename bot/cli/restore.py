"""`matome restore`: the state as it was when a backup was made."""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.app import CLOCKS
from bot.cli.output import load_settings, say
from bot.digest.firing import MOST_MISSED
from bot.digest.rows import missed_row
from bot.digest.schedule import following, overdue
from bot.locales import Texts
from bot.outbox import NewRow
from bot.subscription import Due, Subscription


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Restore a backup. Raises StateError where nothing has changed."""
    settings = load_settings()
    from storage.state.restoring import restore

    missed = partial(_missed, late=settings.late)
    done = await restore(
        settings.state,
        Path(options.file),
        CLOCKS.now(),
        missed,
        replace=options.yes,
        backups=settings.backups,
    )
    if done.put_aside is not None:
        say(texts("cli.restore.put_aside", path=done.put_aside))
    rows = done.contents.rows
    held = {"rows": sum(rows.values()), "digests": rows.get("subscription", 0)}
    print(texts("cli.restore.done", path=options.file, **held))
    if done.missed:
        print(texts("cli.restore.missed", count=done.missed))
    return 0


def _missed(
    subscription: Subscription, now: datetime, late: timedelta
) -> tuple[Sequence[NewRow], Due]:
    """What has come due since the backup: it may have been sent, or not."""
    assert subscription.due is not None
    times = subscription.times
    dues = overdue(times, subscription.due, now, MOST_MISSED)
    rows = [missed_row(subscription, due, late) for due in dues]
    return rows, following(times, dues[-1].day, now)
