"""When Python looks for objects that hold each other: never while what stays is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Iterator[None]:
    """For imports: what is there at the end is never looked through again.

    To look through modules again and again while they are imported took a sixth of the start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
