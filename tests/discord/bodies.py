"""Bodies of messages, for tests of what Discord takes and what it refuses."""

from typing import Any

V2 = 1 << 15
Json = dict[str, Any]


def text(content: str = "word", **more: Any) -> Json:
    return {"type": 10, "content": content, **more}


def button(label: str = "Open", custom_id: str = "open", **more: Any) -> Json:
    return {"type": 2, "style": 2, "label": label, "custom_id": custom_id, **more}


def link(**more: Any) -> Json:
    return {"type": 2, "style": 5, "label": "Source", "url": "https://example.com", **more}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def rows(count: int) -> Json:
    return row(*[button(custom_id=f"open {number}") for number in range(count)])


def option(number: int = 0, **more: Any) -> Json:
    return {"label": f"option {number}", "value": f"value {number}", **more}


def select(*options: Json, **more: Any) -> Json:
    return {"type": 3, "custom_id": "choose", "options": list(options), **more}


def section(*texts: Json, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": list(texts), "accessory": accessory or button()}


def container(*components: Json, **more: Any) -> Json:
    return {"type": 17, "components": list(components), **more}


def gallery(count: int, url: str = "https://example.com/a.png", **more: Any) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}, **more} for _ in range(count)]}


def layout(*components: Json, **more: Any) -> Json:
    return {"flags": V2, "components": list(components), **more}


def embeds(*listed: Json) -> Json:
    return {"embeds": list(listed)}


def field(number: int = 0, **more: Any) -> Json:
    return {"name": f"name {number}", "value": "value", **more}
