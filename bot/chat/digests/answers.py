"""The one place that knows which answer belongs to which intent about digests."""

from typing import assert_never

from bot.chat.context import Context
from bot.chat.digests import changing, looking, sending
from bot.chat.digests.desk import Desk
from bot.intent import (
    AddDigest,
    DigestIntent,
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    ListDigests,
    PauseDigest,
    PreviewDigest,
    ReadDigest,
    RemoveDigest,
    SendDigest,
)
from bot.view import View


async def answer(desk: Desk, intent: DigestIntent | ReadDigest, context: Context) -> View:
    """Do what somebody asks for, and say what came of it. Raises UserError and StateError."""
    match intent:
        case ListDigests():
            return await looking.listing(desk, intent, context)
        case AddDigest():
            return await changing.add(desk, intent, context)
        case EditDigest():
            return await changing.edit(desk, intent, context)
        case DigestSettings():
            return await looking.settings(desk, intent, context)
        case PauseDigest():
            return await changing.pause(desk, intent, context)
        case RemoveDigest():
            return await changing.remove(desk, intent, context)
        case PreviewDigest():
            return await sending.preview(desk, intent, context)
        case SendDigest():
            return await sending.send(desk, intent, context)
        case DigestStatus():
            return await looking.status(desk, intent, context)
        case ForgetMe():
            return await changing.forget(desk, intent, context)
        case ReadDigest():
            return await sending.read(desk, intent, context)
        case _:
            assert_never(intent)
