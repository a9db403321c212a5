"""What answers are made from."""

from dataclasses import dataclass
from random import Random

from bot.ports import Index, Picture, Pictures


@dataclass(frozen=True, slots=True)
class NoPictures:
    """An archive of words alone."""

    async def find(self, post: str, name: str) -> str | None:
        """None."""
        return None

    async def read(self, path: str) -> Picture | None:
        """None."""
        return None


NO_PICTURES = NoPictures()


@dataclass(slots=True)
class Library:
    """The index, the blog's address where it is known by now, where chance comes from, pictures."""

    index: Index
    site_url: str | None
    random: Random
    pictures: Pictures = NO_PICTURES
