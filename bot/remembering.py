"""What is remembered in memory for a while, of so many at most."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from cachetools import LRUCache, TTLCache

# What was needed least recently is forgotten first: who comes again after so many others is
# looked up anew. Of all that is remembered 2,000 take about ten megabytes.
MOST = 2_000


def remembered() -> LRUCache[Any, Any]:
    """Values that hold for as long as they are needed."""
    return LRUCache(MOST)


def remembered_for(lasting: timedelta, now: Callable[[], datetime]) -> TTLCache[Any, Any]:
    """Values that hold for some time; those that do not any more take no room. `now` is in UTC."""
    return TTLCache(MOST, lasting.total_seconds(), lambda: now().timestamp())
