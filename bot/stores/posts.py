"""What is known of posts: which were seen, and which are hidden."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Observation:
    """What the state learned of the archive; not `accepted` where it knows a newer revision."""

    accepted: bool
    new: frozenset[str] = frozenset()
    corrected: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


class SeenPosts(Protocol):
    """Which posts the archive has had, in which version. Posts are named by their keys."""

    async def observe(
        self, versions: Mapping[str, str], revision: int, now: datetime
    ) -> Observation:
        """Note all posts of an archive as of a revision (seconds since 1970), each thing once.

        An older revision than the newest that was noted changes nothing. Where none of the posts
        is known, all are the baseline: none is new. A version of another format is no correction;
        a post that was gone and is back is one.
        """
        ...

    async def revision(self) -> int | None:
        """The newest revision that was noted."""
        ...

    async def new_since(self, since: datetime) -> Sequence[str]:
        """Posts that came since a time and are there still, the newest first."""
        ...

    async def current(self, posts: Collection[str]) -> Mapping[str, str]:
        """The newest version of each post that is known and there."""
        ...


# What stands for a whole post among the numbers of its hidden comments.
WHOLE = 0

# Of a post by its key the numbers of comments that are hidden, or WHOLE.
Hidden = Mapping[str, frozenset[int]]


class HiddenPosts(Protocol):
    """What was taken down."""

    async def hide(self, post: str, comment: int, now: datetime) -> bool:
        """Hide a comment, WHOLE for all of the post; whether it was not hidden before."""
        ...

    async def unhide(self, post: str, comment: int) -> bool:
        """Show it again; whether it was hidden."""
        ...

    async def all(self) -> Hidden:
        """Everything that is hidden."""
        ...


class KeptHidden(Protocol):
    """What was hidden when that was last read, for a start while the state is away."""

    async def load(self) -> Hidden:
        """What was kept last; nothing where nothing was, or it cannot be read."""
        ...

    async def save(self, hidden: Hidden) -> None:
        """Keep it. Raises OSError."""
        ...
