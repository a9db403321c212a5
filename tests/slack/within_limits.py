"""Messages at the limits of Block Kit, which Slack takes."""

from tests.slack.bodies import (
    Json,
    actions,
    button,
    buttons,
    context,
    fields,
    header,
    image,
    markdown,
    option,
    options,
    overflow,
    plain,
    rich,
    section,
    select,
)

WORD: Json = {"type": "text", "text": "word"}

ACCEPTED: dict[str, list[Json]] = {
    "50 blocks": [{"type": "divider"}] * 50,
    "a section of 3,000": [section("x" * 3000)],
    "10 fields of 900": [fields(*["x" * 900] * 10)],
    "a field of 2,000": [fields("x" * 2000)],
    "a header of 150": [header("x" * 150)],
    "10 elements of a context": [context(*[plain()] * 5, *[image()] * 5)],
    "25 buttons": [buttons(25)],
    "a button at every limit": [
        actions(
            button("x" * 75, "x" * 255, value="x" * 2000, url="https://a.b/" + "x" * 2988),
            block_id="x" * 255,
        )
    ],
    "an action_id in two blocks": [actions(button()), actions(button())],
    "100 options": [actions(select(*options(100), placeholder=plain("x" * 150)))],
    "an option at every limit": [
        actions(
            select(
                {"text": plain("x" * 75), "value": "x" * 150, "description": plain("x" * 75)},
            )
        )
    ],
    "overflow menus of 1 and 5": [actions(overflow(option())), actions(overflow(*options(5)))],
    "a markdown block of 9,000": [markdown("x" * 9000)],
    "9,500 characters in all": [section("x" * 3000)] * 3 + [section("x" * 500)],
    "elements without names": [actions({"type": "button", "text": plain()})],
    "rich text": [
        rich(
            {**WORD, "style": {"bold": True, "code": True}},
            {"type": "link", "url": "https://example.com", "text": "there"},
            {"type": "emoji", "name": "tada"},
            {"type": "date", "timestamp": 1_700_000_000, "format": "{date}", "fallback": "then"},
        ),
        rich(
            {"type": "rich_text_section", "elements": [WORD]},
            kind="rich_text_list",
            style="ordered",
            indent=1,
        ),
        rich(WORD, kind="rich_text_preformatted", border=0),
        rich({"type": "text", "text": " "}, {"type": "text", "text": "\n"}),
        rich(WORD, kind="rich_text_quote"),
    ],
}
