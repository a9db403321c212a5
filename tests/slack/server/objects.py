"""Composition objects of Block Kit: texts, options, confirmations, filters."""

from typing import Any

from tests.slack.server.checking import (
    TYPE,
    Check,
    Checker,
    boolean,
    items,
    one_of,
    shape,
    string,
    union,
    url,
)
from tests.slack.server.refusals import Json


def text(most: int, *, plain: bool = False, least: int = 1) -> Checker:
    """A text object; `plain` where mrkdwn is refused."""
    said = {**TYPE, "text": string(most, least)}
    kinds = {
        "plain_text": shape(said, {"emoji": boolean}),
        "mrkdwn": shape(said, {"verbatim": boolean}),
    }
    return union(kinds, "plain_text") if plain else union(kinds)


def _style(found: Check, path: str, value: Any) -> None:
    one_of("primary", "danger")(found, path, value)


STYLE: Checker = _style

CONFIRM = shape(
    {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
    },
    {"style": STYLE},
)


def option(*, plain: bool = True, link: bool = False) -> Checker:
    """An option of a menu (`plain`) or of boxes; only an overflow menu's may have a link."""
    more: dict[str, Checker] = {"description": text(75, plain=plain)}
    if link:
        more["url"] = url()
    return shape({"text": text(75, plain=plain), "value": string(150)}, more)


GROUP = shape({"label": text(75, plain=True), "options": items(option(), 100)})


def _unique(found: Check, path: str, options: list[Json]) -> None:
    values: set[str] = set()
    for place, one in enumerate(options):
        if one["value"] in values:
            found.wrong(f"{path}/{place}/value", "option values must be unique")
        values.add(one["value"])


def offered(element: Json) -> list[Json]:
    """The options of a select, in groups or not."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(one for group in groups for one in group["options"])]


def _options_or_groups(found: Check, path: str, value: Json) -> None:
    if ("options" in value) == ("option_groups" in value):
        found.wrong(path, "exactly one of options and option_groups is needed")
        return
    _unique(found, f"{path}/options", value.get("options") or [])


def check_offered(found: Check, path: str, value: Json) -> None:
    """Options of a select: one way of giving them, and initial ones that are among them."""
    _options_or_groups(found, path, value)
    initial = value.get("initial_options") or [value.get("initial_option")]
    for one in initial:
        if one is not None and one not in offered(value):
            found.wrong(f"{path}/initial_option", "must be one of the options provided")


def check_boxes(found: Check, path: str, value: Json) -> None:
    """Options of check boxes and radio buttons."""
    _unique(found, f"{path}/options", value["options"])
    for one in value.get("initial_options") or [value.get("initial_option")]:
        if one is not None and one not in value["options"]:
            found.wrong(f"{path}/initial_option", "must be one of the options provided")


# What an app answers while somebody types in a select.
SUGGESTED = shape(
    {},
    {"options": items(option(), 100, 0), "option_groups": items(GROUP, 100, 0)},
    _options_or_groups,
)

FILTER = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

DISPATCH = shape(
    {}, {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)}
)


def _id_or_url(found: Check, path: str, value: Json) -> None:
    if ("id" in value) == ("url" in value):
        found.wrong(path, "exactly one of id and url is needed")


SLACK_FILE = shape({}, {"id": string(), "url": url()}, _id_or_url)
