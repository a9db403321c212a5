"""The tables of the state as this program uses them; migrations/ makes them.

Every table and column has a comment, which PostgreSQL keeps with the data.
"""

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, Index, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

# The newest of the migrations. Kept here, so that Alembic need not be imported to find that a
# state is up to date.
HEAD = "0001"


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
