"""Where a text may be cut without tearing apart what a reader sees as one character."""

import regex

_GRAPHEME = regex.compile(r"\X")
# Letters that always start a grapheme and leave nothing open behind them; searched backwards.
_PLAIN = regex.compile(r"(?r)[\n -~\u3001\u3002\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")


def boundary_before(text: str, at: int) -> int:
    """The last place between graphemes that is not behind `at`; 0 and the end are such places.

    Looks no further than from the last plain letter before `at` to `at` itself.
    """
    if at <= 0 or at >= len(text):
        return min(max(at, 0), len(text))
    plain = _PLAIN.search(text, 0, at)
    place = 0 if plain is None else plain.start()
    while True:
        # One character more, so that what is joined to the one at `at` shows.
        found = _GRAPHEME.match(text, place, at + 1)
        assert found is not None
        if found.end() > at:
            return place
        place = found.end()


def boundary_after(text: str, at: int) -> int:
    """The first place between graphemes that is not before `at`."""
    start = boundary_before(text, at)
    if start >= min(at, len(text)):
        return start
    found = _GRAPHEME.match(text, start)
    assert found is not None
    return int(found.end())
