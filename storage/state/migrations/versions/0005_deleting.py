"""What is deleted with a workspace or a person is found by indexes: the outbox only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for column in ("workspace", "target", "message"):
        rows = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_outbox_platform_{column}",
            "outbox",
            ["platform", column],
            sqlite_where=rows,
            postgresql_where=rows,
        )
    told = sa.text("op = 'tell'")
    op.create_index(
        "ix_outbox_told", "outbox", ["platform"], sqlite_where=told, postgresql_where=told
    )
