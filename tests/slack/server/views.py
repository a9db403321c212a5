"""views.*: dialogs that lie on one another, and the App Home."""

import secrets
from typing import Any

from tests.slack.server.blocks import elements, with_ids
from tests.slack.server.call import Call, method
from tests.slack.server.refusals import Json, Refusal, missing_argument
from tests.slack.server.state import State
from tests.slack.server.surfaces import check_view
from tests.slack.server.wire import view_json
from tests.slack.server.world import Interaction, View

TRIGGER_SECONDS = 3.0
MOST_VIEWS = 3


async def open_(call: Call) -> Json:
    body = call.json("view", "invalid_arguments")
    check_view(body, ("modal",))
    interaction = _exchanged(call)
    view = show(call.state, interaction, body, on=None)
    return _told(call, view)


async def push(call: Call) -> Json:
    body = call.json("view", "invalid_arguments")
    check_view(body, ("modal",))
    interaction = _exchanged(call)
    stack = call.state.stacks.get(interaction.user.id, [])
    if interaction.view is None or interaction.view.is_home or not stack:
        raise Refusal("not_found")
    view = show(call.state, interaction, body, on=stack[-1])
    return _told(call, view)


async def update(call: Call) -> Json:
    state = call.state
    key, external = call.given("view_id"), call.given("external_id")
    if not key and not external:
        raise missing_argument("view_id")
    view = state.views.get(str(key)) if key else _by_external_id(state, str(external))
    if view is None or not view.open:
        raise Refusal("not_found")
    body = call.json("view", "invalid_arguments")
    check_view(body, (view.body["type"],))
    _same(call, view)
    change(state, view, body)
    return _told(call, view)


async def publish(call: Call) -> Json:
    state, user = call.state, call.state.users.get(call.text("user_id"))
    body = call.json("view", "invalid_arguments")
    check_view(body, ("home",))
    team = next(
        (
            one
            for one in state.teams.values()
            if user is not None and user.id in one.members and call.installation.covers(one)
        ),
        None,
    )
    if user is None or team is None:
        raise Refusal("user_not_found")
    if not state.app.home_tab:
        raise Refusal("not_enabled")
    view = state.homes.get((team.id, user.id))
    if view is None:
        key = state.names.next("V")
        view = View(key, team, user, _kept(body), secrets.token_hex(4), key)
        state.homes[team.id, user.id] = state.views[key] = view
    else:
        _same(call, view)
    change(state, view, body, what="home")
    return _told(call, view)


def _told(call: Call, view: View) -> Json:
    return {"view": view_json(view, call.state.app, call.installation.bot)}


def _exchanged(call: Call) -> Interaction:
    """The interaction of a trigger_id, which is good once and for three seconds."""
    interaction = call.state.interactions.get(call.text("trigger_id"))
    if interaction is None or interaction.trigger_id != call.given("trigger_id"):
        raise Refusal("invalid_trigger_id")
    if not call.installation.covers(interaction.team):
        raise Refusal("invalid_trigger_id")
    if interaction.exchanged:
        raise Refusal("exchanged_trigger_id")
    if call.state.clock.seconds() - interaction.at > TRIGGER_SECONDS:
        raise Refusal("expired_trigger_id")
    interaction.exchanged = True
    return interaction


def _same(call: Call, view: View) -> None:
    if call.given("hash") and call.given("hash") != view.hash:
        raise Refusal("hash_conflict")


def _by_external_id(state: State, external_id: str) -> View | None:
    for view in state.views.values():
        if view.body.get("external_id") == external_id and view.open:
            return view
    return None


def _kept(body: Json) -> Json:
    return {**body, "blocks": with_ids(body["blocks"], lambda: secrets.token_urlsafe(4))}


def show(state: State, interaction: Interaction, body: Json, on: View | None) -> View:
    """A new dialog, in front of another one or as the only one."""
    external = body.get("external_id")
    if external and _by_external_id(state, external) is not None:
        raise Refusal("duplicate_external_id")
    stack = state.stacks.setdefault(interaction.user.id, [])
    if on is None:
        close_all(state, interaction.user.id)
    elif len(stack) >= MOST_VIEWS:
        raise Refusal("push_limit_reached")
    key = state.names.next("V")
    root, previous = (key, None) if on is None else (on.root_id, on.id)
    view = View(
        key, interaction.team, interaction.user, _kept(body), secrets.token_hex(4), root, previous
    )
    view.state = initial_state(view.body["blocks"])
    state.views[key] = view
    state.stacks[interaction.user.id].append(view)
    _note(state, view, "view", interaction)
    return view


def change(
    state: State, view: View, body: Json, *, what: str = "view", by: Interaction | None = None
) -> None:
    """Another content; what was filled in stays where block_id and action_id do."""
    filled = view.state
    view.body = _kept(body)
    view.hash = secrets.token_hex(4)
    view.errors = {}
    view.state = initial_state(view.body["blocks"])
    for block in view.body["blocks"]:
        for action_id in view.state.get(block["block_id"], {}):
            known = filled.get(block["block_id"], {}).get(action_id)
            if known is not None:
                view.state[block["block_id"]][action_id] = known
    _note(state, view, what, by)


def _note(state: State, view: View, what: str, interaction: Interaction | None) -> None:
    state.note_view(what, view)
    state.see("view", view=view, interaction=interaction)


def close_all(state: State, user_id: str) -> None:
    for view in state.stacks.get(user_id, []):
        view.open = False
    state.stacks[user_id] = []


# What an element holds, by its type: the field of its initial value and the one in the state.
VALUES: dict[str, tuple[str, str]] = {
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "checkboxes": ("initial_options", "selected_options"),
    "users_select": ("initial_user", "selected_user"),
    "multi_users_select": ("initial_users", "selected_users"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "plain_text_input": ("initial_value", "value"),
    "email_text_input": ("initial_value", "value"),
    "url_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "rich_text_input": ("initial_value", "rich_text_value"),
}
MANY = ("checkboxes", "multi_static_select", "multi_external_select")


def initial_state(blocks: list[Json]) -> dict[str, Json]:
    """What the elements of a view or message hold before anybody touches them."""
    found: dict[str, Json] = {}
    for block, element in elements(blocks):
        names = VALUES.get(element["type"])
        if names is not None:
            none: Any = [] if element["type"] in MANY else None
            held = {"type": element["type"], names[1]: element.get(names[0], none)}
            found.setdefault(block["block_id"], {})[element["action_id"]] = held
    return found


METHODS = {
    "views.open": method(open_, "trigger_id view interactivity_pointer"),
    "views.push": method(push, "trigger_id view interactivity_pointer"),
    "views.update": method(update, "view view_id external_id hash"),
    "views.publish": method(publish, "user_id view hash"),
}
