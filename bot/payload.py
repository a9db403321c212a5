"""What a row of the outbox says, as the text under which the state keeps it, and back.

The names of classes and fields are part of what is kept: they never change.
"""

import json
from dataclasses import asdict
from typing import get_args

from bot.errors import StateError
from bot.intent import Said

_CLASSES = {made.__name__: made for made in get_args(Said)}


def to_text(said: Said) -> str:
    """JSON with the name of the class and its fields."""
    return json.dumps({"is": type(said).__name__, **asdict(said)}, ensure_ascii=False)


def from_text(text: str) -> Said:
    """What a text says. Raises StateError for one that this program never writes."""
    try:
        fields = json.loads(text)
        said: Said = _CLASSES[fields.pop("is")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError("state.unknown_row", row=text) from error
    return said
