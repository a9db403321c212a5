"""Opening what lies below a directory that others may write in: no link leads out of it."""

import os
from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# A pipe is not waited for.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def open_beneath(root: Path, path: str) -> int:
    """A descriptor for reading what lies at a path with "/" between its parts.

    It is reached step by step, so that neither it nor a directory on the way is a link, whatever
    was there a moment before. The root itself may be one. Raises OSError, ValueError for a name
    that no file can have.
    """
    *directories, name = path.split("/")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for directory in directories:
            inner = os.open(directory, _DIRECTORY, dir_fd=here)
            os.close(here)
            here = inner
        return os.open(name, _FILE, dir_fd=here)
    finally:
        os.close(here)
