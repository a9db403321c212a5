"""A digest as rows of the outbox."""

from datetime import date, timedelta

from bot.digest.posts import Chosen
from bot.intent import Publish, ShowDigest
from bot.outbox import NewRow, Op, PostVersion, delivery_key
from bot.ports import Index
from bot.subscription import Due, Subscription

# What is passed on to followers may come a little later than the digest itself.
PUBLISHED_WITHIN = timedelta(hours=1)


def digest_key(subscription: Subscription, day: date) -> str:
    """What makes the digest of a local day come once."""
    return delivery_key("digest", subscription.id, day.isoformat())


def missed_row(subscription: Subscription, due: Due, late: timedelta) -> NewRow:
    """A digest that was not sent, for the record."""
    return NewRow(
        key=digest_key(subscription, due.day),
        platform=subscription.place.platform,
        op=Op.POST,
        said=ShowDigest(due.day.isoformat(), 0, "none"),
        language=subscription.wishes.language,
        ready_at=due.at,
        deadline=due.at + late,
        target=subscription.place.target,
        subscription=subscription.id,
        due_at=due.at,
        workspace=subscription.place.workspace,
    )


async def digest_rows(
    subscription: Subscription,
    key: str,
    due: Due,
    chosen: Chosen,
    within: timedelta,
    index: Index,
) -> list[NewRow]:
    """A digest, to be sent within some time, and its passing on to followers."""
    versions = await index.versions_of([post.key for post in chosen.posts])
    # One that has just left the archive is not shown.
    shown = [post.key for post in chosen.shown if post.key in versions]
    others = [post.key for post in chosen.others if post.key in versions]
    digest = NewRow(
        key=key,
        platform=subscription.place.platform,
        op=Op.POST,
        said=ShowDigest(due.day.isoformat(), len(shown), chosen.source),
        language=subscription.wishes.language,
        ready_at=due.at,
        deadline=due.at + within,
        target=subscription.place.target,
        posts=[PostVersion(post, versions[post]) for post in (*shown, *others)],
        subscription=subscription.id,
        due_at=due.at,
        workspace=subscription.place.workspace,
    )
    if not subscription.wishes.publish:
        return [digest]
    publishing = NewRow(
        key=delivery_key("publish", key),
        platform=digest.platform,
        op=Op.PUBLISH,
        said=Publish(),
        language=digest.language,
        ready_at=due.at,
        deadline=digest.deadline + PUBLISHED_WITHIN,
        on_key=key,
        after_key=key,
        workspace=digest.workspace,
    )
    return [digest, publishing]
