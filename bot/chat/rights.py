"""What the bot may do where others are to see something, and what is told where it may not."""

from collections.abc import Awaitable, Sequence
from typing import NoReturn

from bot.chat.context import Context
from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater, UserError
from bot.outbox import Op, Outcome, Row
from bot.ports import Platform


async def check(looking: Awaitable[Sequence[str]]) -> None:
    """Raise UserError where a right is missing; whether the platform is away shows later."""
    try:
        lacking = await looking
    except TryLater:
        return
    except TargetGone as error:
        raise UserError("chat.share.gone") from error
    except Forbidden as error:
        lacking = error.missing
        if not lacking:
            raise UserError("chat.share.not_allowed") from error
    if lacking:
        raise UserError("chat.share.forbidden", missing=", ".join(lacking))


async def is_there(platform: Platform, thread: str) -> bool:
    """Whether a thread is there still, as far as that is known.

    Raises UserError where it can be seen, but not written to.
    """
    try:
        lacking = await platform.can_post(thread)
    except TargetGone:
        return False
    except DeliveryError:
        # What is the matter shows when something is to be posted there.
        return True
    if lacking:
        raise UserError("chat.share.thread_closed", missing=", ".join(lacking))
    return True


async def refuse(platform: Platform, failed: Row, context: Context) -> NoReturn:
    """Tell what a row came to. Raises UserError."""
    if failed.outcome is Outcome.FORBIDDEN:
        if failed.op is Op.THREAD:
            await check(platform.can_thread(context.target))
        await check(platform.can_post(failed.target or context.target))
        raise UserError("chat.share.not_allowed")
    gone = failed.outcome is Outcome.GONE
    raise UserError("chat.share.gone" if gone else "chat.share.failed")
