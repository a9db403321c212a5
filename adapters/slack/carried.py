"""What an open modal carries with it, so that nothing of it has to be kept here.

Slack gives it back with all that is done there; of the place it says nothing by itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Slack may give these back in another form; within a JSON text they can be written without them.
_ESCAPED = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})


@dataclass(frozen=True, slots=True)
class Carried:
    """Where a modal was opened, "" where that was nowhere; `code` is that of a form."""

    target: str
    code: str = ""

    def written(self) -> str:
        """What stands in the private_metadata of the modal."""
        found = {"at": self.target, "code": self.code}
        text = json.dumps({key: value for key, value in found.items() if value})
        return text.translate(_ESCAPED)


def carried_by(view: Mapping[str, Any]) -> Carried:
    """What a view carries; one that is not ours, or from before an update, nothing."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return Carried("")
    if not isinstance(found, dict):
        return Carried("")
    return Carried(str(found.get("at", "")), str(found.get("code", "")))
