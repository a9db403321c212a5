"""What may become of a text that somebody is typing."""

from dataclasses import dataclass

# As many as a platform shows at once; Discord takes no more.
MOST_OFFERS = 25
# Longer than anything that means a time, weekdays or a zone.
MAX_TYPED = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """What is taken if it is chosen, and how it is called."""

    value: str
    label: str


def shown(typed: str) -> str:
    """What somebody typed, as an answer may repeat it: on one line, and not for ever."""
    line = " ".join(typed.encode("utf-8", "ignore").decode().split())
    return line if len(line) <= 40 else f"{line[:39]}…"
