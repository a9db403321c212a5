"""A state in a file that was moved elsewhere, which is not to begin anew by mistake."""

from pathlib import Path

from bot.errors import StateError

_MARK = ".moved-"


def set_aside_moved(path: Path) -> Path:
    """Give a file, which is whole without its log, another name in one step; returns that."""
    number = 1
    while (target := path.with_name(f"{path.name}{_MARK}{number}")).exists():
        number += 1
    path.rename(target)
    return target


def refuse_moved(path: Path) -> None:
    """Raise StateError where nothing is any more but what was set aside as moved."""
    if not path.exists() and any(path.parent.glob(f"{path.name}{_MARK}*")):
        raise StateError("state.moved", path=str(path))
