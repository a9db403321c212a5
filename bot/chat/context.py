"""Who asks, where, and what can be shown there: all that an answer depends on beside the intent."""

from dataclasses import dataclass

from bot.locales import Texts
from bot.view import Limits

# Who does something on the command line; no platform calls anybody so.
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Frame:
    """What an answer has to fit into: its language, the limits of a message, what is possible.

    `can_share` and `can_thread` say whether something can be posted for all from there, and
    replies hung on what is posted. `is_direct` is a conversation with the bot alone. `hint` is the
    key of a sentence that help adds, about what is peculiar to the platform.
    """

    texts: Texts
    limits: Limits
    can_share: bool = False
    can_thread: bool = False
    is_direct: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one request, made by an adapter.

    `person` and `target` are the platform's own names of who asks and of the channel or
    conversation where. `frame` is that of an answer for the person alone, `public` that of what
    all see there, in the channel's language. `message` is the reference of the message whose
    button was pressed: `may_replace` says whether the answer may take its place, `is_public`
    whether others see it. `workspace` is the server or workspace of a channel.
    """

    platform: str
    person: str
    target: str
    frame: Frame
    public: Frame
    message: str | None = None
    may_replace: bool = True
    is_public: bool = False
    workspace: str | None = None

    @property
    def texts(self) -> Texts:
        """The language of who asks."""
        return self.frame.texts

    @property
    def is_direct(self) -> bool:
        """Whether it is a conversation with the bot alone, where no channel has digests."""
        return self.frame.is_direct
