"""Index expressions, in the match syntax of SQLite's FTS5.

Every string in them is a token of ours in quotation marks, never text that a person typed.
"""

from collections.abc import Iterable, Sequence


def quoted(token: str) -> str:
    """Documents with a token; tokens hold no quotation marks."""
    return f'"{token}"'


def beginning(token: str) -> str:
    """Documents with a token that begins like this."""
    return f"{quoted(token)} *"


def all_of(tokens: Iterable[str]) -> str:
    """Documents with all of the tokens; empty for none."""
    listed = [quoted(token) for token in tokens]
    return f"({' AND '.join(listed)})" if len(listed) > 1 else "".join(listed)


def any_of(expressions: Sequence[str]) -> str:
    """Documents that match one of the expressions."""
    distinct = list(dict.fromkeys(expressions))
    return f"({' OR '.join(distinct)})" if len(distinct) > 1 else "".join(distinct)
