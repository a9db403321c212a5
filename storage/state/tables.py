"""The tables of the state as this program uses them; migrations/ makes them.

Every table and column has a comment, which PostgreSQL keeps with the data.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator

# The newest of the migrations. Kept here, so that Alembic need not be imported to find that a
# state is up to date.
HEAD = "0005"


class UtcDateTime(TypeDecorator[datetime]):
    """A time in UTC on both databases; SQLite keeps no zones, PostgreSQL gives the session's.

    Takes times of any zone and refuses those of none; gives times in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as it is kept. Raises ValueError for one without a zone."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The time as it was kept."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Constraints without names cannot be changed by a later migration.
METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

STORED_CODE = Table(
    "stored_code",
    METADATA,
    Column("key", Text, primary_key=True, comment="What the button carries in its place"),
    Column("payload", Text, nullable=False, comment="What does not fit in a button"),
    Column("expires_at", UtcDateTime, nullable=False, comment="From when on it is forgotten (UTC)"),
    Index(None, "expires_at"),
    comment="What buttons mean that are too long for a button",
)

FACT = Table(
    "fact",
    METADATA,
    Column("name", Text, primary_key=True, comment="Which fact"),
    Column("value", Text, nullable=False, comment="What is so"),
    comment="Facts about the state as a whole, such as which revision of the archive it knows",
)

SEEN_POST = Table(
    "seen_post",
    METADATA,
    Column("post", Text, primary_key=True, comment="The post's key"),
    Column("version", Text, nullable=False, comment="Which version of it is the newest"),
    Column("first_seen_at", UtcDateTime, nullable=False, comment="When it came (UTC)"),
    Column("baseline", Boolean, nullable=False, comment="Whether it was there from the first"),
    Column("removed_at", UtcDateTime, comment="Since when it is gone (UTC)"),
    Index(None, "first_seen_at"),
    comment="The posts that the archive has had, so that new and corrected ones are known once",
)

HIDDEN_POST = Table(
    "hidden_post",
    METADATA,
    Column("post", Text, primary_key=True, comment="The post's key"),
    Column("comment", Integer, primary_key=True, comment="A comment's number, 0 for the post"),
    Column("hidden_at", UtcDateTime, nullable=False, comment="Since when (UTC)"),
    comment="What was taken down: nowhere shown any more",
)

SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("id", Text, primary_key=True, comment="Its short name"),
    Column("platform", Text, nullable=False, comment="Where: the platform"),
    Column("target", Text, nullable=False, comment="Where: the channel or direct messages"),
    Column("workspace", Text, comment="The server or workspace of the channel"),
    Column("personal", Boolean, nullable=False, comment="Whether it goes to direct messages"),
    Column("time", Text, nullable=False, comment="The local time, as 09:30"),
    Column("weekdays", Text, nullable=False, comment="The weekdays as digits, 0 is Monday"),
    Column("zone", Text, nullable=False, comment="The time zone's IANA name"),
    Column("wanted", Text, nullable=False, comment="Tags that posts need one of: JSON"),
    Column("unwanted", Text, nullable=False, comment="Tags that no post may have: JSON"),
    Column("posts", Integer, nullable=False, comment="How many posts at most"),
    Column("language", Text, nullable=False, comment="ja or en"),
    Column("quiet_day", Text, nullable=False, comment="With nothing new: skip, say or archive"),
    Column("role", Text, comment="The role to mention, by the platform's name"),
    Column("publish", Boolean, nullable=False, comment="Whether it is passed on to followers"),
    Column("creator", Text, comment="Who made it, by the platform's name"),
    Column("created_at", UtcDateTime, nullable=False, comment="When it was made (UTC)"),
    Column("due_at", UtcDateTime, comment="When it is due next (UTC), none while it is paused"),
    Column("due_day", Date, comment="The local day for which it is due next"),
    Column("stopped", Text, comment="Why it stopped by itself: gone or forbidden"),
    Index(None, "platform", "due_at"),
    Index(None, "platform", "target"),
    Index(None, "platform", "workspace"),
    Index(None, "platform", "creator"),
    comment="Who gets a digest, when, and what is in it",
)

SUBSCRIPTION_CHANGE = Table(
    "subscription_change",
    METADATA,
    Column("id", Integer, primary_key=True, comment="In the order in which they were made"),
    Column("subscription", Text, nullable=False, comment="Which; it may have been removed"),
    Column("changed_at", UtcDateTime, nullable=False, comment="When (UTC)"),
    Column("platform", Text, nullable=False, comment="The platform that names the person"),
    Column("person", Text, comment="Who, none for what happened by itself"),
    Column("what", Text, nullable=False, comment="add, edit, pause, resume, remove or stop"),
    Column("details", Text, nullable=False, comment="What was set, as people read it"),
    Index(None, "subscription"),
    Index(None, "platform", "person"),
    comment="What was changed in subscriptions, and by whom",
    sqlite_autoincrement=True,
)

