"""Elements of Block Kit: buttons, menus, boxes, pickers, inputs, images."""

from tests.slack.server.checking import (
    TYPE,
    Check,
    Checker,
    action_id,
    boolean,
    focus,
    integer,
    items,
    matching,
    one_of,
    shape,
    string,
    union,
    url,
)
from tests.slack.server.objects import (
    CONFIRM,
    DISPATCH,
    FILTER,
    GROUP,
    SLACK_FILE,
    STYLE,
    check_boxes,
    check_offered,
    option,
    text,
)
from tests.slack.server.refusals import Json
from tests.slack.server.richtext import RICH_TEXT

NAMED: dict[str, Checker] = {"action_id": action_id}
PLACEHOLDER: dict[str, Checker] = {"placeholder": text(150, plain=True)}
ASKED: dict[str, Checker] = {"confirm": CONFIRM, "focus_on_load": focus}
MOST: dict[str, Checker] = {"max_selected_items": integer(1, 100)}
OPTIONS: dict[str, Checker] = {"options": items(option(), 100), "option_groups": items(GROUP, 100)}
DATE = matching(r"\d{4}-\d\d-\d\d", "a date")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time")
ID = string(50)


def _menu(**more: Checker) -> Checker:
    return shape(TYPE, {**NAMED, **PLACEHOLDER, **ASKED, **more})


def _chosen(**more: Checker) -> Checker:
    """A menu whose options the message has."""
    return shape(TYPE, {**NAMED, **PLACEHOLDER, **ASKED, **OPTIONS, **more}, check_offered)


def _picker(**more: Checker) -> Checker:
    return shape(TYPE, {**NAMED, **PLACEHOLDER, **ASKED, **more})


def _input(**more: Checker) -> Checker:
    usual = {"dispatch_action_config": DISPATCH, "focus_on_load": focus}
    return shape(TYPE, {**NAMED, **PLACEHOLDER, **usual, **more}, _lengths)


def _lengths(found: Check, path: str, value: Json) -> None:
    low, high = value.get("min_length"), value.get("max_length")
    if low is not None and high is not None and low > high:
        found.wrong(path, "min_length must not be more than max_length")


def one_image(found: Check, path: str, value: Json) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        found.wrong(path, "exactly one of image_url and slack_file is needed")


CONVERSATIONS: dict[str, Checker] = {"default_to_current_conversation": boolean, "filter": FILTER}
FEEDBACK = shape({"text": text(75, plain=True), "value": string(2000)})
ANSWERS: dict[str, Checker] = {"response_url_enabled": boolean}

ELEMENTS: dict[str, Checker] = {
    "button": shape(
        {**TYPE, "text": text(75, plain=True)},
        {
            **NAMED,
            "value": string(2000),
            "url": url(),
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "static_select": _chosen(initial_option=option()),
    "multi_static_select": _chosen(initial_options=items(option(), 100), **MOST),
    "external_select": _menu(initial_option=option(), min_query_length=integer(0, 3000)),
    "multi_external_select": _menu(
        initial_options=items(option(), 100), min_query_length=integer(0, 3000), **MOST
    ),
    "users_select": _menu(initial_user=ID),
    "multi_users_select": _menu(initial_users=items(ID, 100), **MOST),
    "channels_select": _menu(initial_channel=ID, **ANSWERS),
    "multi_channels_select": _menu(initial_channels=items(ID, 100), **MOST),
    "conversations_select": _menu(initial_conversation=ID, **CONVERSATIONS, **ANSWERS),
    "multi_conversations_select": _menu(
        initial_conversations=items(ID, 100), **CONVERSATIONS, **MOST
    ),
    "overflow": shape(
        {**TYPE, "options": items(option(link=True), 5)}, {**NAMED, "confirm": CONFIRM}
    ),
    "checkboxes": shape(
        {**TYPE, "options": items(option(plain=False), 10)},
        {**NAMED, "initial_options": items(option(plain=False), 10), **ASKED},
        check_boxes,
    ),
    "radio_buttons": shape(
        {**TYPE, "options": items(option(plain=False), 10)},
        {**NAMED, "initial_option": option(plain=False), **ASKED},
        check_boxes,
    ),
    "datepicker": _picker(initial_date=DATE),
    "timepicker": _picker(initial_time=TIME, timezone=string()),
    "datetimepicker": shape(
        TYPE, {**NAMED, "initial_date_time": integer(1_000_000_000, 9_999_999_999), **ASKED}
    ),
    "plain_text_input": _input(
        initial_value=string(least=0),
        multiline=boolean,
        min_length=integer(0, 3000),
        max_length=integer(1, 3000),
    ),
    "email_text_input": _input(initial_value=string(least=0)),
    "url_text_input": _input(initial_value=string(least=0)),
    "number_input": shape(
        {**TYPE, "is_decimal_allowed": boolean},
        {
            **NAMED,
            "initial_value": string(),
            "min_value": string(),
            "max_value": string(),
            "dispatch_action_config": DISPATCH,
            "focus_on_load": focus,
            **PLACEHOLDER,
        },
    ),
    "rich_text_input": _input(initial_value=RICH_TEXT),
    "image": shape(
        {**TYPE, "alt_text": string(2000)},
        {"image_url": url(), "slack_file": SLACK_FILE},
        one_image,
    ),
    "feedback_buttons": shape(
        {**TYPE, "positive_button": FEEDBACK, "negative_button": FEEDBACK}, NAMED
    ),
    "icon_button": shape(
        {**TYPE, "icon": one_of("trash"), "text": text(75, plain=True)},
        {**NAMED, "value": string(2000), "confirm": CONFIRM, "visible_to_user_ids": items(ID, 100)},
    ),
}

MENUS = tuple(name for name in ELEMENTS if name.endswith("_select"))
PICKERS = ("datepicker", "timepicker", "datetimepicker")
BOXES = ("checkboxes", "radio_buttons")
INPUTS = tuple(name for name in ELEMENTS if name.endswith("_input"))

IN_SECTION = union(
    ELEMENTS, "button", "image", "overflow", "datepicker", "timepicker", *MENUS, *BOXES
)
IN_ACTIONS = union(ELEMENTS, "button", "overflow", *MENUS, *BOXES, *PICKERS)
IN_INPUT = union(ELEMENTS, *INPUTS, *MENUS, *BOXES, *PICKERS)
IN_CONTEXT = union({"image": ELEMENTS["image"], "plain_text": text(3000), "mrkdwn": text(3000)})
IN_CONTEXT_ACTIONS = union(ELEMENTS, "feedback_buttons", "icon_button")
