"""The full text as FTS5 keeps it: documents, what is collected in memory, and merging."""

from storage.index.database import ThreadConnection

# Collected in memory before FTS5 writes them, in bytes: large while the index is filled (half the
# time, a smaller file), SQLite's default otherwise.
FILLING_HASH_BYTES = 64 * 1024 * 1024
USUAL_HASH_BYTES = 1024 * 1024

# What a rebuild writes is lifted this often, over two levels each time. Higher is safer from being
# merged, but the more levels there are, the more FTS5 merges at a time.
LIFTS = 3
_NO_TEXT = "\ue00f"
# Merged at a time: the file stays small, since the room of what was merged is used again.
MERGED_PAGES = 50

INSERT_DOCUMENT = "INSERT INTO full_text (rowid, tokens) VALUES (?, ?)"
DELETE_DOCUMENT = "INSERT INTO full_text (full_text, rowid, tokens) VALUES ('delete', ?, ?)"


async def set_hash_size(connection: ThreadConnection, size: int) -> None:
    """Collect so many bytes in memory before they are written."""
    await connection.execute(
        "INSERT INTO full_text (full_text, rank) VALUES ('hashsize', ?)", (size,)
    )


async def lift(connection: ThreadConnection) -> None:
    """Make the full text one segment, several levels above those that small changes write.

    FTS5 merges the segments of a level once there are sixteen, however large one is. What a
    rebuild has written lies on the level of the smallest, so every sixteenth change would write
    all of it anew. To merge everything, FTS5 adds a level above all others; begun again each
    time that there is something new, and then done, that ends high up.
    """
    for sql in (INSERT_DOCUMENT, DELETE_DOCUMENT) * LIFTS:
        await connection.execute(sql, (0, _NO_TEXT))
        await _merge_all(connection, 1)
    changes = -1
    while connection.total_changes - changes > 1:
        changes = connection.total_changes
        await _merge_all(connection, MERGED_PAGES)


async def _merge_all(connection: ThreadConnection, pages: int) -> None:
    await connection.execute(
        "INSERT INTO full_text (full_text, rank) VALUES ('merge', ?)", (-pages,)
    )
