"""Messages over each limit of Block Kit."""

from tests.slack.bodies import (
    Json,
    actions,
    button,
    buttons,
    context,
    fields,
    header,
    image,
    input_block,
    markdown,
    mrkdwn,
    option,
    options,
    overflow,
    plain,
    rich,
    section,
    select,
)

CONFIRM: Json = {name: plain() for name in ("title", "text", "confirm", "deny")}
WORD: Json = {"type": "text", "text": "word"}

# The blocks that are sent, and where and what Slack says is wrong.
REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks", "no more than 50 items allowed"),
    "a section of 3,001": (
        [section("x" * 3001)],
        "/blocks/0/text/text",
        "must be less than 3001 characters",
    ),
    "an empty section": ([section("")], "/blocks/0/text/text", "must be more than 0 characters"),
    "a section of blanks": (
        [section(" ")],
        "/blocks/0/text/text",
        "must be more than 0 characters",
    ),
    "a section of nothing": (
        [{"type": "section"}],
        "/blocks/0",
        "missing required field: text",
    ),
    "11 fields": ([fields(*["x"] * 11)], "/blocks/0/fields", "no more than 10 items allowed"),
    "a field of 2,001": (
        [fields("x", "x" * 2001)],
        "/blocks/0/fields/1/text",
        "must be less than 2001 characters",
    ),
    "a header of 151": (
        [header("x" * 151)],
        "/blocks/0/text/text",
        "must be less than 151 characters",
    ),
    "a header of mrkdwn": (
        [{"type": "header", "text": mrkdwn()}],
        "/blocks/0/text/type",
        "unsupported type: mrkdwn",
    ),
    "11 elements of a context": (
        [context(*[plain()] * 11)],
        "/blocks/0/elements",
        "no more than 10 items allowed",
    ),
    "an empty context": ([context()], "/blocks/0/elements", "no less than 1 items allowed"),
    "a button in a context": (
        [context(button())],
        "/blocks/0/elements/0/type",
        "unsupported type: button",
    ),
    "26 buttons": ([buttons(26)], "/blocks/0/elements", "no more than 25 items allowed"),
    "no button": ([actions()], "/blocks/0/elements", "no less than 1 items allowed"),
    "a text in actions": (
        [actions(plain())],
        "/blocks/0/elements/0/type",
        "unsupported type: plain_text",
    ),
    "a label of 76": (
        [actions(button("x" * 76))],
        "/blocks/0/elements/0/text/text",
        "must be less than 76 characters",
    ),
    "a label of mrkdwn": (
        [actions({"type": "button", "text": mrkdwn(), "action_id": "a"})],
        "/blocks/0/elements/0/text/type",
        "unsupported type: mrkdwn",
    ),
    "a question of 301": (
        [actions(button(confirm={**CONFIRM, "text": plain("x" * 301)}))],
        "/blocks/0/elements/0/confirm/text/text",
        "must be less than 301 characters",
    ),
    "a question's title of 101": (
        [actions(button(confirm={**CONFIRM, "title": plain("x" * 101)}))],
        "/blocks/0/elements/0/confirm/title/text",
        "must be less than 101 characters",
    ),
    "a question's yes of 31": (
        [actions(button(confirm={**CONFIRM, "confirm": plain("x" * 31)}))],
        "/blocks/0/elements/0/confirm/confirm/text",
        "must be less than 31 characters",
    ),
    "a question's no of 31": (
        [actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)}))],
        "/blocks/0/elements/0/confirm/deny/text",
        "must be less than 31 characters",
    ),
    "a question without a no": (
        [actions(button(confirm={key: CONFIRM[key] for key in ("title", "text", "confirm")}))],
        "/blocks/0/elements/0/confirm",
        "missing required field: deny",
    ),
    "a value of 2,001": (
        [actions(button(value="x" * 2001))],
        "/blocks/0/elements/0/value",
        "must be less than 2001 characters",
    ),
    "an address of 3,001": (
        [actions(button(url="https://example.com/" + "x" * 2981))],
        "/blocks/0/elements/0/url",
        "must be less than 3001 characters",
    ),
    "no address": ([actions(button(url="example"))], "/blocks/0/elements/0/url", "invalid url"),
    "a style that there is not": (
        [actions(button(style="default"))],
        "/blocks/0/elements/0/style",
        "must be one of ['primary', 'danger']",
    ),
    "an action_id of 256": (
        [actions(button(action_id="x" * 256))],
        "/blocks/0/elements/0/action_id",
        "must be less than 256 characters",
    ),
    "an action_id twice in a block": (
        [actions(button(), button())],
        "/blocks/0/elements/1/action_id",
        '`action_id` "open" already exists for another element',
    ),
    "a block_id of 256": (
        [section(block_id="x" * 256)],
        "/blocks/0/block_id",
        "must be less than 256 characters",
    ),
    "a block_id twice": (
        [section(block_id="b"), section(block_id="b")],
        "/blocks/1/block_id",
        '`block_id` "b" already exists for another block',
    ),
    "101 options": (
        [actions(select(*options(101)))],
        "/blocks/0/elements/0/options",
        "no more than 100 items allowed",
    ),
    "no option": (
        [actions(select())],
        "/blocks/0/elements/0/options",
        "no less than 1 items allowed",
    ),
    "an option of 76": (
        [actions(select(option(label="x" * 76)))],
        "/blocks/0/elements/0/options/0/text/text",
        "must be less than 76 characters",
    ),
    "an option's value of 151": (
        [actions(select({"text": plain(), "value": "x" * 151}))],
        "/blocks/0/elements/0/options/0/value",
        "must be less than 151 characters",
    ),
    "an option's description of 76": (
        [actions(select(option(description=plain("x" * 76))))],
        "/blocks/0/elements/0/options/0/description/text",
        "must be less than 76 characters",
    ),
    "a value twice": (
        [actions(select(option(), option()))],
        "/blocks/0/elements/0/options/1/value",
        "option values must be unique",
    ),
    "an initial option that is not offered": (
        [actions(select(option(), initial_option=option(2)))],
        "/blocks/0/elements/0/initial_option",
        "must be one of the options provided",
    ),
    "options and groups": (
        [actions(select(option(), option_groups=[{"label": plain(), "options": options(1)}]))],
        "/blocks/0/elements/0",
        "exactly one of options and option_groups is needed",
    ),
    "a placeholder of 151": (
        [actions(select(option(), placeholder=plain("x" * 151)))],
        "/blocks/0/elements/0/placeholder/text",
        "must be less than 151 characters",
    ),
    "an overflow menu of 6": (
        [actions(overflow(*options(6)))],
        "/blocks/0/elements/0/options",
        "no more than 5 items allowed",
    ),
    "an overflow menu of none": (
        [actions(overflow())],
        "/blocks/0/elements/0/options",
        "no less than 1 items allowed",
    ),
    "an image without alt_text": (
        [{"type": "image", "image_url": "https://example.com/a.png"}],
        "/blocks/0",
        "missing required field: alt_text",
    ),
    "an alt_text of 2,001": (
        [image(alt_text="x" * 2001)],
        "/blocks/0/alt_text",
        "must be less than 2001 characters",
    ),
    "an image of nothing": (
        [{"type": "image", "alt_text": "a"}],
        "/blocks/0",
        "exactly one of image_url and slack_file is needed",
    ),
    "a markdown block of 12,001": (
        [markdown("x" * 12_001)],
        "/blocks/0/text",
        "must be less than 12001 characters",
    ),
    "markdown blocks of 12,001 together": (
        [markdown("x" * 6000), markdown("x" * 6001)],
        "/blocks",
        "markdown blocks must be less than 12001 characters together",
    ),
    "an unknown block": ([{"type": "card"}], "/blocks/0/type", "unsupported type: card"),
    "a block without a type": ([{"text": plain()}], "/blocks/0", "missing required field: type"),
    "a block that is no object": (["section"], "/blocks/0", "must be an object"),  # type: ignore[list-item]
    "an unknown field": (
        [section(color="red")],
        "/blocks/0",
        "invalid additional property: color",
    ),
    "a field of null": ([section(accessory=None)], "/blocks/0/accessory", "must not be null"),
    "a text that is a number": (
        [{"type": "section", "text": {"type": "mrkdwn", "text": 3}}],
        "/blocks/0/text/text",
        "must be a string",
    ),
    "an input beside a section": (
        [section(accessory={"type": "plain_text_input", "action_id": "a"})],
        "/blocks/0/accessory/type",
        "unsupported type: plain_text_input",
    ),
    "a button in an input": (
        [input_block(button())],
        "/blocks/0/element/type",
        "unsupported type: button",
    ),
    "rich text of an empty text": (
        [rich({"type": "text", "text": ""})],
        "/blocks/0/elements/0/elements/0/text",
        "must be more than 0 characters",
    ),
    "rich text of an unknown element": (
        [rich({"type": "image"})],
        "/blocks/0/elements/0/elements/0/type",
        "unsupported type: image",
    ),
    "a text directly in rich text": (
        [{"type": "rich_text", "elements": [WORD]}],
        "/blocks/0/elements/0/type",
        "unsupported type: text",
    ),
    "a list without a style": (
        [rich({"type": "rich_text_section", "elements": [WORD]}, kind="rich_text_list")],
        "/blocks/0/elements/0",
        "missing required field: style",
    ),
    "a text directly in a list": (
        [rich(WORD, kind="rich_text_list", style="bullet")],
        "/blocks/0/elements/0/elements/0/type",
        "unsupported type: text",
    ),
    "an unknown style of rich text": (
        [rich({**WORD, "style": {"big": True}})],
        "/blocks/0/elements/0/elements/0/style",
        "invalid additional property: big",
    ),
    "two tables": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}] * 2,
        "/blocks",
        "only one table block is allowed",
    ),
}
