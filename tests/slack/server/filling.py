"""Filling in elements as a person does, and what Slack lets through."""

import re
from datetime import date, datetime, time
from typing import Any

from tests.slack.server.refusals import Json
from tests.slack.server.seen import NotOffered
from tests.slack.server.views import MANY, VALUES
from tests.slack.server.world import Channel, User, View

# A label, a text, a person or channel, a day, or several of them.
Value = str | int | bool | User | Channel | date | time | datetime | None | list[Any]

TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


def held(element: Json, value: Value, options: list[Json]) -> Json:
    """What an element holds after a person put a value there; `options` are those on offer."""
    kind = element["type"]
    field = VALUES[kind][1]
    if kind in TEXTS:
        return {"type": kind, field: str(value) if value not in (None, "") else None}
    if "selected_option" in field:
        if kind in MANY or field.endswith("s"):
            listed = value if isinstance(value, list) else [value]
            return {"type": kind, field: [chosen(options, one) for one in listed]}
        return {"type": kind, field: None if value is None else chosen(options, value)}
    if isinstance(value, list):
        return {"type": kind, field: [_plain(one) for one in value]}
    if field.endswith("s") and value is not None:
        return {"type": kind, field: [_plain(value)]}
    return {"type": kind, field: _plain(value)}


def chosen(options: list[Json], wanted: Any) -> Json:
    """The option of a label or value, else the first whose label has it."""
    for one in options:
        if wanted in (one["text"]["text"], one["value"]):
            return one
    for one in options:
        if str(wanted) in one["text"]["text"]:
            return one
    raise NotOffered(f"no option {wanted!r} among {[one['text']['text'] for one in options]}")


def _plain(value: Any) -> Any:
    if isinstance(value, (User, Channel)):
        return value.id
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value


def check_filled(view: View) -> None:
    """Refuse to submit what Slack would not: required fields, lengths, numbers, addresses."""
    for block in view.body["blocks"]:
        if block["type"] != "input":
            continue
        element, label = block["element"], block["label"]["text"]
        field = VALUES[element["type"]][1]
        value = view.state[block["block_id"]][element["action_id"]].get(field)
        if value in (None, "", []):
            if not block.get("optional"):
                raise NotOffered(f"{label} has to be filled in")
            continue
        fault = _fault(element, value)
        if fault:
            raise NotOffered(f"{label}: {fault}")


def _fault(element: Json, value: Any) -> str:
    kind = element["type"]
    if isinstance(value, list):
        most = element.get("max_selected_items")
        return f"at most {most} items" if most is not None and len(value) > most else ""
    if kind == "plain_text_input":
        low, high = element.get("min_length", 0), element.get("max_length", 3000)
        return "" if low <= len(value) <= high else f"{low} to {high} characters"
    if kind == "number_input":
        return _number_fault(element, value)
    if kind == "email_text_input" and re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", value) is None:
        return "no e-mail address"
    if kind == "url_text_input" and re.match(r"https?://", value) is None:
        return "no address"
    return ""


def _number_fault(element: Json, value: str) -> str:
    decimal = element["is_decimal_allowed"]
    if re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", value) is None:
        return "no number"
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(value) < float(low):
        return f"at least {low}"
    if high is not None and float(value) > float(high):
        return f"at most {high}"
    return ""
