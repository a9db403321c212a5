"""What a person wants, as data: every command, button and message becomes one of these.

Below them what the bot says unasked, to be shown in the same way. Of both, names of classes and
fields are kept with buttons and in the outbox: they never change, and a new field has a default.
"""

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
    """One post with the comments worth reading; `post` is its key.

    `digest` is the number of the digest from which it was opened: it is unfolded there.
    """

    post: str
    digest: int | None = None


@dataclass(frozen=True, slots=True)
class ReadComments:
    """The page of a fold that holds a comment, at an offset (in characters) into its body."""

    post: str
    comment: int
    offset: int = 0
    digest: int | None = None


@dataclass(frozen=True, slots=True)
class Unfold:
    """All comments of a post, or of one section, as replies in a thread.

    A thread hangs on a message that others see; with `share` the post is shared first. What was
    opened from a digest is unfolded under that.
    """

    post: str
    section: int | None = None
    share: bool = False
    digest: int | None = None


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


@dataclass(frozen=True, slots=True)
class ReadDigest:
    """The posts of a digest one after the other; `digest` is its number, `start` from 0."""

    digest: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class ListDigests:
    """The daily digests of this place, or of the person who asks (`personal`)."""

    personal: bool = False
    start: int = 0


@dataclass(frozen=True, slots=True)
class AddDigest:
    """A new daily digest for this place, or for the person (`personal`).

    Everything as it was typed, in either language; what is empty has its default. `target` is
    another place than this one, by the platform's own name; what is for `elsewhere` has to name
    one.
    """

    time: str = ""
    weekdays: str = ""
    zone: str = ""
    tags: str = ""
    without: str = ""
    posts: str = ""
    language: str = ""
    quiet_day: str = ""
    role: str = ""
    publish: str = ""
    target: str = ""
    personal: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class EditDigest:
    """Other wishes for a digest; what is empty stays, "-" takes what was set away.

    `part` is how many forms with other options come before the one that asks for it.
    """

    subscription: str
    time: str = ""
    weekdays: str = ""
    zone: str = ""
    tags: str = ""
    without: str = ""
    posts: str = ""
    language: str = ""
    quiet_day: str = ""
    role: str = ""
    publish: str = ""
    part: int = 0


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """What a digest is set to, with everything that can be done with it."""

    subscription: str


@dataclass(frozen=True, slots=True)
class PauseDigest:
    """Send nothing until it is resumed; with `resume`, send again."""

    subscription: str
    resume: bool = False


@dataclass(frozen=True, slots=True)
class RemoveDigest:
    """End a digest; without `sure` it is asked whether to."""

    subscription: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class PreviewDigest:
    """Exactly what would be sent now, shown to who asks alone."""

    subscription: str


@dataclass(frozen=True, slots=True)
class SendDigest:
    """Send a digest now, beside those that are due."""

    subscription: str


@dataclass(frozen=True, slots=True)
class DigestStatus:
    """The last deliveries of a digest with their outcomes, the next one, and what is wrong."""

    subscription: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """Delete all that is kept of the person who asks; without `sure` it is asked whether to."""

    sure: bool = False


DigestIntent = (
    ListDigests
    | AddDigest
    | EditDigest
    | DigestSettings
    | PauseDigest
    | RemoveDigest
    | PreviewDigest
    | SendDigest
    | DigestStatus
    | ForgetMe
)

# What belongs to a command with options, so that a form can ask for it.
FormIntent = Search | AddDigest | EditDigest

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
    | ReadDigest
    | DigestIntent
)


@dataclass(frozen=True, slots=True)
class ShowDigest:
    """A digest of a local day ("2026-11-21").

    Of its row's posts the first `shown` are shown with a comment, the others named. `source` is
    "new", "archive" (nothing was new) or "none" (and nothing is shown but that).
    """

    day: str
    shown: int
    source: str = "new"


@dataclass(frozen=True, slots=True)
class ShowComments:
    """Comments of a post from one position to another, for a thread.

    A position is a comment's number and an offset into its body, in characters; `end` is not shown
    any more, None for the end of the section. With `headed` the post and the section come first.
    """

    post: str
    section: int
    comment: int
    offset: int
    end_comment: int | None
    end_offset: int = 0
    headed: bool = False


@dataclass(frozen=True, slots=True)
class OpenThread:
    """The thread of a message; `title` is what it is called where threads have names."""

    title: str


@dataclass(frozen=True, slots=True)
class Publish:
    """A message of an announcement channel, for all that follow it."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """A message of the outbox as it would be made now; `key` is that of its row."""

    key: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """That a digest was stopped: for its creator, else for who manages the place.

    `reason` is "gone" or "forbidden", `missing` names the rights that are lacking; `person` is told
    first, if it is known.
    """

    subscription: str
    reason: str
    missing: str = ""
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first words in a new place."""


Announcement = ShowDigest | ShowComments | OpenThread | Publish | Refresh | Stopped | Welcome

# What a row of the outbox can hold: also the answer to an intent, for all.
Said = Intent | Announcement
