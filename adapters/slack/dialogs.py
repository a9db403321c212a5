"""Forms as Slack's dialogs (modals), and what people filled in.

A dialog carries the form's code and where it was opened, so it is answered after a restart as well.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from slack_sdk.models.blocks import (
    ConversationFilter,
    ConversationSelectElement,
    ExternalDataMultiSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from adapters.slack.carried import Carried
from adapters.slack.names import Target
from adapters.slack.offering import option, read, short, writable
from adapters.slack.render import NO_LABEL, Json, plain
from bot.chat.commands import Kind
from bot.chat.digests.wishes import CLEARED, MOST_TAGS
from bot.chat.forms import Field, Form, FormError
from bot.errors import UserError
from bot.locales import Texts

# What the callback_id of a dialog begins with, and the action_id of a field; the latter goes on
# with the names of the command and of the option.
FORM, FIELD = "form:", "field:"
# What an input holds, and its label, hint and title, in characters.
TYPED, LABEL, TITLE, REASON = 3000, 150, 24, 300

# There is nothing like it in Slack.
_UNKNOWN = frozenset({"publish"})
_BETWEEN_TAGS = re.compile(r"\s*[,、，;\n]\s*")
_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]{2,30})(?:\|[^>]*)?>|@?(S[A-Z0-9]{2,30})")


def dialog(form: Form, target: str, texts: Texts) -> Json:
    """The view of a form that is opened in a place ("" for none).

    Raises SlackObjectFormationError.
    """
    fields = [field for field in form.fields if field.spec.name not in _UNKNOWN]
    view = View(
        type="modal",
        callback_id=f"{FORM}{'.'.join(form.command)}",
        title=plain(short(form.title, TITLE)),
        submit=plain(short(form.submit, TITLE)),
        close=plain(short(texts("slack.close"), TITLE)),
        private_metadata=Carried(target, form.code).written(),
        blocks=[
            _block(field, form.command, texts, first=number == 0)
            for number, field in enumerate(fields)
        ],
    )
    return dict(view.to_dict())


def field_of(action_id: str) -> tuple[tuple[str, ...], str] | None:
    """The command and the option that an action_id names; None for what is no field."""
    if not action_id.startswith(FIELD):
        return None
    command, _, option_name = action_id.removeprefix(FIELD).rpartition(".")
    return tuple(command.split(".")), option_name


def values_of(view: Mapping[str, Any], workspace: str) -> dict[str, str]:
    """What was filled in, by the fields' keys; "" for nothing."""
    found = {
        str(key): _value(element, workspace)
        for key, elements in view.get("state", {}).get("values", {}).items()
        for action_id, element in elements.items()
        if field_of(action_id) is not None
    }
    return {key: _group(value) if _is_group(key) else value for key, value in found.items()}


def malformed(values: Mapping[str, str]) -> Mapping[str, UserError]:
    """What only Slack's own form of a name tells to be wrong, by the fields' keys."""
    return {
        key: UserError("slack.bad_group")
        for key, value in values.items()
        if _is_group(key) and value not in ("", CLEARED) and _GROUP.fullmatch(value) is None
    }


def errors_of(error: FormError, keys: Sequence[str], texts: Texts) -> dict[str, str]:
    """What is said beside the fields that are to blame, by their keys; empty where none is.

    `keys` are those of all fields. What is wrong where there is only one is wrong with that.
    """
    if not error.faults and len(keys) == 1:
        return {keys[0]: short(texts.of(error), REASON)}
    blamed = [fault for fault in error.faults if fault.key in keys]
    return {fault.key: short(texts.of(fault.error), REASON) for fault in blamed}


def _block(field: Field, command: Sequence[str], texts: Texts, *, first: bool) -> InputBlock:
    label, hint = field.label, field.hint
    if field.spec.kind is Kind.ROLE:
        label, hint = texts("slack.group"), texts("slack.group_hint")
    hint = short(hint, LABEL)
    return InputBlock(
        block_id=field.key,
        label=plain(short(label, LABEL) or NO_LABEL),
        hint=plain(hint) if hint else None,
        optional=not field.required,
        element=_element(field, f"{FIELD}{'.'.join(command)}.{field.spec.name}", first=first),
    )


def _element(field: Field, action_id: str, *, first: bool) -> InputInteractiveElement:
    if field.choices:
        options = [option(value, label) for value, label in field.choices]
        chosen = [
            each
            for each, (value, _) in zip(options, field.choices, strict=True)
            if value == field.value
        ]
        return StaticSelectElement(
            action_id=action_id, options=options, initial_option=next(iter(chosen), None)
        )
    match field.spec.kind:
        case Kind.CHANNEL:
            # Those of people alone are left out; where the bot may not post, the answer says so.
            return ConversationSelectElement(
                action_id=action_id,
                filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
            )
        case Kind.TEXT | Kind.INTEGER | Kind.BOOLEAN | Kind.CHOICE | Kind.ROLE:
            return _typed(field, action_id, first=first)
        case _:
            assert_never(field.spec.kind)


def _typed(field: Field, action_id: str, *, first: bool) -> InputInteractiveElement:
    """What is typed, with completion where there is any for a single value.

    A search is typed as it is: there what was typed is what is wanted, not what completes it.
    """
    match field.spec.completed:
        case "tags":
            return ExternalDataMultiSelectElement(
                action_id=action_id,
                min_query_length=0,
                max_selected_items=MOST_TAGS,
                initial_options=_tags(field.value) or None,
            )
        case "time" | "weekdays" | "zone":
            return ExternalDataSelectElement(
                action_id=action_id,
                min_query_length=0,
                initial_option=next(_given([field.value]), None),
            )
        case "query" | "digest" | None:
            return PlainTextInputElement(
                action_id=action_id,
                initial_value=short(field.value, TYPED) or None,
                max_length=TYPED,
                focus_on_load=first,
            )
        case _:
            assert_never(field.spec.completed)


def _tags(value: str) -> list[Option]:
    return list(_given(dict.fromkeys(_BETWEEN_TAGS.split(value))))[:MOST_TAGS]


def _given(values: Sequence[str] | Mapping[str, None]) -> Iterator[Option]:
    """Values as options that are chosen already, but for what is longer than one holds."""
    yield from (option(value, value) for value in values if value.strip() and writable(value))


def _is_group(key: str) -> bool:
    return key.partition(":")[0] == "role"


def _group(value: str) -> str:
    """The id of a user group, also of one that was pasted as Slack writes it."""
    found = _GROUP.fullmatch(value.strip())
    return value if found is None else found[1] or found[2]


def _value(element: Mapping[str, Any], workspace: str) -> str:
    kind = str(element.get("type", ""))
    if kind == "conversations_select":
        channel = element.get("selected_conversation")
        return str(Target(workspace, str(channel))) if channel else ""
    if kind.startswith("multi_"):
        return ", ".join(read(each) for each in element.get("selected_options") or ())
    if kind.endswith("_select"):
        chosen = element.get("selected_option")
        return read(chosen) if chosen else ""
    return str(element.get("value") or "")
