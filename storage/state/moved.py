"""A state in a file that was moved elsewhere, which is not to begin anew by mistake."""

from pathlib import Path

from bot.errors import StateError
from storage.files import free_name

_WHAT = "moved"


def put_aside_moved(path: Path) -> Path:
    """Give a file, which is whole without its log, another name in one step; returns that."""
    target = free_name(path, _WHAT)
    path.rename(target)
    return target


def refuse_moved(path: Path) -> None:
    """Raise StateError where nothing is any more but what was put aside as moved."""
    if not path.exists() and any(path.parent.glob(f"{path.name}.{_WHAT}-*")):
        raise StateError("state.moved", path=str(path))
