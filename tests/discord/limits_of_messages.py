"""Messages of components over each limit of Discord, and messages at the limits."""

from tests.discord.bodies import (
    Json,
    button,
    container,
    embeds,
    gallery,
    layout,
    link,
    option,
    row,
    rows,
    section,
    select,
    text,
)

# What is sent, where it is wrong, and Discord's code for it.
REFUSED: dict[str, tuple[Json, str, str]] = {
    "41 components": (
        layout(*[text() for _ in range(38)], row(button(), button(custom_id="b"))),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "41 with an accessory": (
        layout(*[text() for _ in range(38)], section(text())),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "no component": (layout(), "components", "BASE_TYPE_BAD_LENGTH"),
    "4,001 characters in one text": (
        layout(text("x" * 4001)),
        "components.0.content",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "4,001 characters in all": (
        layout(text("x" * 2001), container(text("x" * 2000))),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "an empty text": (layout(text("")), "components.0.content", "BASE_TYPE_BAD_LENGTH"),
    "a text of blanks": (layout(text(" \n")), "components.0.content", "BASE_TYPE_BAD_LENGTH"),
    "a section of four texts": (
        layout(section(text(), text(), text(), text())),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a section of none": (layout(section()), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "a section without an accessory": (
        layout({"type": 9, "components": [text()]}),
        "components.0.accessory",
        "BASE_TYPE_REQUIRED",
    ),
    "a section with a select beside it": (
        layout(section(text(), accessory=select(option()))),
        "components.0.accessory.type",
        "UNION_TYPE_CHOICES",
    ),
    "a section with a button in it": (
        layout(section(button(), accessory=button(custom_id="b"))),
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
    "six buttons in a row": (layout(rows(6)), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "a row of none": (layout(row()), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "two selects in a row": (
        layout(row(select(option()), select(option(), custom_id="b"))),
        "components.0.components.1",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "a select beside a button": (
        layout(row(button(), select(option()))),
        "components.0.components.1",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "a text in a row": (
        layout(row(text())),
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
    "a button on its own": (layout(button()), "components.0.type", "UNION_TYPE_CHOICES"),
    "a container in a container": (
        layout(container(container(text()))),
        "components.0.components.0.type",
        "UNION_TYPE_CHOICES",
    ),
    "an unknown component": (layout({"type": 99}), "components.0.type", "UNION_TYPE_CHOICES"),
    "a label of 81": (
        layout(row(button("x" * 81))),
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a button that says nothing": (
        layout(row(button(""))),
        "components.0.components.0",
        "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ),
    "a button with a word as emoji": (
        layout(row(button(emoji={"name": "smile"}))),
        "components.0.components.0.emoji.name",
        "COMPONENT_INVALID_EMOJI",
    ),
    "a button of no style": (
        layout(row({"type": 2, "label": "Open", "custom_id": "open"})),
        "components.0.components.0.style",
        "BASE_TYPE_REQUIRED",
    ),
    "a custom_id of 101": (
        layout(row(button(custom_id="x" * 101))),
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "no custom_id": (
        layout(row(button(custom_id=""))),
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a custom_id twice": (
        layout(row(button()), row(button())),
        "components.1.components.0.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a link with a custom_id": (
        layout(row(link(custom_id="open"))),
        "components.0.components.0",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "a link of 513": (
        layout(row(link(url="https://example.com/" + "x" * 493))),
        "components.0.components.0.url",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a link to a script": (
        layout(row(link(url="javascript:alert(1)"))),
        "components.0.components.0.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    "26 options": (
        layout(row(select(*map(option, range(26))))),
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "no options": (
        layout(row(select())),
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an option's label of 101": (
        layout(row(select(option(label="x" * 101)))),
        "components.0.components.0.options.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an option's value of 101": (
        layout(row(select(option(value="x" * 101)))),
        "components.0.components.0.options.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an option's description of 101": (
        layout(row(select(option(description="x" * 101)))),
        "components.0.components.0.options.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "an option twice": (
        layout(row(select(option(), option()))),
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "a placeholder of 151": (
        layout(row(select(option(), placeholder="x" * 151))),
        "components.0.components.0.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a button of style 7": (
        layout(row(button(style=7))),
        "components.0.components.0.style",
        "BASE_TYPE_CHOICES",
    ),
    "at least 26 of a select": (
        layout(row(select(option(), min_values=26))),
        "components.0.components.0.min_values",
        "NUMBER_TYPE_MAX",
    ),
    "at most 26 of a select": (
        layout(row(select(option(), max_values=26))),
        "components.0.components.0.max_values",
        "NUMBER_TYPE_MAX",
    ),
    "more than there are": (
        layout(row(select(option(), max_values=2))),
        "components.0.components.0.max_values",
        "SELECT_COMPONENT_MAX_VALUES",
    ),
    "two chosen of one": (
        layout(row(select(option(default=True), option(1, default=True)))),
        "components.0.components.0.options",
        "SELECT_COMPONENT_DEFAULT_OPTIONS",
    ),
    "a picture's address of 2,049": (
        layout(gallery(1, "https://example.com/" + "x" * 2029)),
        "components.0.items.0.media.url",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a separator of size 3": (
        layout({"type": 14, "spacing": 3}),
        "components.0.spacing",
        "BASE_TYPE_CHOICES",
    ),
    "11 pictures": (layout(gallery(11)), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    "a picture that was not sent": (
        layout(gallery(1, "attachment://a.png")),
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT",
    ),
    "a picture's description of 257": (
        layout(gallery(1, description="x" * 257)),
        "components.0.items.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a colour over white": (
        layout(container(text(), accent_color=0x1000000)),
        "components.0.accent_color",
        "NUMBER_TYPE_MAX",
    ),
    "a colour in words": (
        layout(container(text(), accent_color="red")),
        "components.0.accent_color",
        "NUMBER_TYPE_COERCE",
    ),
    "an id twice": (
        layout(text(id=7), text(id=7)),
        "components.1.id",
        "COMPONENT_ID_DUPLICATED",
    ),
    "an id of 32 bits": (layout(text(id=2**31)), "components.0.id", "NUMBER_TYPE_MAX"),
    "an id in words": (layout(text(id="seven")), "components.0.id", "NUMBER_TYPE_COERCE"),
    "V2 with content": (
        layout(text(), content="word"),
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 with embeds": (
        layout(text(), embeds=[{"title": "word"}]),
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "V2 without its flag": (
        {"components": [text()], "content": "word"},
        "components.0.type",
        "UNION_TYPE_CHOICES",
    ),
}

ACCEPTED: dict[str, Json] = {
    "40 components": layout(*[text() for _ in range(38)], row(button())),
    "4,000 characters": layout(text("x" * 2000), text("\N{HIRAGANA LETTER A}" * 2000)),
    "a full section": layout(section(text(), text(), text())),
    "a row of five": layout(rows(5)),
    "a label of 80, a custom_id of 100": layout(row(button("x" * 80, "x" * 100))),
    "25 options": layout(row(select(*map(option, range(25))))),
    "ten pictures": layout(gallery(10)),
    "every colour of button": layout(
        row(*[button(custom_id=str(style), style=style) for style in (1, 2, 3, 4)], link())
    ),
    "an address of 512 and 2,048": layout(
        row(link(url="https://example.com/" + "x" * 492)),
        gallery(1, "https://example.com/" + "x" * 2028),
    ),
    "white": layout(container(text(), accent_color=0xFFFFFF)),
    "no colour": layout(container(text(), accent_color=None)),
    "an emoji alone": layout(row(button("", emoji={"name": "\N{SPEECH BALLOON}"}))),
    "ids": layout(text(id=2**31 - 1), text(id=1)),
    "2,000 characters": {"content": "x" * 2000},
    "a nonce of 25": {"content": "word", "nonce": "x" * 25},
    "6,000 characters of embeds": embeds(*[{"description": "x" * 2000} for _ in range(3)]),
}
