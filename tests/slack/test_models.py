"""Models of Slack's library as JSON, beside what the library makes of them."""

from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextListElement,
    RichTextPreformattedElement,
    RichTextSectionElement,
    SectionBlock,
    StaticSelectElement,
)

from adapters.slack.models import as_json

PARTS = RichTextElementParts
OPTION = Option(value="1", text=PlainTextObject(text="one"), description="first")
BUTTON = ButtonElement(
    text="press",
    action_id="press:1",
    value="code",
    style="danger",
    confirm=ConfirmObject(title="sure", text=MarkdownTextObject(text="*sure*?")),
)

MODELS: list[JsonObject] = [
    DividerBlock(),
    HeaderBlock(text="title", block_id="b"),
    SectionBlock(text=MarkdownTextObject(text="words", verbatim=True), accessory=BUTTON),
    SectionBlock(fields=["one", MarkdownTextObject(text="two")]),
    ContextBlock(elements=[MarkdownTextObject(text="small")]),
    ActionsBlock(
        elements=[
            BUTTON,
            StaticSelectElement(placeholder="which", action_id="choice:1", options=[OPTION]),
            StaticSelectElement(
                placeholder="which",
                action_id="choice:2",
                option_groups=[OptionGroup(label="all", options=[OPTION])],
                initial_option=OPTION,
            ),
        ]
    ),
    InputBlock(
        label="field",
        element=PlainTextInputElement(action_id="field:1", min_length=0, multiline=False),
        optional=False,
    ),
    RichTextBlock(
        elements=[
            RichTextSectionElement(elements=[]),
            RichTextPreformattedElement(elements=[PARTS.Text(text="code")]),
            RichTextSectionElement(
                elements=[
                    PARTS.Text(text="bold", style=PARTS.TextStyle(bold=True)),
                    PARTS.Text(text="bold", style={"bold": True}),
                    PARTS.Text(text=""),
                    PARTS.Link(url="https://example.org/", text="there"),
                    PARTS.Date(timestamp=1_700_000_000, format="{date}", fallback="then"),
                ]
            ),
            RichTextListElement(style="bullet", elements=[RichTextSectionElement(elements=[])]),
        ]
    ),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda one: type(one).__name__)
def test_it_is_what_the_library_makes(model: JsonObject) -> None:
    made: dict[str, Any] = as_json(model)
    assert made == model.to_dict()
    assert list(made) == list(model.to_dict())


@pytest.mark.parametrize(
    "model",
    [
        HeaderBlock(text="x" * 151),
        ActionsBlock(elements=[BUTTON] * 26),
        ActionsBlock(elements=[ButtonElement(text="x" * 76, action_id="press:1")]),
    ],
)
def test_what_the_library_refuses_is_refused(model: JsonObject) -> None:
    with pytest.raises(SlackObjectFormationError) as theirs:
        model.to_dict()
    with pytest.raises(SlackObjectFormationError) as ours:
        as_json(model)
    assert str(ours.value) == str(theirs.value)
