"""Routes of the bot's commands: what Discord takes as one, and what guilds set for them."""

import re
from typing import Any

from tests.discord.server.applications import guild_of
from tests.discord.server.refusals import Form, Json, Path, Refusal
from tests.discord.server.rest import Answer, Call
from tests.discord.server.world import Guild

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
MOST = {CHAT: 100, USER: 5, MESSAGE: 5}
CHARACTERS = 8000
NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = frozenset(
    [
        "id",
        "da",
        "de",
        "en-GB",
        "en-US",
        "es-ES",
        "es-419",
        "fr",
        "hr",
        "it",
        "lt",
        "hu",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)


async def commands(call: Call) -> Answer:
    return list(call.state.commands)


async def put_commands(call: Call) -> Answer:
    """All commands at once; one of the same name and type keeps its id."""
    state = call.state
    listed = call.body if isinstance(call.body, list) else []
    check_commands(listed)
    old = {(one["name"], one["type"]): one["id"] for one in state.commands}
    state.commands[:] = [
        {
            "default_member_permissions": None,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            "description": "",
            "options": [],
            **one,
            "type": one.get("type") or CHAT,
            "id": old.get((one["name"], one.get("type") or CHAT)) or str(state.ids.next()),
            "application_id": str(state.bot.id),
            "version": str(state.ids.next()),
        }
        for one in listed
    ]
    state.command_writes += 1
    return list(state.commands)


def check_commands(listed: list[Json]) -> None:
    form = Form()
    seen: set[tuple[int, str]] = set()
    for place, one in enumerate(listed):
        kind = one.get("type") or CHAT
        path: Path = (place,)
        if (kind, one.get("name")) in seen:
            message = "Application command names must be unique"
            form.wrong((place, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        seen.add((kind, str(one.get("name"))))
        if kind == CHAT:
            _check_named(form, path, one)
            _check_options(form, (place, "options"), one.get("options"), 0)
        else:
            form.length((place, "name"), one.get("name"), 1, 32)
            form.length((place, "description"), one.get("description") or "", 0, 0)
        _check_where(form, path, one)
        if _size(one) > CHARACTERS:
            message = f"Command exceeds maximum size ({CHARACTERS})"
            form.wrong(path, "APPLICATION_COMMAND_TOO_LARGE", message)
    for kind, most in MOST.items():
        if len([one for one in seen if one[0] == kind]) > most:
            message = f"Maximum number of application commands reached ({most})"
            form.wrong((), "BASE_TYPE_MAX_LENGTH", message)
    form.check()


def _check_where(form: Form, path: Path, one: Json) -> None:
    for key, most in (("contexts", 2), ("integration_types", 1)):
        for place, value in enumerate(one.get(key) or ()):
            form.number((*path, key, place), value, 0, most)
    for locale, name in (one.get("name_localizations") or {}).items():
        at: Path = (*path, "name_localizations", locale)
        form.one_of(at, locale, tuple(sorted(LOCALES)))
        form.length(at, name, 1, 32)


def _check_named(form: Form, path: Path, one: Json) -> None:
    names = {(): one.get("name"), **_localised(one, "name")}
    for where, name in names.items():
        at: Path = (*path, "name" if not where else "name_localizations", *where)
        form.length(at, name, 1, 32)
        if name and not (NAME.fullmatch(name) and name == name.lower()):
            message = "Command name is invalid"
            form.wrong(at, "APPLICATION_COMMAND_INVALID_NAME", message)
    described = {(): one.get("description"), **_localised(one, "description")}
    for where, text in described.items():
        at = (*path, "description" if not where else "description_localizations", *where)
        form.length(at, text, 1, 100)


def _localised(one: Json, key: str) -> dict[tuple[str, ...], Any]:
    return {(locale,): text for locale, text in (one.get(f"{key}_localizations") or {}).items()}


def _check_options(form: Form, path: Path, options: Any, depth: int) -> None:
    form.length(path, options, 0, 25)
    optional = False
    for place, one in enumerate(options or ()):
        at: Path = (*path, place)
        _check_named(form, at, one)
        if one.get("type") in (SUBCOMMAND, GROUP):
            if depth > 1:
                message = "Sub-commands cannot be nested that deep"
                form.wrong(at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message)
            _check_options(form, (*at, "options"), one.get("options"), depth + 1)
            continue
        if one.get("required") and optional:
            message = "Required options must be placed before non-required options"
            form.wrong(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not one.get("required")
        _check_choices(form, at, one)


def _check_choices(form: Form, path: Path, one: Json) -> None:
    choices = one.get("choices") or []
    form.length((*path, "choices"), choices, 0, 25)
    if choices and one.get("autocomplete"):
        message = "Choices and autocomplete are mutually exclusive"
        form.wrong(path, "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message)
    for place, choice in enumerate(choices):
        form.length((*path, "choices", place, "name"), choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            form.length((*path, "choices", place, "value"), choice["value"], 1, 100)


def _size(one: Json) -> int:
    """The characters of a command's names, descriptions and values, options included."""
    size = len(one.get("name") or "") + len(one.get("description") or "")
    for choice in one.get("choices") or ():
        size += len(choice.get("name") or "") + len(str(choice.get("value")))
    return size + sum(_size(option) for option in one.get("options") or ())


async def command_permissions(call: Call) -> Answer:
    """What the owner of a guild has set for one command; 10066 where that is nothing."""
    guild, key = guild_of(call), call.id("command")
    rules = call.state.command_rules.get((guild.id, key))
    if not rules:
        raise Refusal(404, 10066, "Unknown application command permissions")
    return _permissions(call, guild, key, rules)


async def all_command_permissions(call: Call) -> Answer:
    guild = guild_of(call)
    return [
        _permissions(call, guild, key, rules)
        for (of, key), rules in call.state.command_rules.items()
        if of == guild.id and rules
    ]


def _permissions(call: Call, guild: Guild, key: int, rules: list[Json]) -> Json:
    return {
        "id": str(key),
        "application_id": str(call.state.bot.id),
        "guild_id": str(guild.id),
        "permissions": rules,
    }
