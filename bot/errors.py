"""What can go wrong, told apart by who has to act.

MatomeError
├── UserError           the person who asked: shown in their language, says what to do
│   └── NotYet          nothing is wrong with what they asked: a little later it is answered
└── OperatorError       whoever runs the bot: one sentence with the cause and what to do
    ├── SettingsError   the settings; all faults at once
    ├── ArchiveError    the archive cannot be reached or is none
    ├── PostRefused     one file of the archive cannot be read as a post
    ├── IndexFileError  the index file cannot be used
    ├── StateError      the state database cannot be used
    └── DeliveryError   a platform did not take a message
        ├── TargetGone  the channel, thread or message is not there any more
        ├── Forbidden   rights are missing there
        └── TryLater    it may take it later
"""

from collections.abc import Sequence


class MatomeError(Exception):
    """A failure with a sentence in the locale files.

    `key` names the sentence, `details` fill it. `str()` is for logs, for tests, and for the state,
    which keeps it as the cause of a row of the outbox: bot/chat/views/deliveries.py reads the key,
    and some details, from that again.
    """

    def __init__(self, key: str, **details: object) -> None:
        super().__init__(key, details)
        self.key = key
        self.details = details

    def __str__(self) -> str:
        listed = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.key}({listed})"


class UserError(MatomeError):
    """The person asking can put it right."""


class NotYet(UserError):  # noqa: N818 (when, not what is wrong)
    """What was asked can be answered a little later; what has to be sent waits for that."""


class OperatorError(MatomeError):
    """Whoever runs the bot can put it right."""


class SettingsError(OperatorError):
    """One or more settings are wrong; `faults` has one error for each of them."""

    def __init__(self, faults: Sequence[OperatorError]) -> None:
        super().__init__("settings.faults", count=len(faults))
        self.faults = tuple(faults)


class ArchiveError(OperatorError):
    """The archive cannot be reached, or is none; what was indexed stays."""


class PostRefused(OperatorError):  # noqa: N818 (a verdict on a file, not a failure of ours)
    """A file cannot be read as a post; `line` counts from 1, None where no line is to blame."""

    def __init__(self, key: str, line: int | None = None, **details: object) -> None:
        super().__init__(key, **details)
        self.line = line


class IndexFileError(OperatorError):
    """The index file is damaged, foreign, newer than this program, or cannot be written."""


class StateError(OperatorError):
    """The state database cannot be reached, is damaged, or newer than this program."""


class DeliveryError(OperatorError):
    """A platform did not take a message, an edit or a thread."""


class TargetGone(DeliveryError):  # noqa: N818 (what is the matter, not that something is)
    """The channel, thread, message or person is not there any more: final."""


class Forbidden(DeliveryError):  # noqa: N818
    """Rights are missing there, final until somebody grants them.

    `missing` has the platform's own names of the rights, where it tells.
    """

    def __init__(self, missing: Sequence[str] = ()) -> None:
        super().__init__("delivery.forbidden", missing=", ".join(missing))
        self.missing = tuple(missing)


class TryLater(DeliveryError):  # noqa: N818
    """The platform is away or asks to wait.

    `seconds` where it says how long: then it has surely not taken the request. `everywhere` where
    that counts for the whole platform, not for one channel alone.
    """

    def __init__(
        self, cause: str, seconds: float | None = None, *, everywhere: bool = False
    ) -> None:
        super().__init__("delivery.try_later", cause=cause)
        self.seconds = seconds
        self.everywhere = everywhere
