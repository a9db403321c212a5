"""The commands of the core as Discord registers them, and what people fill in as intents.

Names are registered in English with Japanese ones beside them; they are sent only when what is
registered is something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.chat.commands import (
    COMMANDS,
    MESSAGE_COMMANDS,
    CommandSpec,
    Kind,
    OptionSpec,
    command_at,
)
from bot.locales import Texts

# The platform's numbers.
_CHAT, _MESSAGE = 1, 3
_SUBCOMMAND, _TEXT, _INTEGER, _CHANNEL, _ROLE = 1, 3, 4, 7, 8
_SERVER, _DIRECT, _PRIVATE = 0, 1, 2
_IN_SERVER, _BY_USER = 0, 1
# Where a digest can go: text, announcements, threads of both, forums.
CHANNEL_TYPES = (0, 5, 10, 11, 12, 15)

_ENGLISH, _JAPANESE = Texts("en"), Texts("ja")

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Called:
    """A command that somebody called: its names from the top, and its options as they were typed.

    `focused` is the option in which somebody types, with what stands there.
    """

    path: tuple[str, ...]
    values: Mapping[str, str]
    focused: tuple[str, str] | None = None

    @property
    def command(self) -> CommandSpec | None:
        """What was called, None for what there is not (any more)."""
        return command_at(self.path)

    @property
    def top(self) -> CommandSpec | None:
        """The command that it belongs to."""
        return Called(self.path[:1], {}).command


def registered() -> list[Payload]:
    """All commands as they are registered."""
    on_messages = [
        {
            "type": _MESSAGE,
            **_named(f"command.{spec.name}", described=False),
            **_everywhere(),
        }
        for spec in MESSAGE_COMMANDS
    ]
    return [*(_command(spec) for spec in COMMANDS), *on_messages]


def are_same(ours: Sequence[Payload], theirs: Iterable[Mapping[str, Any]]) -> bool:
    """Whether what Discord has is what we would register."""

    def by_name(commands: Iterable[Mapping[str, Any]]) -> list[Any]:
        return sorted((_plain(each) for each in commands), key=lambda each: str(each["name"]))

    return by_name(ours) == by_name(theirs)


def called(data: Mapping[str, Any], guild: int | None) -> Called:
    """What somebody called, from an interaction's data."""
    path, options = [_own_name(str(data["name"]))], data.get("options", [])
    while options and options[0]["type"] == _SUBCOMMAND:
        path.append(str(options[0]["name"]))
        options = options[0].get("options", [])
    values = {_field(path, option): _value(option, guild) for option in options}
    typed = next((option for option in options if option.get("focused")), None)
    focused = None if typed is None else (_field(path, typed), str(typed["value"]))
    return Called(tuple(path), values, focused)


def message_command(data: Mapping[str, Any]) -> str | None:
    """The name of a command on a message, None for one that there is not (any more)."""
    for spec in MESSAGE_COMMANDS:
        key = f"command.{spec.name}.name"
        if data["name"] in (_ENGLISH(key), _JAPANESE(key)):
            return spec.name
    return None


def _command(spec: CommandSpec) -> Payload:
    payload: Payload = {"type": _CHAT, **_named(f"command.{spec.name}")}
    if spec.subcommands:
        payload["options"] = [
            {
                "type": _SUBCOMMAND,
                **_named(f"command.{spec.name}.{inner.name}"),
                "options": [_option(f"command.{spec.name}", each) for each in inner.options],
            }
            for inner in spec.subcommands
        ]
    else:
        payload["options"] = [_option(f"command.{spec.name}", each) for each in spec.options]
    if not spec.for_managers:
        return payload | _everywhere()
    return payload | {
        "default_member_permissions": str(discord.Permissions(manage_channels=True).value),
        "contexts": [_SERVER],
        "integration_types": [_IN_SERVER],
    }


def _everywhere() -> Payload:
    return {
        "contexts": [_SERVER, _DIRECT, _PRIVATE],
        "integration_types": [_IN_SERVER, _BY_USER],
    }


def _named(key: str, *, described: bool = True) -> Payload:
    payload: Payload = {
        "name": _ENGLISH(f"{key}.name"),
        "name_localizations": {"ja": _JAPANESE(f"{key}.name")},
    }
    if described:
        payload["description"] = _ENGLISH(f"{key}.description")
        payload["description_localizations"] = {"ja": _JAPANESE(f"{key}.description")}
    return payload


def _option(command: str, spec: OptionSpec) -> Payload:
    payload: Payload = {
        **_named(f"{command}.{spec.name}"),
        "required": spec.required,
        "autocomplete": spec.completed is not None,
    }
    match spec.kind:
        case Kind.TEXT:
            payload["type"] = _TEXT
        case Kind.INTEGER:
            payload |= {"type": _INTEGER, "min_value": spec.least, "max_value": spec.most}
        case Kind.BOOLEAN | Kind.CHOICE:
            payload |= {"type": _TEXT, "choices": [*map(_choice, spec.choices)]}
        case Kind.ROLE:
            payload["type"] = _ROLE
        case Kind.CHANNEL:
            payload |= {"type": _CHANNEL, "channel_types": list(CHANNEL_TYPES)}
    return payload


def _choice(choice: tuple[str, str]) -> Payload:
    value, key = choice
    return {
        "name": _first(_ENGLISH(key)),
        "name_localizations": {"ja": _first(_JAPANESE(key))},
        "value": value,
    }


def _first(names: str) -> str:
    """The first of the names that something has."""
    return names.split("|")[0].strip()


def _plain(command: Mapping[str, Any]) -> dict[str, Any]:
    """What of a command matters, in one form: Discord leaves out or fills in what is empty."""

    def parts(part: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for key, value in part.items():
            if key in _COMPARED and value not in (None, False, "", [], {}):
                yield key, _part(key, value)

    def _part(key: str, value: Any) -> Any:
        if key in ("options", "choices"):
            return [dict(parts(each)) for each in value]
        return sorted(value) if key in _UNORDERED else value

    return {"type": _CHAT, **dict(parts(command))}


_UNORDERED = ("contexts", "integration_types", "channel_types")
_COMPARED = frozenset(
    {
        *("type", "name", "name_localizations", "description", "description_localizations"),
        *("options", "required", "autocomplete", "choices", "value", "min_value", "max_value"),
        *("default_member_permissions", *_UNORDERED),
    }
)


def _own_name(name: str) -> str:
    """Our name of a command that is registered by its English one."""
    for spec in COMMANDS:
        if _ENGLISH(f"command.{spec.name}.name") == name:
            return spec.name
    return name


def _field(path: Sequence[str], option: Mapping[str, Any]) -> str:
    """Our name of an option that is registered by its English one."""
    command = Called(tuple(path), {}).command
    for spec in () if command is None else command.options:
        if _ENGLISH(f"command.{path[0]}.{spec.name}.name") == option["name"]:
            return spec.name
    return str(option["name"])


def _value(option: Mapping[str, Any], guild: int | None) -> str:
    value = str(option["value"])
    # The role that everybody has is named like the server; nobody is to be called by it.
    return "-" if option["type"] == _ROLE and value == str(guild) else value
