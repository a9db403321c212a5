"""Messages over the limits of the rarer elements and blocks."""

from tests.slack.bodies import (
    Json,
    actions,
    button,
    image,
    input_block,
    option,
    options,
    plain,
    rich,
    section,
    select,
)

WORD: Json = {"type": "text", "text": "word"}
VIDEO: Json = {
    "type": "video",
    "alt_text": "a",
    "title": plain(),
    "thumbnail_url": "https://example.com/a.png",
    "video_url": "https://example.com/a",
}
CELL: Json = {"type": "raw_text", "text": "a"}


def group(count: int = 1, label: str = "label") -> Json:
    return {"label": plain(label), "options": options(count)}


def grouped(*groups: Json) -> list[Json]:
    return [actions({"type": "static_select", "option_groups": list(groups)})]


def groups(count: int) -> list[Json]:
    """Groups of one option each, all of different values."""
    return [{"label": plain(), "options": [option(number)]} for number in range(count)]


def within(element: Json) -> list[Json]:
    return [input_block({"action_id": "it", **element})]


def listed(**more: object) -> list[Json]:
    part = {"type": "rich_text_section", "elements": [WORD]}
    return [rich(part, kind="rich_text_list", style="bullet", **more)]


def feedback(label: Json, value: str) -> Json:
    one = {"text": label, "value": value}
    both = {"type": "feedback_buttons", "positive_button": one, "negative_button": one}
    return {"type": "context_actions", "elements": [both]}


def table(rows: int, cells: int) -> list[Json]:
    return [{"type": "table", "rows": [[CELL] * cells] * rows}]


IT = "/blocks/0/element"
PART = "/blocks/0/elements/0"

REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "a group's label of 76": (
        grouped(group(1, "x" * 76)),
        f"{PART}/option_groups/0/label/text",
        "must be less than 76 characters",
    ),
    "a group of 101": (
        grouped(group(101)),
        f"{PART}/option_groups/0/options",
        "no more than 100 items allowed",
    ),
    "101 groups": (
        grouped(*groups(101)),
        f"{PART}/option_groups",
        "no more than 100 items allowed",
    ),
    "11 check boxes": (
        within({"type": "checkboxes", "options": options(11)}),
        f"{IT}/options",
        "no more than 10 items allowed",
    ),
    "11 initial check boxes": (
        within({"type": "checkboxes", "options": options(10), "initial_options": options(11)}),
        f"{IT}/initial_options",
        "no more than 10 items allowed",
    ),
    "11 radio buttons": (
        within({"type": "radio_buttons", "options": options(11)}),
        f"{IT}/options",
        "no more than 10 items allowed",
    ),
    "a box that was not offered": (
        within({"type": "radio_buttons", "options": options(1), "initial_option": option(1)}),
        f"{IT}/initial_option",
        "must be one of the options provided",
    ),
    "at most 101 items": (
        within({"type": "multi_users_select", "max_selected_items": 101}),
        f"{IT}/max_selected_items",
        "must be less than 101",
    ),
    "at most no item": (
        within({"type": "multi_users_select", "max_selected_items": 0}),
        f"{IT}/max_selected_items",
        "must be more than 0",
    ),
    "101 initial options": (
        within({"type": "multi_external_select", "initial_options": options(101)}),
        f"{IT}/initial_options",
        "no more than 100 items allowed",
    ),
    "a min_query_length below none": (
        within({"type": "external_select", "min_query_length": -1}),
        f"{IT}/min_query_length",
        "must be more than -1",
    ),
    "a min_length of 3,001": (
        within({"type": "plain_text_input", "min_length": 3001}),
        f"{IT}/min_length",
        "must be less than 3001",
    ),
    "a max_length of none": (
        within({"type": "plain_text_input", "max_length": 0}),
        f"{IT}/max_length",
        "must be more than 0",
    ),
    "a day that there is not": (
        within({"type": "datepicker", "initial_date": "1.2.2026"}),
        f"{IT}/initial_date",
        "must be a date",
    ),
    "a time that there is not": (
        within({"type": "timepicker", "initial_time": "24:00"}),
        f"{IT}/initial_time",
        "must be a time",
    ),
    "a moment of the wrong length": (
        within({"type": "datetimepicker", "initial_date_time": 999_999_999}),
        f"{IT}/initial_date_time",
        "must be more than 999999999",
    ),
    "a number without is_decimal_allowed": (
        within({"type": "number_input"}),
        IT,
        "missing required field: is_decimal_allowed",
    ),
    "a dispatch that there is not": (
        within(
            {
                "type": "plain_text_input",
                "dispatch_action_config": {"trigger_actions_on": ["on_blur"]},
            }
        ),
        f"{IT}/dispatch_action_config/trigger_actions_on/0",
        "must be one of ['on_enter_pressed', 'on_character_entered']",
    ),
    "a filter that there is not": (
        within({"type": "conversations_select", "filter": {"include": ["channels"]}}),
        f"{IT}/filter/include/0",
        "must be one of ['im', 'mpim', 'private', 'public']",
    ),
    "an accessibility_label of 76": (
        [actions(button(accessibility_label="x" * 76))],
        f"{PART}/accessibility_label",
        "must be less than 76 characters",
    ),
    "an image's title of 2,001": (
        [image(title=plain("x" * 2001))],
        "/blocks/0/title/text",
        "must be less than 2001 characters",
    ),
    "an address of an image of 3,001": (
        [image(image_url="https://example.com/" + "x" * 2981)],
        "/blocks/0/image_url",
        "must be less than 3001 characters",
    ),
    "a video's title of 200": (
        [{**VIDEO, "title": plain("x" * 200)}],
        "/blocks/0/title/text",
        "must be less than 200 characters",
    ),
    "a video's author of 50": (
        [{**VIDEO, "author_name": "x" * 50}],
        "/blocks/0/author_name",
        "must be less than 50 characters",
    ),
    "a feedback button of 76": (
        [feedback(plain("x" * 76), "a")],
        f"{PART}/positive_button/text/text",
        "must be less than 76 characters",
    ),
    "a feedback button's value of 2,001": (
        [feedback(plain(), "x" * 2001)],
        f"{PART}/negative_button/value",
        "must be less than 2001 characters",
    ),
    "six elements of context_actions": (
        [{"type": "context_actions", "elements": feedback(plain(), "a")["elements"] * 6}],
        "/blocks/0/elements",
        "no more than 5 items allowed",
    ),
    "a table of 101 rows": (table(101, 1), "/blocks/0/rows", "no more than 100 items allowed"),
    "a table of 21 columns": (table(1, 21), "/blocks/0/rows/0", "no more than 20 items allowed"),
    "a table of unlike rows": (
        [{"type": "table", "rows": [[CELL], [CELL, CELL]]}],
        "/blocks/0/rows",
        "all rows must have as many cells",
    ),
    "a list's indent of 9": (listed(indent=9), f"{PART}/indent", "must be less than 9"),
    "a border of 2": (listed(border=2), f"{PART}/border", "must be less than 2"),
    "a broadcast that there is not": (
        [rich({"type": "broadcast", "range": "all"})],
        f"{PART}/elements/0/range",
        "must be one of ['here', 'channel', 'everyone']",
    ),
    "an emoji in preformatted text": (
        [rich({"type": "emoji", "name": "tada"}, kind="rich_text_preformatted")],
        f"{PART}/elements/0/type",
        "unsupported type: emoji",
    ),
    "an input's button": (
        [section(accessory=input_block())],
        "/blocks/0/accessory/type",
        "unsupported type: input",
    ),
}

ACCEPTED: dict[str, list[Json]] = {
    "100 groups": grouped(*groups(100)),
    "a group at its limits": grouped(group(100, "x" * 75)),
    "10 check boxes": within({"type": "checkboxes", "options": options(10)}),
    "10 radio buttons": within({"type": "radio_buttons", "options": options(10)}),
    "a multiple choice": within(
        {
            "type": "multi_static_select",
            "options": options(100),
            "initial_options": options(100),
            "max_selected_items": 100,
        }
    ),
    "a text of any length": within(
        {"type": "plain_text_input", "min_length": 3000, "max_length": 3000}
    ),
    "pickers": [
        actions(
            {"type": "datepicker", "initial_date": "2026-01-02"},
            {"type": "timepicker", "initial_time": "23:59"},
            {"type": "datetimepicker", "initial_date_time": 1_700_000_000},
        )
    ],
    "a menu of conversations": within(
        {
            "type": "conversations_select",
            "default_to_current_conversation": True,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        }
    ),
    "a menu beside a section": [section(accessory=select(*options(2)))],
    "a video": [{**VIDEO, "title": plain("x" * 199), "author_name": "x" * 49}],
    "a table": table(100, 20),
    "feedback": [feedback(plain("x" * 75), "x" * 2000)],
    "a deep list": listed(indent=8, border=1),
}
