"""What buttons mean that are too long for a button."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "stored_code",
        sa.Column("key", sa.Text, nullable=False, comment="What the button carries in its place"),
        sa.Column("payload", sa.Text, nullable=False, comment="What does not fit in a button"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="From when on it is forgotten (UTC)",
        ),
        sa.PrimaryKeyConstraint("key", name="pk_stored_code"),
        comment="What buttons mean that are too long for a button",
    )
    op.create_index("ix_stored_code_expires_at", "stored_code", ["expires_at"])
