"""How the C library keeps memory for later, as far as it lets itself be told."""

import ctypes
from contextlib import suppress

# An option of mallopt: malloc.h of glibc; https://sourceware.org/glibc/manual/latest/html_node/
# Malloc-Tunable-Parameters.html
_ARENA_MAX = -8


def share_one_heap() -> None:
    """Let all threads share one heap, of those that begin from now on; glibc only.

    By itself glibc has up to eight heaps for each processor. What a thread has freed in one the
    others do not use, so that within an hour of syncs and searches many are full of gaps.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Give what is not used any more to the system, after work that needs much; glibc only."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
