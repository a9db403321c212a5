"""Subscriptions as rows of their table, and back."""

import json
from datetime import time
from typing import Any

from sqlalchemy import RowMapping

from bot.subscription import Due, Place, QuietDay, Subscription, Times, Wishes


def subscription_of(row: RowMapping) -> Subscription:
    """The subscription in a row of the table."""
    due = None
    # A pause by the bot's removal leaves the day.
    if row["due_at"] is not None:
        due = Due(row["due_at"], row["due_day"])
    return Subscription(
        id=row["id"],
        place=Place(row["platform"], row["target"], row["workspace"]),
        times=Times(
            time.fromisoformat(row["time"]),
            frozenset(int(digit) for digit in row["weekdays"]),
            row["zone"],
        ),
        wishes=Wishes(
            wanted=tuple(json.loads(row["wanted"])),
            unwanted=tuple(json.loads(row["unwanted"])),
            posts=row["posts"],
            language=row["language"],
            quiet_day=QuietDay(row["quiet_day"]),
            role=row["role"],
            publish=row["publish"],
        ),
        creator=row["creator"],
        created_at=row["created_at"],
        due=due,
        personal=row["personal"],
        stopped=row["stopped"],
    )


def values_of(subscription: Subscription) -> dict[str, Any]:
    """The values of all columns."""
    return {
        "id": subscription.id,
        "platform": subscription.place.platform,
        "target": subscription.place.target,
        "workspace": subscription.place.workspace,
        "personal": subscription.personal,
        "creator": subscription.creator,
        "created_at": subscription.created_at,
        **changing_of(subscription),
    }


def changing_of(subscription: Subscription) -> dict[str, Any]:
    """The values of the columns that may change."""
    due = subscription.due
    return {
        **wishes_of(subscription),
        "due_at": due.at if due is not None else None,
        "due_day": due.day if due is not None else None,
        "stopped": subscription.stopped,
    }


def wishes_of(subscription: Subscription) -> dict[str, Any]:
    """The values of the columns that say when it comes and what is in it."""
    times, wishes = subscription.times, subscription.wishes
    return {
        "time": times.at.isoformat("minutes"),
        "weekdays": "".join(str(day) for day in sorted(times.weekdays)),
        "zone": times.zone,
        "wanted": json.dumps(wishes.wanted, ensure_ascii=False),
        "unwanted": json.dumps(wishes.unwanted, ensure_ascii=False),
        "posts": wishes.posts,
        "language": wishes.language,
        "quiet_day": wishes.quiet_day.value,
        "role": wishes.role,
        "publish": wishes.publish,
    }
