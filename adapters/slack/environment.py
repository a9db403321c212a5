"""What slack-bolt would find in the environment by itself: our settings say everything."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PREFIX = "SLACK_"


@contextmanager
def hidden_environment() -> Iterator[None]:
    """Let nothing of Slack be found there for as long as something of slack-bolt is made.

    Else tokens are taken twice, with warnings, and an app that others install gets files as stores.
    """
    taken = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith(_PREFIX)}
    try:
        yield
    finally:
        os.environ.update(taken)
