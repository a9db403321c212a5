"""What a person types after a slash, as the data of an interaction, as Discord checks it first."""

from collections.abc import Callable

from tests.discord.server.refusals import Json
from tests.discord.server.seen import NotOffered
from tests.discord.server.wire import channel_json, member_json, role_json, user_json
from tests.discord.server.world import Channel, Guild, Role, User

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, PERSON, CHANNEL, ROLE = 1, 2, 3, 4, 5, 6, 7, 8

Value = str | int | bool | User | Channel | Role


class Resolved:
    """What ids stand for, as it is told beside them; `rights` are those of who names a channel."""

    def __init__(self, rights: Callable[[Channel], int], guild: Guild | None) -> None:
        self.data: Json = {}
        self._rights = rights
        self._guild = guild

    def told(self, value: Value) -> str | int | bool:
        """A value as an interaction has it: of people, channels and roles the id."""
        if isinstance(value, str | int):
            return value
        key = str(value.id)
        if isinstance(value, Channel):
            told = {**channel_json(value), "permissions": str(self._rights(value))}
            self._add("channels", key, told)
        elif isinstance(value, Role):
            self._add("roles", key, role_json(value, 1))
        else:
            self._add("users", key, user_json(value))
            if self._guild is not None and value.id in self._guild.members:
                member = member_json(self._guild.members[value.id], user=False)
                self._add("members", key, {**member, "permissions": "0"})
        return key

    def _add(self, kind: str, key: str, told: Json) -> None:
        self.data.setdefault(kind, {})[key] = told


def named_command(commands: list[Json], name: str, *, kind: int) -> Json:
    for one in commands:
        if one["type"] == kind and name in (
            one["name"],
            *(one.get("name_localizations") or {}).values(),
        ):
            return one
    raise NotOffered(f"no command {name!r} among {[one['name'] for one in commands]}")


def command_data(
    command: Json,
    path: list[str],
    values: dict[str, Value],
    focused: str | None,
    resolved: Resolved,
) -> Json:
    """`path` is the way to a subcommand; `focused` the option that is being typed."""
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": []}
    offered, into = command.get("options") or [], data["options"]
    for step in path:
        one = next((one for one in offered if one["name"] == step and one["type"] <= GROUP), None)
        if one is None:
            raise NotOffered(f"no subcommand {step!r} of /{command['name']}")
        node: Json = {"name": step, "type": one["type"], "options": []}
        into.append(node)
        offered, into = one.get("options") or [], node["options"]
    if any(one["type"] <= GROUP for one in offered):
        raise NotOffered(f"/{command['name']} needs one of its subcommands")
    unknown = set(values) - {one["name"] for one in offered}
    if unknown:
        raise NotOffered(f"no options {sorted(unknown)} of /{command['name']}")
    for one in offered:
        if one["name"] in values:
            value = values[one["name"]]
            typed = one["name"] == focused
            if not typed:
                _check(one, value)
            told = resolved.told(value)
            option = {"name": one["name"], "type": one["type"], "value": told}
            into.append({**option, "focused": True} if typed else option)
        elif one.get("required") and focused is None:
            raise NotOffered(f"/{command['name']} needs {one['name']!r}")
    return {**data, "resolved": resolved.data} if resolved.data else data


def _check(option: Json, value: Value) -> None:
    """What Discord's own window would not let through."""
    name = option["name"]
    choices = [choice["value"] for choice in option.get("choices") or ()]
    if choices and value not in choices:
        raise NotOffered(f"{value!r} is not among the choices of {name}: {choices}")
    if isinstance(value, str) and option["type"] == STRING:
        if not option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000):
            raise NotOffered(f"{name} takes no text of {len(value)} characters")
    elif option["type"] == INTEGER and isinstance(value, int):
        low, high = option.get("min_value"), option.get("max_value")
        if (low is not None and value < low) or (high is not None and value > high):
            raise NotOffered(f"{name} takes no {value}")
    kinds = option.get("channel_types")
    if kinds and isinstance(value, Channel) and value.kind not in kinds:
        raise NotOffered(f"{name} takes no channel of this kind")
