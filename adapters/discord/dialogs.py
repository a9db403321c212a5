"""Forms as Discord's dialogs (modals), and what people filled in.

A dialog's custom id is the form's code, so it is answered after a restart as well: the library is
to keep none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

import discord
from discord import ui

from adapters.discord.commands import CHANNEL_TYPES
from adapters.discord.dialog_limits import HINT, LABEL, TITLE, TYPED
from bot.chat.commands import Kind
from bot.chat.forms import Field, Form
from bot.chat.visible import one_line

_LABELLED, _ROLES = 18, 6


def dialog(form: Form) -> ui.Modal:
    """The dialog of a form, made anew each time and not kept by the library once it is sent."""
    made = ui.Modal(title=_short(form.title, TITLE), custom_id=form.code)
    for field in form.fields:
        label = _short(field.label, LABEL)
        hint = _short(field.hint, HINT) or None
        made.add_item(ui.Label(text=label, description=hint, component=_input(field)))
    # What has ended is not stored for when it is submitted.
    made.stop()
    return made


def values_of(data: Mapping[str, Any], guild: int | None) -> dict[str, str]:
    """What was filled in, by the fields' keys: what was chosen in a menu, "" for nothing."""
    return {
        str(field["custom_id"]): _value(field, guild)
        for field in _fields(data.get("components") or ())
        if "custom_id" in field
    }


def _input(field: Field) -> ui.Item[Any]:
    if field.choices:
        return ui.Select(
            custom_id=field.key,
            options=[
                discord.SelectOption(
                    label=_short(label, HINT), value=value, default=value == field.value
                )
                for value, label in field.choices
            ],
            min_values=int(field.required),
            required=field.required,
        )
    match field.spec.kind:
        case Kind.ROLE:
            return ui.RoleSelect(
                custom_id=field.key,
                min_values=int(field.required),
                required=field.required,
                default_values=_named(field, discord.SelectDefaultValueType.role),
            )
        case Kind.CHANNEL:
            return ui.ChannelSelect(
                custom_id=field.key,
                channel_types=[discord.ChannelType(kind) for kind in CHANNEL_TYPES],
                min_values=int(field.required),
                required=field.required,
                default_values=_named(field, discord.SelectDefaultValueType.channel),
            )
        case Kind.TEXT | Kind.INTEGER | Kind.BOOLEAN | Kind.CHOICE:
            return ui.TextInput(
                custom_id=field.key,
                default=one_line(field.value) or None,
                required=field.required,
                max_length=TYPED,
            )
        case _:
            assert_never(field.spec.kind)


def _named(
    field: Field, kind: discord.SelectDefaultValueType
) -> Sequence[discord.SelectDefaultValue]:
    """What a menu of roles or channels has at first; a name that is no number cannot be there."""
    if not (field.value.isascii() and field.value.isdecimal()):
        return []
    return [discord.SelectDefaultValue(id=int(field.value), type=kind)]


def _fields(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What can be filled in, without the labels and rows around it."""
    for component in components:
        if component.get("type") == _LABELLED:
            yield component.get("component") or {}
        else:
            yield from component.get("components") or ()


def _value(field: Mapping[str, Any], guild: int | None) -> str:
    if field.get("value") is not None:
        return str(field["value"])
    chosen = [str(value) for value in field.get("values") or ()]
    # The role that everybody has is named like the server; nobody is to be called by it.
    if field.get("type") == _ROLES:
        chosen = [value for value in chosen if value != str(guild)]
    return chosen[0] if chosen else ""


def _short(text: str, most: int) -> str:
    return one_line(text)[:most]
