"""Whole views over the pages that fitting makes of them, and whether these keep the limits."""

from collections import Counter
from collections.abc import Iterator

from bot.chat.finding import length as length_of
from bot.chat.fitting import pages
from bot.chat.sizes import ruler_of
from bot.view import (
    Block,
    Button,
    Buttons,
    Choice,
    Heading,
    Image,
    Item,
    Limits,
    Paragraph,
    Quote,
    View,
)


def fit(view: View, limits: Limits) -> tuple[View, ...]:
    """A view over as many messages as it takes, each with its summary; at least one."""
    spread = pages(view.blocks, limits)
    return tuple(View(view.summary, blocks) for blocks in spread or ((),))


def over(view: View, limits: Limits) -> list[str]:
    """Every limit that a view breaks, in words for developers."""
    ruler = ruler_of(limits)
    size = ruler.sizes(view.blocks)
    found = list(_too_much("message", "characters", size.characters, limits.characters))
    found += _too_much("message", "parts", size.parts, limits.parts)
    # Platforms refuse two buttons with one code.
    twice = [action for action, times in Counter(view.actions()).items() if times > 1]
    found += [f"message: pressed in two places: {action}" for action in twice]
    for number, block in enumerate(view.blocks, 1):
        where = f"block {number} ({type(block).__name__})"
        match block:
            case Heading():
                found += _too_much(where, "characters", ruler.characters(block), limits.heading)
            case Quote() | Paragraph() | Item() | Image():
                found += _too_much(where, "characters", ruler.characters(block), limits.text)
            case Choice(prompt, options):
                found += _too_much(where, "options", len(options), limits.options)
                found += _too_much(where, "prompt", length_of(prompt), limits.label)
                for option in options:
                    for text in (option.label, option.description):
                        found += _too_much(where, "option", length_of(text), limits.option_label)
            case Buttons(buttons):
                found += _too_much(where, "buttons in a row", len(buttons), limits.row)
            case _:
                pass
        for button in _buttons(block):
            found += _too_much(where, "label", length_of(button.label), limits.label)
    return found


def _too_much(where: str, what: str, value: int, limit: int) -> Iterator[str]:
    if value > limit:
        yield f"{where}: {what}: {value}, at most {limit}"


def _buttons(block: Block) -> tuple[Button, ...]:
    match block:
        case Buttons(buttons):
            return buttons
        case Item(button=Button() as button):
            return (button,)
        case _:
            return ()
