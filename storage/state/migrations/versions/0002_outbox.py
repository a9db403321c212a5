"""Subscriptions, the posts that were seen, the outbox and what keeps its pace."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("name", sa.Text, nullable=False, comment="Which fact"),
        sa.Column("value", sa.Text, nullable=False, comment="What is so"),
        sa.PrimaryKeyConstraint("name", name="pk_fact"),
        comment="Facts about the state as a whole, such as which revision of the archive it knows",
    )
    op.create_table(
        "had_post",
        sa.Column("platform", sa.Text, nullable=False, comment="The platform"),
        sa.Column("target", sa.Text, nullable=False, comment="The channel or direct messages"),
        sa.Column("post", sa.Text, nullable=False, comment="The post's key"),
        sa.PrimaryKeyConstraint("platform", "target", "post", name="pk_had_post"),
        comment="Which posts were in a digest of a place: none is there twice",
    )
    op.create_table(
        "hidden_post",
        sa.Column("post", sa.Text, nullable=False, comment="The post's key"),
        sa.Column(
            "comment", sa.Integer, nullable=False, comment="A comment's number, 0 for the post"
        ),
        sa.Column(
            "hidden_at", sa.DateTime(timezone=True), nullable=False, comment="Since when (UTC)"
        ),
        sa.PrimaryKeyConstraint("post", "comment", name="pk_hidden_post"),
        comment="What was taken down: nowhere shown any more",
    )
    op.create_table(
        "outbox",
        sa.Column(
            "id", sa.Integer, nullable=False, comment="In the order in which they were written"
        ),
        sa.Column("key", sa.Text, nullable=False, comment="What makes it happen once"),
        sa.Column("platform", sa.Text, nullable=False, comment="Where: the platform"),
        sa.Column("op", sa.Text, nullable=False, comment="post, edit, thread, publish or tell"),
        sa.Column("said", sa.Text, nullable=False, comment="What is to be said: JSON"),
        sa.Column("language", sa.Text, nullable=False, comment="ja or en"),
        sa.Column("target", sa.Text, comment="Where it is posted, once that is known"),
        sa.Column(
            "message",
            sa.Text,
            comment="The message it is about, once that is known",
        ),
        sa.Column(
            "on_key",
            sa.Text,
            comment="The row whose reference is the target or the message",
        ),
        sa.Column("after_key", sa.Text, comment="The row that has to be done before"),
        sa.Column(
            "subscription",
            sa.Text,
            comment="The subscription that it is a digest of",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            comment="When that digest was due (UTC)",
        ),
        sa.Column("workspace", sa.Text, comment="The server or workspace that it belongs to"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was written (UTC)",
        ),
        sa.Column(
            "ready_at",
            sa.DateTime(timezone=True),
            comment="From when on it may be sent (UTC), none: not yet",
        ),
        sa.Column(
            "deadline",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="From when on no more (UTC)",
        ),
        sa.Column("priority", sa.Integer, nullable=False, comment="Lower ones first"),
        sa.Column("wish", sa.Integer, nullable=False, comment="How often an edit was asked for"),
        sa.Column("tries", sa.Integer, nullable=False, comment="How often it was claimed"),
        sa.Column("worker", sa.Text, comment="Who claimed it"),
        sa.Column(
            "lease_until",
            sa.DateTime(timezone=True),
            comment="Until when the claim holds (UTC)",
        ),
        sa.Column("outcome", sa.Text, comment="How it ended, none while it is to be done"),
        sa.Column("reference", sa.Text, comment="What the platform calls what was made"),
        sa.Column("done_at", sa.DateTime(timezone=True), comment="When it ended (UTC)"),
        sa.Column("cause", sa.Text, comment="Why it failed, or is tried again"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name=("uq_outbox_key")),
        comment="All that is said unasked: written before it is sent, so that it happens once",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_after_key", "outbox", ["after_key"])
    for name, rows in (
        ("ix_outbox_makes_nothing", sa.text("op IN ('edit', 'tell')")),
        ("ix_outbox_not_done", sa.text("outcome <> 'done'")),
    ):
        op.create_index(name, "outbox", ["done_at"], sqlite_where=rows, postgresql_where=rows)
    op.create_index("ix_outbox_on_key", "outbox", ["on_key"])
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["platform", "priority", "ready_at", "id"],
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("ix_outbox_platform_reference", "outbox", ["platform", "reference"])
    op.create_index("ix_outbox_subscription_id", "outbox", ["subscription", "id"])
    op.create_table(
        "pace",
        sa.Column(
            "scope",
            sa.Text,
            nullable=False,
            comment="A platform, or a channel as PLATFORM:CHANNEL",
        ),
        sa.Column(
            "free_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it may be asked again (UTC)",
        ),
        sa.PrimaryKeyConstraint("scope", name="pk_pace"),
        comment="How fast the platforms may be asked, kept by all workers together",
    )
    op.create_table(
        "seen_post",
        sa.Column("post", sa.Text, nullable=False, comment="The post's key"),
        sa.Column("version", sa.Text, nullable=False, comment="Which version of it is the newest"),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it came (UTC)",
        ),
        sa.Column(
            "baseline", sa.Boolean, nullable=False, comment="Whether it was there from the first"
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            comment="Since when it is gone (UTC)",
        ),
        sa.PrimaryKeyConstraint("post", name="pk_seen_post"),
        comment="The posts that the archive has had, so that new and corrected ones are known once",
    )
    op.create_index("ix_seen_post_first_seen_at", "seen_post", ["first_seen_at"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.Text, nullable=False, comment="Its short name"),
        sa.Column("platform", sa.Text, nullable=False, comment="Where: the platform"),
        sa.Column(
            "target", sa.Text, nullable=False, comment="Where: the channel or direct messages"
        ),
        sa.Column("workspace", sa.Text, comment="The server or workspace of the channel"),
        sa.Column(
            "personal", sa.Boolean, nullable=False, comment="Whether it goes to direct messages"
        ),
        sa.Column("time", sa.Text, nullable=False, comment="The local time, as 09:30"),
        sa.Column(
            "weekdays", sa.Text, nullable=False, comment="The weekdays as digits, 0 is Monday"
        ),
        sa.Column("zone", sa.Text, nullable=False, comment="The time zone's IANA name"),
        sa.Column("wanted", sa.Text, nullable=False, comment="Tags that posts need one of: JSON"),
        sa.Column("unwanted", sa.Text, nullable=False, comment="Tags that no post may have: JSON"),
        sa.Column("posts", sa.Integer, nullable=False, comment="How many posts at most"),
        sa.Column("language", sa.Text, nullable=False, comment="ja or en"),
        sa.Column(
            "quiet_day", sa.Text, nullable=False, comment="With nothing new: skip, say or archive"
        ),
        sa.Column("role", sa.Text, comment="The role to mention, by the platform's name"),
        sa.Column(
            "publish", sa.Boolean, nullable=False, comment="Whether it is passed on to followers"
        ),
        sa.Column("creator", sa.Text, comment="Who made it, by the platform's name"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was made (UTC)",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            comment="When it is due next (UTC), none while it is paused",
        ),
        sa.Column("due_day", sa.Date, comment="The local day for which it is due next"),
        sa.Column(
            "stopped",
            sa.Text,
            comment="Why it stopped by itself: gone or forbidden",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        comment="Who gets a digest, when, and what is in it",
    )
    op.create_index("ix_subscription_platform_creator", "subscription", ["platform", "creator"])
    op.create_index("ix_subscription_platform_due_at", "subscription", ["platform", "due_at"])
    op.create_index("ix_subscription_platform_target", "subscription", ["platform", "target"])
    op.create_index(
        "ix_subscription_platform_workspace",
        "subscription",
        ["platform", "workspace"],
    )
    op.create_table(
        "subscription_change",
        sa.Column("id", sa.Integer, nullable=False, comment="In the order in which they were made"),
        sa.Column(
            "subscription", sa.Text, nullable=False, comment="Which; it may have been removed"
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, comment="When (UTC)"),
        sa.Column(
            "platform", sa.Text, nullable=False, comment="The platform that names the person"
        ),
        sa.Column("person", sa.Text, comment="Who, none for what happened by itself"),
        sa.Column(
            "what", sa.Text, nullable=False, comment="add, edit, pause, resume, remove or stop"
        ),
        sa.Column("details", sa.Text, nullable=False, comment="What was set, as people read it"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_change"),
        comment="What was changed in subscriptions, and by whom",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_subscription_change_platform_person",
        "subscription_change",
        ["platform", "person"],
    )
    op.create_index(
        "ix_subscription_change_subscription",
        "subscription_change",
        ["subscription"],
    )
    op.create_table(
        "workspace",
        sa.Column("platform", sa.Text, nullable=False, comment="The platform"),
        sa.Column("workspace", sa.Text, nullable=False, comment="The server or workspace"),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the bot was removed (UTC)",
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", name="pk_workspace"),
        comment="Where the bot was removed: the data there are deleted after a while",
    )
    op.create_table(
        "outbox_post",
        sa.Column("row", sa.Integer, nullable=False, comment="The row of the outbox"),
        sa.Column("place", sa.Integer, nullable=False, comment="Which of its posts, from 0"),
        sa.Column("post", sa.Text, nullable=False, comment="The post's key"),
        sa.Column("version", sa.Text, nullable=False, comment="The version that is shown"),
        sa.ForeignKeyConstraint(
            ["row"], ["outbox.id"], name="fk_outbox_post_row", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("row", "place", name="pk_outbox_post"),
        comment="The posts that the rows of the outbox show, with the version that is shown",
    )
    op.create_index("ix_outbox_post_post", "outbox_post", ["post"])
