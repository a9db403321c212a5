"""The tables of the index, and which versions of it this program can use.

Documents of the full text are numbered so that a higher number is newer: a post's own document
(its title and tags) has the post's id, comment n has id + n, and the ids up to id + capacity are
kept for it. New posts are appended in the order of their dates; where an archive grows backwards
the order is mended by a rebuild.
"""

from bot.archive.reading import READER_VERSION
from bot.search.tokens import SEGMENTER_VERSION

# "mtm1": tells our files from other programs' SQLite databases.
APPLICATION_ID = 0x6D746D31

# Raised with every change of the tables.
SCHEMA_VERSION = 2

# The version of all that an index is made by, kept as user_version: a lower one is built anew, a
# higher one is that of a newer program.
INDEX_VERSION = SCHEMA_VERSION * 1_000_000 + READER_VERSION * 1_000 + SEGMENTER_VERSION

# The facts in meta that say how new the archive is, in seconds since 1970, and which one that is.
# They outlive a rebuild.
REVISION = "revision"
REVISION_OF = "revision_of"


def schema_of(version: int) -> int:
    """The version of the tables in an index's version."""
    return version // 1_000_000


TABLES = (
    # One row for each fact about the index itself, such as which archive it is of.
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # One row for each file of the archive, as it was last looked at. state: post, superseded
    # (a rendered page whose raw post is there too) or refused, with the reason as JSON.
    """CREATE TABLE file (
        path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        digest BLOB NOT NULL, slug TEXT NOT NULL, rendered INTEGER NOT NULL, state TEXT NOT NULL,
        reason TEXT
    ) WITHOUT ROWID""",
    # key: post_key(slug), the post's identity; chosen: the numbers of the comments worth reading,
    # best first, as JSON.
    """CREATE TABLE post (
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, slug TEXT NOT NULL UNIQUE,
        path TEXT NOT NULL,
        title TEXT NOT NULL, date TEXT NOT NULL, date_exact INTEGER NOT NULL, month TEXT,
        draft INTEGER NOT NULL, thumbnail TEXT, source_url TEXT, item_id INTEGER,
        rendered INTEGER NOT NULL, title_key TEXT NOT NULL, digest BLOB NOT NULL,
        comments INTEGER NOT NULL, capacity INTEGER NOT NULL, chosen TEXT NOT NULL
    )""",
    "CREATE INDEX post_by_date ON post (date, id)",
    "CREATE INDEX post_by_item ON post (item_id)",
    """CREATE TABLE section (
        post_id INTEGER NOT NULL, number INTEGER NOT NULL, summary TEXT, comments INTEGER NOT NULL,
        PRIMARY KEY (post_id, number)
    ) WITHOUT ROWID""",
    # created_at in seconds since 1970 UTC, colour as 0xRRGGBB.
    """CREATE TABLE comment (
        id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL, section INTEGER NOT NULL,
        user TEXT NOT NULL, created_at INTEGER, colour INTEGER, body TEXT NOT NULL
    )""",
    """CREATE TABLE tag (
        post_id INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (post_id, position)
    ) WITHOUT ROWID""",
    "CREATE INDEX tag_by_key ON tag (key, post_id)",
    # Katakana words and those of other scripts than Japanese, with the number of comments that hold
    # them, to mend typing errors; reversed, so that a word is found by its end as well.
    """CREATE TABLE word (
        word TEXT PRIMARY KEY, reversed TEXT NOT NULL, comments INTEGER NOT NULL
    ) WITHOUT ROWID""",
    "CREATE INDEX word_reversed ON word (reversed)",
    # Contentless: to delete a row its exact tokens are needed, so they are computed anew from the
    # other tables, with the segmenter that made them (INDEX_VERSION).
    """CREATE VIRTUAL TABLE full_text USING fts5(
        tokens, content='', detail=none, columnsize=0, tokenize="ascii tokenchars '+#_'"
    )""",
)

TABLE_NAMES = ("full_text", "word", "tag", "comment", "section", "post", "file", "meta")
