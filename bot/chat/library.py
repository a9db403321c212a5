"""What answers are made from."""

from dataclasses import dataclass
from random import Random

from bot.ports import Index


@dataclass(frozen=True, slots=True)
class Library:
    """The index, the address of the blog where it is known, and where chance comes from."""

    index: Index
    site_url: str | None
    random: Random
