"""Views over each limit of Slack, and views at the limits."""

from tests.slack.bodies import (
    Json,
    dialog,
    header,
    home,
    input_block,
    markdown,
    plain,
    section,
    text_input,
)

DIVIDER: Json = {"type": "divider"}

REFUSED: dict[str, tuple[Json, str, str]] = {
    "101 blocks": (dialog(*[DIVIDER] * 101), "/view/blocks", "no more than 100 items allowed"),
    "a title of 25": (
        dialog(section(), title="x" * 25),
        "/view/title/text",
        "must be less than 25 characters",
    ),
    "no title": (
        {"type": "modal", "blocks": [section()]},
        "/view",
        "missing required field: title",
    ),
    "a submit of 25": (
        dialog(section(), submit=plain("x" * 25)),
        "/view/submit/text",
        "must be less than 25 characters",
    ),
    "a close of 25": (
        dialog(section(), close=plain("x" * 25)),
        "/view/close/text",
        "must be less than 25 characters",
    ),
    "private_metadata of 3,001": (
        dialog(section(), private_metadata="x" * 3001),
        "/view/private_metadata",
        "must be less than 3001 characters",
    ),
    "a callback_id of 256": (
        dialog(section(), callback_id="x" * 256),
        "/view/callback_id",
        "must be less than 256 characters",
    ),
    "an input without a submit": (
        dialog(input_block()),
        "/view",
        "`submit` is required when an `input` is in the blocks",
    ),
    "an input's label of 2,001": (
        dialog(input_block(label="x" * 2001), submit=plain("OK")),
        "/view/blocks/0/label/text",
        "must be less than 2001 characters",
    ),
    "a hint of 2,001": (
        dialog(input_block(hint=plain("x" * 2001)), submit=plain("OK")),
        "/view/blocks/0/hint/text",
        "must be less than 2001 characters",
    ),
    "a max_length of 3,001": (
        dialog(input_block(text_input(max_length=3001)), submit=plain("OK")),
        "/view/blocks/0/element/max_length",
        "must be less than 3001",
    ),
    "a min_length over max_length": (
        dialog(input_block(text_input(min_length=2, max_length=1)), submit=plain("OK")),
        "/view/blocks/0/element",
        "min_length must not be more than max_length",
    ),
    "two elements with the focus": (
        dialog(
            input_block(text_input(focus_on_load=True)),
            input_block(text_input(focus_on_load=True)),
            submit=plain("OK"),
        ),
        "/view/blocks/1/element/focus_on_load",
        "only one element can have focus_on_load",
    ),
    "a markdown block": (
        dialog(markdown("x")),
        "/view/blocks/0/type",
        "unsupported type: markdown",
    ),
    "an unknown field": (
        dialog(section(), colour="red"),
        "/view",
        "invalid additional property: colour",
    ),
    "no blocks": (
        {"type": "modal", "title": plain()},
        "/view",
        "missing required field: blocks",
    ),
    "a home": (home(section()), "/view/type", "must be one of ['modal']"),
}

HOMES_REFUSED: dict[str, tuple[Json, str, str]] = {
    "101 blocks": (home(*[DIVIDER] * 101), "/view/blocks", "no more than 100 items allowed"),
    "a header of 151": (
        home(header("x" * 151)),
        "/view/blocks/0/text/text",
        "must be less than 151 characters",
    ),
    "a title": (home(title=plain()), "/view", "invalid additional property: title"),
    "a dialog": (dialog(section()), "/view/type", "must be one of ['home']"),
}

ACCEPTED: dict[str, Json] = {
    "100 blocks": dialog(*[DIVIDER] * 100),
    "everything at its limit": dialog(
        input_block(text_input(max_length=3000), label="x" * 2000),
        title="x" * 24,
        submit=plain("x" * 24),
        close=plain("x" * 24),
        private_metadata="x" * 3000,
        callback_id="x" * 255,
        clear_on_close=True,
        notify_on_close=True,
    ),
}
