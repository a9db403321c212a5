"""What an answer looks like, free of any platform: blocks of rich text, and actions to press.

A view says what is shown, an adapter how: headings, quotes in the colour of their highlight, small
print, lists, buttons. What a platform can take at most is a `Limits`; bot/chat/fitting.py makes a
view fit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Literal

from bot.intent import Intent


class Effect(Enum):
    """What becomes of the answer to a press; the value stands for it in a button's code.

    On a message that others see, REPLACE always means OPEN.
    """

    REPLACE = "r"  # takes the place of the private answer that has the button
    OPEN = "o"  # a new private answer
    SHARE = "s"  # a message for all in this place
    THREAD = "t"  # replies in a thread under the message
    FORM = "f"  # a form to fill in, then the intent with what was filled in


@dataclass(frozen=True, slots=True)
class Action:
    """An intent, and what becomes of its answer."""

    intent: Intent
    effect: Effect = Effect.REPLACE


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that look alike.

    `source` is the part of a body (half open, in characters) that the run shows, None for words of
    ours. Where `text` is as long as that part, they stand for each other character by character;
    else the run is shown whole or not at all. A quoted run is part of a line that quotes somebody.
    """

    text: str
    source: tuple[int, int] | None = None
    bold: bool = False
    code: bool = False
    quoted: bool = False
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time (UTC), shown in the reader's own zone; without `clock` its day only."""

    at: datetime
    clock: bool = True


Text = tuple[Run | Moment, ...]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: an action, or an address to go to; with neither it only says something.

    `primary` marks the one that most people want.
    """

    label: str
    action: Action | None = None
    url: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One of several things to choose from."""

    label: str
    action: Action
    description: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the archive, by its path there, with words for those who do not see it."""

    path: str
    alt: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that says what follows; level 1 is the whole view's, 2 that of a part.

    An image stands beside it, small, where there can be one; it says nothing that is not said.
    """

    text: Text
    level: Literal[1, 2] = 1
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some text; `quiet` for small print such as tags and dates."""

    text: Text
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """A comment, or the part of it that its runs show.

    `post` is the post's key and `number` the comment's within it; `created_at` is in UTC, `colour`
    "#rrggbb". A part that `continues` another has no head of its own but a short one; one that is
    `cut` goes on elsewhere.
    """

    post: str
    number: int
    user: str
    created_at: datetime | None
    colour: str | None
    text: Text
    continues: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list: a title, a few lines about it, and a button beside them.

    `colour` is that of the comment it stands for. A number is shown where a button cannot stand
    beside a text.
    """

    title: Text
    lines: tuple[Text, ...] = ()
    button: Button | None = None
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Divider:
    """A line between parts."""


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons that belong together; as many rows as they need."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of many, where buttons would be too many."""

    prompt: str
    options: tuple[Option, ...]


Block = Heading | Paragraph | Quote | Item | Image | Divider | Buttons | Choice


@dataclass(frozen=True, slots=True)
class View:
    """An answer. `summary` says in one plain line what it is, for notifications and screen readers.

    `more` is what leads on from here, to the next page.
    """

    summary: str
    blocks: tuple[Block, ...]
    more: Action | None = None

    def actions(self) -> Iterator[Action]:
        """Everything that can be pressed or chosen, in the order in which it is shown."""
        for block in self.blocks:
            match block:
                case Item(button=Button(action=Action() as action)):
                    yield action
                case Buttons(buttons):
                    yield from (button.action for button in buttons if button.action is not None)
                case Choice(_, options):
                    yield from (option.action for option in options)
                case _:
                    pass


@dataclass(frozen=True, slots=True)
class Posting:
    """A view that all are to see, with the codes of all that can be pressed on it.

    `language` ("ja", "en") is that of what an adapter adds to it. `mention` is a role to mention,
    by the platform's name; without one nobody is notified where the message is `silent`. `topics`
    are words for what it is about, the most telling first, for platforms that sort messages.
    """

    view: View
    language: str
    codes: Mapping[Action, str]
    mention: str | None = None
    silent: bool = False
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartCosts:
    """How many of a message's parts each block takes; a row comes on top of its buttons."""

    heading: int = 1
    paragraph: int = 1
    quote: int = 1
    item: int = 1
    item_button: int = 0
    image: int = 1
    divider: int = 1
    row: int = 1
    button: int = 0
    choice: int = 1
    heading_image: int = 0


@dataclass(frozen=True, slots=True)
class TextCosts:
    """How many characters a text takes as the platform writes it, beyond its own.

    `escaped` has the characters that take more than one, with how many they take. Every run that
    is bold, code or quoted costs `markup` for each of these; so does each of its lines. A link
    costs its address and `link`, None where an address costs nothing. `head` is what the author and
    the time of a quote take beside the author's name, `moment` what a time takes, `mention` that of
    a role above everything else.
    bot/chat/sizes.py says how it all adds up.
    """

    escaped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    markup: int = 0
    link: int | None = None
    head: int = 24
    moment: int = 16
    mention: int = 0


# What a button takes beside its label, in columns.
BUTTON_EDGES = 6


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What one message can hold; lengths in characters (those beyond U+FFFF count twice).

    Each is a thing of its own, not compared by its values: a platform has one.

    `text` is the most that one paragraph, quote or item has, `row` the buttons of a row, `options`
    the entries of a choice. Buttons whose labels are wider together than `row_width` columns, with
    BUTTON_EDGES for each, would be broken on a usual screen; None where nothing is broken.
    `threads` says whether threads are known at all, `form_fields` how many
    fields one form has, 0 where there are no forms.
    """

    characters: int
    text: int
    heading: int
    parts: int
    row: int
    label: int
    options: int
    option_label: int
    threads: bool
    form_fields: int = 0
    row_width: int | None = None
    part_costs: PartCosts = PartCosts()
    text_costs: TextCosts = TextCosts()