HAD_POST = Table(
    "had_post",
    METADATA,
    Column("platform", Text, primary_key=True, comment="The platform"),
    Column("target", Text, primary_key=True, comment="The channel or direct messages"),
    Column("post", Text, primary_key=True, comment="The post's key"),
    comment="Which posts were in a digest of a place: none is there twice",
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True, comment="In the order in which they were written"),
    Column("key", Text, nullable=False, unique=True, comment="What makes it happen once"),
    Column("platform", Text, nullable=False, comment="Where: the platform"),
    Column("op", Text, nullable=False, comment="post, edit, thread, publish or tell"),
    Column("said", Text, nullable=False, comment="What is to be said: JSON"),
    Column("language", Text, nullable=False, comment="ja or en"),
    Column("target", Text, comment="Where it is posted, once that is known"),
    Column("message", Text, comment="The message it is about, once that is known"),
    Column("on_key", Text, comment="The row whose reference is the target or the message"),
    Column("after_key", Text, comment="The row that has to be done before"),
    Column("subscription", Text, comment="The subscription that it is a digest of"),
    Column("due_at", UtcDateTime, comment="When that digest was due (UTC)"),
    Column("workspace", Text, comment="The server or workspace that it belongs to"),
    Column("created_at", UtcDateTime, nullable=False, comment="When it was written (UTC)"),
    Column("ready_at", UtcDateTime, comment="From when on it may be sent (UTC), none: not yet"),
    Column("deadline", UtcDateTime, nullable=False, comment="From when on no more (UTC)"),
    Column("priority", Integer, nullable=False, comment="Lower ones first"),
    Column("wish", Integer, nullable=False, comment="How often an edit was asked for"),
    Column("tries", Integer, nullable=False, comment="How often it was claimed"),
    Column("worker", Text, comment="Who claimed it"),
    Column("lease_until", UtcDateTime, comment="Until when the claim holds (UTC)"),
    Column("outcome", Text, comment="How it ended, none while it is to be done"),
    Column("reference", Text, comment="What the platform calls what was made"),
    Column("done_at", UtcDateTime, comment="When it ended (UTC)"),
    Column("cause", Text, comment="Why it failed, or is tried again"),
    Index(None, "after_key"),
    Index(None, "on_key"),
    Index(None, "subscription", "id"),
    Index(None, "platform", "reference"),
    comment="All that is said unasked: written before it is sent, so that it happens once",
    sqlite_autoincrement=True,
)
# Which rows an index has is said in `info`: by the databases' own words for it SQLAlchemy would
# load what it knows of both.
Index(
    "ix_outbox_open",
    OUTBOX.c.platform,
    OUTBOX.c.priority,
    OUTBOX.c.ready_at,
    OUTBOX.c.id,
    info={"where": OUTBOX.c.outcome.is_(None)},
)


# What is deleted when its time is over, told from the messages that stay for ever. In words, since
# SQLite uses such an index only for the very same ones.
MAKES_NOTHING = text("op IN ('edit', 'tell')")
IS_NOT_DONE = text("outcome <> 'done'")
for _name, _rows in ("makes_nothing", MAKES_NOTHING), ("not_done", IS_NOT_DONE):
    Index(f"ix_outbox_{_name}", OUTBOX.c.done_at, info={"where": _rows})

# What is deleted with a workspace or a person, likewise.
IS_TOLD = text("op = 'tell'")
Index("ix_outbox_told", OUTBOX.c.platform, info={"where": IS_TOLD})
for _column in OUTBOX.c.workspace, OUTBOX.c.target, OUTBOX.c.message:
    Index(None, OUTBOX.c.platform, _column, info={"where": _column.is_not(None)})

OUTBOX_POST = Table(
    "outbox_post",
    METADATA,
    Column(
        "row",
        Integer,
        ForeignKey("outbox.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The row of the outbox",
    ),
    Column("place", Integer, primary_key=True, comment="Which of its posts, from 0"),
    Column("post", Text, nullable=False, comment="The post's key"),
    Column("version", Text, nullable=False, comment="The version that is shown"),
    Index(None, "post"),
    comment="The posts that the rows of the outbox show, with the version that is shown",
)

PACE = Table(
    "pace",
    METADATA,
    Column("scope", Text, primary_key=True, comment="A platform, or a channel as PLATFORM:CHANNEL"),
    Column("free_at", UtcDateTime, nullable=False, comment="When it may be asked again (UTC)"),
    comment="How fast the platforms may be asked, kept by all workers together",
)

WORKSPACE = Table(
    "workspace",
    METADATA,
    Column("platform", Text, primary_key=True, comment="The platform"),
    Column("workspace", Text, primary_key=True, comment="The server or workspace"),
    Column("removed_at", UtcDateTime, nullable=False, comment="When the bot was removed (UTC)"),
    comment="Where the bot was removed: the data there are deleted after a while",
)

INSTALLATION = Table(
    "installation",
    METADATA,
    Column("platform", Text, primary_key=True, comment="The platform"),
    Column("workspace", Text, primary_key=True, comment="The workspace or organisation"),
    Column("sealed", Text, nullable=False, comment="What it grants, encrypted"),
    Column("changed_at", UtcDateTime, nullable=False, comment="Since when it is so (UTC)"),
    comment="Where the bot was installed, with the tokens that it got there",
)

HANDLED_EVENT = Table(
    "handled_event",
    METADATA,
    Column("key", Text, primary_key=True, comment="The platform with its id of the event"),
    Column("expires_at", UtcDateTime, nullable=False, comment="From when on it is forgotten (UTC)"),
    Index(None, "expires_at"),
    comment="Events that some worker has taken, since platforms tell the same one again",
)

HOLD = Table(
    "hold",
    METADATA,
    Column("resource", Text, primary_key=True, comment="What is shared out"),
    Column("part", Integer, primary_key=True, comment="Which part of it, from 0"),
    Column("parts", Integer, nullable=False, comment="How many parts it has"),
    Column("holder", Text, nullable=False, comment="Who has it: host, process, chance"),
    Column("held_since", UtcDateTime, nullable=False, comment="Since when (UTC)"),
    Column(
        "held_until", UtcDateTime, nullable=False, comment="Until when, unless it is renewed (UTC)"
    ),
    comment="What each running process holds alone, as long as it renews that",
)
