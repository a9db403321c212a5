"""What running processes hold alone, such as shards of Discord's gateway."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("resource", sa.Text, nullable=False, comment="What is shared out"),
        sa.Column("part", sa.Integer, nullable=False, comment="Which part of it, from 0"),
        sa.Column("parts", sa.Integer, nullable=False, comment="How many parts it has"),
        sa.Column("holder", sa.Text, nullable=False, comment="Who has it: host, process, chance"),
        sa.Column(
            "held_since", sa.DateTime(timezone=True), nullable=False, comment="Since when (UTC)"
        ),
        sa.Column(
            "held_until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Until when, unless it is renewed (UTC)",
        ),
        sa.PrimaryKeyConstraint("resource", "part", name="pk_hold"),
        comment="What each running process holds alone, as long as it renews that",
    )
