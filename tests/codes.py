"""A code store for tests."""

from collections.abc import Mapping
from datetime import datetime


class MemoryCodes:
    """Keeps payloads as long as it lives."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, datetime]] = {}

    async def keep(self, payloads: Mapping[str, str], until: datetime) -> None:
        """Keep payloads until a time."""
        self.kept |= {key: (payload, until) for key, payload in payloads.items()}

    async def payload(self, key: str, now: datetime) -> str | None:
        """What is kept, if its time is not over."""
        payload, until = self.kept.get(key, ("", now))
        return payload if until > now else None
