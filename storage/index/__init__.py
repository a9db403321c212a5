"""The index: posts, comments, tags and full text in one SQLite file, derived from the archive."""
