"""What a person wants, as data: every command, button and message becomes one of these."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest posts; the first page has the popular tags and how to search as well."""

    start: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """What is found for a query as it was typed: a tag's posts, a link's post, or results.

    `start` is how many results stand before the page.
    """

    query: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class OpenPost:
    """One post with the comments worth reading; `post` is its key."""

    post: str


@dataclass(frozen=True, slots=True)
class ReadComments:
    """The page of a fold that holds a comment, at an offset (in characters) into its body."""

    post: str
    comment: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Unfold:
    """All comments of a post, or of one section, as replies in a thread.

    A thread hangs on a message that others see; with `share` the post is shared first.
    """

    post: str
    section: int | None = None
    share: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """The posts that are most like one."""

    post: str


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags with the number of their posts, most used first."""

    start: int = 0


@dataclass(frozen=True, slots=True)
class Months:
    """The months with the number of their posts, newest first."""

    start: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """The posts of a month ("2025-06")."""

    month: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class Random:
    """Any post, by chance."""


@dataclass(frozen=True, slots=True)
class Help:
    """How to use it; `start` is how many pages stand before the one to show."""

    start: int = 0


Intent = (
    Newest
    | Search
    | OpenPost
    | ReadComments
    | Unfold
    | Related
    | Tags
    | Months
    | Month
    | Random
    | Help
)
