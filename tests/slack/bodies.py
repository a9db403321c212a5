"""Bodies of messages and views, for tests of what Slack takes and what it refuses."""

from typing import Any

Json = dict[str, Any]


def plain(text: str = "word", **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: str = "word", **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def section(text: str = "word", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def fields(*texts: str) -> Json:
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def header(text: str = "word") -> Json:
    return {"type": "header", "text": plain(text)}


def context(*elements: Json) -> Json:
    return {"type": "context", "elements": list(elements)}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def button(label: str = "Open", action_id: str = "open", **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def buttons(count: int) -> Json:
    return actions(*[button(action_id=f"open {number}") for number in range(count)])


def option(number: int = 0, label: str | None = None, **more: Any) -> Json:
    return {"text": plain(label or f"option {number}"), "value": f"value {number}", **more}


def options(count: int) -> list[Json]:
    return [option(number) for number in range(count)]


def select(*listed: Json, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "menu", "options": list(listed), **more}


def overflow(*listed: Json) -> Json:
    return {"type": "overflow", "action_id": "more", "options": list(listed)}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a", **more}


def markdown(text: str) -> Json:
    return {"type": "markdown", "text": text}


def rich(*elements: Json, kind: str = "rich_text_section", **more: Any) -> Json:
    part = {"type": kind, "elements": list(elements), **more}
    return {"type": "rich_text", "elements": [part]}


def text_input(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "text", **more}


def input_block(element: Json | None = None, label: str = "Query", **more: Any) -> Json:
    return {"type": "input", "label": plain(label), "element": element or text_input(), **more}


def inputs(**elements: Json) -> list[Json]:
    """Inputs by their block_ids, of which only the first has to be filled in."""
    return [
        input_block(element, name.title(), block_id=name, optional=number > 0)
        for number, (name, element) in enumerate(elements.items())
    ]


def dialog(*blocks: Json, title: str = "Title", **more: Any) -> Json:
    return {"type": "modal", "title": plain(title), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}
