"""Who asks, where, and what can be shown there: all that an answer depends on beside the intent."""

from dataclasses import dataclass, replace

from bot.locales import Texts
from bot.view import Limits


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one request, made by an adapter.

    `person` and `target` are the platform's own names of who asks and of the channel or
    conversation where; `message` is the reference of the message whose button was pressed.
    `seen_by_others` says whether others see that message, `can_share` and `can_thread` whether
    something can be posted for all here, and replies hung on what is posted.
    """

    platform: str
    person: str
    target: str
    texts: Texts
    limits: Limits
    message: str | None = None
    seen_by_others: bool = False
    can_share: bool = False
    can_thread: bool = False

    def public(self) -> "Context":
        """The same for a message that everybody sees."""
        return replace(self, seen_by_others=True, can_share=False)
