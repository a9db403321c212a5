"""Shapes of JSON, and what is wrong with one, in the words and pointers that Slack uses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.slack.server.refusals import Json

NAME_LIMIT = 255


@dataclass(slots=True)
class Check:
    """What was found so far: `faults` in Slack's words, and the names that have to be unique."""

    faults: list[str] = field(default_factory=list)
    action_ids: set[str] = field(default_factory=set)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0

    def wrong(self, path: str, message: str) -> None:
        self.faults.append(f"{message} [json-pointer:{path}]")

    def text_length(self, path: str, value: str, most: int, least: int, *, blank: bool) -> None:
        if len(value) > most:
            self.wrong(path, f"must be less than {most + 1} characters")
        if len(value) < least or (least and not blank and not value.strip()):
            self.wrong(path, f"must be more than {least - 1} characters")


Checker = Callable[[Check, str, Any], None]


def string(most: int = 100_000, least: int = 1, *, blank: bool = False) -> Checker:
    """With `blank` nothing but spaces will do, too."""

    def check(found: Check, path: str, value: Any) -> None:
        if not isinstance(value, str):
            found.wrong(path, "must be a string")
        else:
            found.text_length(path, value, most, least, blank=blank)

    return check


def matching(pattern: str, meant: str) -> Checker:
    """A string of a form, such as a date."""

    def check(found: Check, path: str, value: Any) -> None:
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            found.wrong(path, f"must be {meant}")

    return check


def url(most: int = 3000) -> Checker:
    def check(found: Check, path: str, value: Any) -> None:
        string(most)(found, path, value)
        if isinstance(value, str) and not re.match(r"(https?|slack|mailto|tel):", value):
            found.wrong(path, "invalid url")

    return check


def boolean(found: Check, path: str, value: Any) -> None:
    if not isinstance(value, bool):
        found.wrong(path, "must be a boolean")


def integer(low: int, high: int) -> Checker:
    def check(found: Check, path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            found.wrong(path, "must be an integer")
        elif value < low:
            found.wrong(path, f"must be more than {low - 1}")
        elif value > high:
            found.wrong(path, f"must be less than {high + 1}")

    return check


def one_of(*values: Any) -> Checker:
    def check(found: Check, path: str, value: Any) -> None:
        if value not in values:
            found.wrong(path, f"must be one of {list(values)}")

    return check


def items(each: Checker, most: int, least: int = 1) -> Checker:
    def check(found: Check, path: str, value: Any) -> None:
        if not isinstance(value, list):
            found.wrong(path, "must be an array")
            return
        if len(value) > most:
            found.wrong(path, f"no more than {most} items allowed")
        if len(value) < least:
            found.wrong(path, f"no less than {least} items allowed")
        for place, one in enumerate(value):
            each(found, f"{path}/{place}", one)

    return check


def shape(
    required: Mapping[str, Checker],
    optional: Mapping[str, Checker] | None = None,
    also: Callable[[Check, str, Json], None] | None = None,
) -> Checker:
    """An object of these fields and no others; `also` looks at a whole one that is right so far."""
    known = {**required, **(optional or {})}

    def check(found: Check, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            found.wrong(path, "must be an object")
            return
        before = len(found.faults)
        for name in required:
            if value.get(name) is None:
                found.wrong(path, f"missing required field: {name}")
        for name, one in value.items():
            if name not in known:
                found.wrong(path, f"invalid additional property: {name}")
            elif one is not None:
                known[name](found, f"{path}/{name}", one)
            elif name not in required:
                found.wrong(f"{path}/{name}", "must not be null")
        if also is not None and len(found.faults) == before:
            also(found, path, value)

    return check


def union(kinds: Mapping[str, Checker], *allowed: str) -> Checker:
    """An object that its `type` tells; of `kinds` those allowed, all where none is named."""

    def check(found: Check, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            found.wrong(path, "must be an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            found.wrong(path, "missing required field: type")
        elif kind not in kinds or (allowed and kind not in allowed):
            found.wrong(f"{path}/type", f"unsupported type: {kind}")
        else:
            kinds[kind](found, path, value)

    return check


def action_id(found: Check, path: str, value: Any) -> None:
    """Unique within the block that is looked at."""
    string(NAME_LIMIT)(found, path, value)
    if isinstance(value, str):
        if value in found.action_ids:
            found.wrong(path, f'`action_id` "{value}" already exists for another element')
        found.action_ids.add(value)


def block_id(found: Check, path: str, value: Any) -> None:
    """Unique within the message or view."""
    string(NAME_LIMIT)(found, path, value)
    if isinstance(value, str):
        if value in found.block_ids:
            found.wrong(path, f'`block_id` "{value}" already exists for another block')
        found.block_ids.add(value)


def focus(found: Check, path: str, value: Any) -> None:
    """`focus_on_load`: of one element of a view."""
    boolean(found, path, value)
    found.focused += value is True
    if found.focused > 1:
        found.wrong(path, "only one element can have focus_on_load")


TYPE: dict[str, Checker] = {"type": string()}
