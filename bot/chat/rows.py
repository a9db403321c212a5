"""Buttons in rows that stay rows on a usual screen, none of them alone if it can be helped."""

from collections.abc import Iterator, Sequence

from bot.chat.columns import columns
from bot.view import BUTTON_EDGES, Button

Row = tuple[Button, ...]


def in_rows(buttons: Sequence[Button], most: int, width: int | None) -> list[Row]:
    """Buttons in order, in as few rows as possible of at most so many, `width` columns wide.

    Where it takes no more rows, all have about as many. Only a button that is wider than a row has
    one for itself. Without a width rows are filled one after the other.
    """
    if width is None:
        return [tuple(buttons[at : at + most]) for at in range(0, len(buttons), most)]
    filled = list(_filled(buttons, most, width))
    even = list(_even(buttons, len(filled)))
    return even if all(len(row) <= most and _width(row) <= width for row in even) else filled


def _filled(buttons: Sequence[Button], most: int, width: int) -> Iterator[Row]:
    row: Row = ()
    for button in buttons:
        if row and (len(row) == most or _width((*row, button)) > width):
            yield row
            row = ()
        row = (*row, button)
    if row:
        yield row


def _even(buttons: Sequence[Button], rows: int) -> Iterator[Row]:
    start = 0
    for left in range(rows, 0, -1):
        end = start - (start - len(buttons)) // left
        yield tuple(buttons[start:end])
        start = end


def _width(row: Row) -> int:
    return sum(columns(button.label) + BUTTON_EDGES for button in row)
