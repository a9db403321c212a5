"""What an app can make of a dialog that is submitted: close it, change it, or say what is wrong."""

from typing import Any

from tests.slack.server.refusals import Refusal
from tests.slack.server.state import State
from tests.slack.server.surfaces import check_view
from tests.slack.server.views import change, close_all, show
from tests.slack.server.world import Interaction


def react(state: State, interaction: Interaction, said: Any) -> None:
    """Do what the acknowledgement of a view_submission asks for; refused if it is not right."""
    view = interaction.view
    assert view is not None
    stack = state.stacks[interaction.user.id]
    if not said:
        view.open = False
        stack.remove(view)
        return
    if not isinstance(said, dict):
        raise Refusal("invalid_response_action")
    reaction = said.get("response_action")
    if reaction == "errors":
        _errors(state, interaction, said.get("errors"))
    elif reaction == "clear":
        close_all(state, interaction.user.id)
    elif reaction == "update":
        check_view(said.get("view"), ("modal",))
        change(state, view, said["view"], by=interaction)
    elif reaction == "push":
        check_view(said.get("view"), ("modal",))
        show(state, interaction, said["view"], on=view)
    else:
        raise Refusal("invalid_response_action")


def _errors(state: State, interaction: Interaction, errors: Any) -> None:
    """Sentences beside inputs, by their block_id."""
    view = interaction.view
    assert view is not None
    inputs = {one["block_id"] for one in view.body["blocks"] if one["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise Refusal("invalid_errors")
    for key, text in errors.items():
        if key not in inputs or not isinstance(text, str) or not text:
            raise Refusal("invalid_errors", errors=[f"no input has the block_id {key}"])
    view.errors = dict(errors)
    state.see("errors", view=view, interaction=interaction)
