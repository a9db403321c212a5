"""Where the bot is installed, and which events were handled already."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("platform", sa.Text, nullable=False, comment="The platform"),
        sa.Column("workspace", sa.Text, nullable=False, comment="The workspace or organisation"),
        sa.Column("sealed", sa.Text, nullable=False, comment="What it grants, encrypted"),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Since when it is so (UTC)",
        ),
        sa.PrimaryKeyConstraint("platform", "workspace", name="pk_installation"),
        comment="Where the bot was installed, with the tokens that it got there",
    )
    op.create_table(
        "handled_event",
        sa.Column("key", sa.Text, nullable=False, comment="The platform with its id of the event"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="From when on it is forgotten (UTC)",
        ),
        sa.PrimaryKeyConstraint("key", name="pk_handled_event"),
        comment="Events that some worker has taken, since platforms tell the same one again",
    )
    op.create_index("ix_handled_event_expires_at", "handled_event", ["expires_at"])
