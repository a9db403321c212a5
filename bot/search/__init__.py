"""Search: normalised text and its tokens, the query language, verifying, ranking, snippets."""
