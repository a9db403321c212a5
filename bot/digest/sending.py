"""What is done with a claimed row of the outbox: looked for, composed, sent, and what follows.

A message that may be there already is looked for before it is sent again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from structlog.stdlib import get_logger

from bot.digest.observing import Whereabouts
from bot.digest.pacing import Asker, Attempt, LostLeaseError, PausedError
from bot.digest.retries import Retries, refused, stopped
from bot.errors import (
    DeliveryError,
    Forbidden,
    IndexFileError,
    NotYet,
    StateError,
    TargetGone,
    TryLater,
    UserError,
)
from bot.intent import OpenThread, Stopped
from bot.outbox import Cause, Op, Outcome, Result, Row
from bot.ports import Platform
from bot.stores import GetStores
from bot.view import Posting

# How much earlier than its row a message is looked for: clocks differ.
CLOCKS_DIFFER = timedelta(minutes=5)
# How long after its time a row is still looked for that may have been sent.
LOOKED_FOR = timedelta(hours=1)
# Messages of a platform that are made at the same time. It takes the processor: were all made at
# once that were claimed together, those whose slot has come would wait until the last one is made.
COMPOSED_AT_ONCE = 4

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """What rows show, made by the chat from what this replica's index holds.

    `compose` raises UserError where there is nothing to show any more. `held` says whether the
    index has a row's posts as they are now, `versions_of` which versions of posts it has.
    `on_done` is told of rows that were done.
    """

    compose: Callable[[Row, Platform], Awaitable[Posting]]
    held: Callable[[Row], Awaitable[Whereabouts]]
    versions_of: Callable[[Collection[str]], Awaitable[Mapping[str, str]]]
    on_done: Callable[[Row], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the rows of one platform. `now` gives the time in UTC."""

    platform: Platform
    get_stores: GetStores
    content: Content
    asker: Asker
    retries: Retries
    now: Callable[[], datetime]
    composing: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(COMPOSED_AT_ONCE), init=False
    )

    async def send(self, attempt: Attempt) -> Result | None:
        """What became of a claim; None where it is another's by now."""
        row = attempt.claim.row
        try:
            return await self._sent(attempt, row)
        except LostLeaseError:
            return None
        except PausedError as error:
            return self.retries.put_off(attempt, error.seconds, Cause.ASKED_TO_WAIT.value)
        except NotYet as error:
            return self.retries.put_off(attempt, self.retries.timing.stale, str(error))
        except UserError as error:
            return Result(attempt.claim, Outcome.DROPPED, cause=str(error))
        except (TargetGone, Forbidden) as error:
            return await self._refused(attempt, error)
        except TryLater as error:
            return self.retries.asked_to_wait(attempt, error, self._channel(row))
        except TimeoutError:
            return self.retries.again(attempt, Cause.NO_ANSWER.value)
        except (DeliveryError, StateError, IndexFileError, OSError) as error:
            return self.retries.again(attempt, str(error) or type(error).__name__)
        except Exception as error:
            return self.retries.incident(attempt, error)

    async def _sent(self, attempt: Attempt, row: Row) -> Result:
        if row.deadline <= self.now():
            return await self._too_late(attempt, row)
        if row.op in (Op.POST, Op.EDIT):
            timing = self.retries.timing
            match await self.content.held(row):
                case Whereabouts.NOT_NOTED:
                    cause = Cause.NEWER_ARCHIVE.value
                    return self.retries.put_off(attempt, timing.not_noted, cause)
                case Whereabouts.ELSEWHERE:
                    cause = Cause.OLDER_ARCHIVE.value
                    return self.retries.put_off(attempt, timing.stale, cause)
        match row.op:
            case Op.POST:
                return await self._post(attempt, row)
            case Op.TELL:
                return await self._tell(attempt, row)
            case Op.EDIT:
                message = _known(row.message)
                posting = await self._composed(row)
                await self.asker.ask(attempt, lambda: self.platform.edit(message, posting))
                return _done(attempt)
            case Op.THREAD:
                message = _known(row.message)
                title = row.said.title if isinstance(row.said, OpenThread) else ""
                thread = await self.asker.ask(attempt, lambda: self.platform.thread(message, title))
                return _done(attempt, thread)
            case Op.PUBLISH:
                message = _known(row.message)
                await self.asker.ask(attempt, lambda: self.platform.publish(message))
                return _done(attempt)

    async def _too_late(self, attempt: Attempt, row: Row) -> Result:
        """Whether it was sent in time after all, and only the answer is missing."""
        may_be_there = row.op is Op.POST and row.tries > 1
        if may_be_there and self.now() < row.deadline + LOOKED_FOR:
            reference = await self._found(attempt, row, _known(row.target))
            if reference is not None:
                return _done(attempt, reference)
        return Result(attempt.claim, Outcome.MISSED, cause=row.cause)

    async def _post(self, attempt: Attempt, row: Row) -> Result:
        target = _known(row.target)
        reference = await self._found(attempt, row, target)
        if reference is None:
            posting = await self._composed(row)
            await self._note_versions(row)
            reference = await self._post_to(attempt, row, target, posting)
        return _done(attempt, reference)

    async def _tell(self, attempt: Attempt, row: Row) -> Result:
        """Write to the first person who can be reached."""
        posting = await self._composed(row)
        refusal = "nobody is known there"
        async for person in self._persons(attempt, row):
            try:
                target = await self._direct(attempt, person)
                reference = await self._found(attempt, row, target)
                if reference is None:
                    reference = await self._post_to(attempt, row, target, posting)
            except (TargetGone, Forbidden) as error:
                # Nothing has come of it: the next one may be told at once.
                attempt.left_at = None
                refusal = str(error)
            else:
                return _done(attempt, reference)
        digest = row.said.subscription if isinstance(row.said, Stopped) else None
        _log.warning("nobody could be told", row=row.id, digest=digest, cause=refusal)
        return Result(attempt.claim, Outcome.FORBIDDEN, cause=refusal)

    async def _persons(self, attempt: Attempt, row: Row) -> AsyncIterator[str]:
        """Whom to tell, one after the other: who made the digest, then who manages the place."""
        first = row.said.person if isinstance(row.said, Stopped) else None
        if first is not None:
            yield first
        target = _known(row.target)
        try:
            managers = await self.asker.ask(attempt, lambda: self.platform.whom_to_tell(target))
        except (TargetGone, Forbidden):
            return
        for person in managers:
            if person != first:
                yield person

    async def _composed(self, row: Row) -> Posting:
        """What a row shows; those that were claimed first are made first."""
        async with self.composing:
            return await self.content.compose(row, self.platform)

    async def _direct(self, attempt: Attempt, person: str) -> str:
        return await self.asker.ask(attempt, lambda: self.platform.open_dm(person))

    async def _found(self, attempt: Attempt, row: Row, target: str) -> str | None:
        """The message where an earlier try has sent it, as far as that can be looked for."""
        if row.tries <= 1:
            return None
        since = min(row.created_at, self.now()) - CLOCKS_DIFFER
        try:
            return await self.asker.ask(attempt, lambda: self.platform.find(target, row.key, since))
        except Forbidden:
            # Where the bot may not read it may write all the same.
            return None

    async def _post_to(self, attempt: Attempt, row: Row, target: str, posting: Posting) -> str:
        return await self.asker.ask(
            attempt, lambda: self.platform.post(target, posting, row.key), makes=True
        )

    async def _note_versions(self, row: Row) -> None:
        """Keep which versions of its posts the message is going to show, where they changed."""
        if not row.posts:
            return
        held = await self.content.versions_of([post.post for post in row.posts])
        changed = {
            post.post: held[post.post]
            for post in row.posts
            if held.get(post.post, post.version) != post.version
        }
        if changed:
            await (await self.get_stores()).outbox.show(row.id, changed)

    async def _refused(self, attempt: Attempt, error: TargetGone | Forbidden) -> Result:
        """Over for good; somebody is told where a digest is stopped by that."""
        row = attempt.claim.row
        if row.op is not Op.POST or row.subscription is None:
            return refused(attempt, error)
        try:
            subscription = await (await self.get_stores()).subscriptions.get(row.subscription)
        except StateError as failure:
            return self.retries.again(attempt, str(failure))
        person = None if subscription is None else subscription.creator
        return refused(attempt, error, stopped(row, row.subscription, error, person, self.now()))

    def _channel(self, row: Row) -> str | None:
        """The channel that may have to wait."""
        if row.op is not Op.POST or row.target is None:
            return None
        return self.platform.channel(row.target)


def _known(name: str | None) -> str:
    """A target or a message. Raises TargetGone where what a row stands on has none."""
    if name is None:
        raise TargetGone("delivery.gone", what="")
    return name


def _done(attempt: Attempt, reference: str | None = None) -> Result:
    return Result(attempt.claim, Outcome.DONE, reference)
