"""The codes that buttons carry: a whole action in at most 100 bytes, or the key of a stored one.

    code    = "1" payload "~" check
    payload = effect ( tag { ":" field } | "*" key )
    check   = 6 characters of base64url: 32 bits of BLAKE2b over all before it

A code holds nothing secret and grants nothing: whoever makes one can do no more with it than by
asking. The check is against damage, not against forgery. What does not fit is kept in the state
under a key made from the payload, so the same button has the same code on every replica.

A form has the code of its button, whose intent has what the form is filled in with at first.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import datetime, timedelta
from hashlib import blake2b
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from bot import intent as intents
from bot.errors import UserError
from bot.intent import FormIntent, Intent, Unfold
from bot.ports import CodeStore
from bot.view import Action, Effect

VERSION = "1"
MAX_BYTES = 100
KEPT = timedelta(days=30)

# The tag of each intent; one that was given away is never used for another.
TAGS: Mapping[str, type[Intent]] = MappingProxyType(
    {
        "n": intents.Newest,
        "q": intents.Search,
        "p": intents.OpenPost,
        "c": intents.ReadComments,
        "u": intents.Unfold,
        "l": intents.Related,
        "t": intents.Tags,
        "y": intents.Months,
        "m": intents.Month,
        "x": intents.Random,
        "h": intents.Help,
        "d": intents.ReadDigest,
        "dl": intents.ListDigests,
        "da": intents.AddDigest,
        "de": intents.EditDigest,
        "ds": intents.DigestSettings,
        "dp": intents.PauseDigest,
        "dr": intents.RemoveDigest,
        "dv": intents.PreviewDigest,
        "dn": intents.SendDigest,
        "dt": intents.DigestStatus,
        "f": intents.ForgetMe,
    }
)
_TAG_OF = {made: tag for tag, made in TAGS.items()}
_FIELDS = {made: fields(made) for made in TAGS.values()}

_POST = re.compile(r"[A-Za-z0-9_-]{11}")
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_SUBSCRIPTION = re.compile(r"[A-Za-z0-9]{1,32}")
_COMMENT = re.compile(r"[1-9][0-9]{0,8}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_CODE = re.compile(r"(?s:(?P<version>[0-9a-z])(?P<payload>.+)~(?P<check>[A-Za-z0-9_-]{6}))")

# Written as %XX: what parts fields, and what a platform might trim or drop at an end.
_ESCAPED = re.compile(r"[%:\x00-\x1f\x7f]|^\s|\s$")


class Codes:
    """Gives actions their codes and takes them back."""

    def __init__(self, store: CodeStore) -> None:
        self._store = store

    async def encode(self, actions: Iterable[Action], now: datetime) -> Mapping[Action, str]:
        """The code of each action; what is too long for one is kept for 30 days from now (UTC)."""
        codes: dict[Action, str] = {}
        stored: dict[str, str] = {}
        for action in actions:
            payload = written(action)
            code = _checked(payload)
            if len(code.encode()) > MAX_BYTES:
                key = _key(payload)
                stored[key] = payload
                code = _checked(f"{action.effect.value}*{key}")
            codes[action] = code
        if stored:
            await self._store.keep(stored, now + KEPT)
        return codes

    async def decode(self, code: str, now: datetime) -> Action:
        """The action of a code. Raises UserError: damaged, of another version, or expired."""
        payload = _payload(code)
        if payload[1:2] != "*":
            return read(payload)
        stored = await self._store.payload(payload[2:], now)
        if stored is None:
            raise UserError("code.expired")
        action = read(stored)
        if action.effect is not effect_of(code):
            raise UserError("code.damaged")
        return action


def effect_of(code: str) -> Effect:
    """The effect of a code, before anything is looked up: some platforms must be told at once.

    Raises UserError where it is damaged or of another version.
    """
    try:
        return Effect(_payload(code)[:1])
    except ValueError as error:
        raise UserError("code.damaged") from error


def is_code(text: str) -> bool:
    """Whether a text is a whole code of any version, so that it is no query."""
    found = _CODE.fullmatch(text)
    return found is not None and found["check"] == _check(text[: found.start("check") - 1])


def written(action: Action) -> str:
    """The payload of an action; fields that have their default at the end are left out."""
    intent = action.intent
    parts: list[str] = []
    for field in reversed(_FIELDS[type(intent)]):
        value = getattr(intent, field.name)
        if parts or field.default is MISSING or value != field.default:
            parts.append(_field_text(value))
    return ":".join([action.effect.value + _TAG_OF[type(intent)], *reversed(parts)])


def read(payload: str) -> Action:
    """The action of a payload. Raises UserError where it is none that `written` makes."""
    head, *parts = payload.split(":")
    try:
        effect, made = Effect(head[:1]), TAGS[head[1:]]
        values = [_value(field, text) for field, text in zip(_FIELDS[made], parts, strict=False)]
        action = Action(made(*values), effect)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError("code.damaged") from error
    # What is done in a thread is done nowhere else, and nothing else is done there.
    in_thread = action.effect is Effect.THREAD
    if written(action) != payload or in_thread is not isinstance(action.intent, Unfold):
        raise UserError("code.damaged")
    if action.effect is Effect.FORM and not isinstance(action.intent, FormIntent):
        raise UserError("code.damaged")
    return action


def _field_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(int(value))
        case int():
            return str(value)
        case str():
            return _ESCAPED.sub(lambda found: quote(found[0], safe=""), value)
        case _:
            raise TypeError(f"no field of a code: {value!r}")


def _value(field: "Field[Any]", text: str) -> Any:
    """A field's value by its name and type. Raises ValueError for one that no intent has."""
    if field.name == "comment":
        return int(_matched(_COMMENT, text))
    if field.name == "post":
        return _matched(_POST, text)
    if field.name == "month":
        return _matched(_MONTH, text)
    if field.name == "subscription":
        return _matched(_SUBSCRIPTION, text)
    if field.type is str:
        # A lone half of a surrogate pair cannot be kept anywhere.
        return unquote(text, errors="strict").encode().decode()
    if field.type is bool:
        return _matched(re.compile("[01]"), text) == "1"
    if field.type is not int and not text:
        return None
    return int(_matched(_NUMBER, text))


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _payload(code: str) -> str:
    """What a code says. Raises UserError where it is damaged or of another version."""
    found = _CODE.fullmatch(code) if len(code) <= MAX_BYTES else None
    if found is None or found["check"] != _check(code[: found.start("check") - 1]):
        raise UserError("code.damaged")
    if found["version"] != VERSION:
        raise UserError("code.other_version")
    return found["payload"]


def _checked(payload: str) -> str:
    body = f"{VERSION}{payload}"
    return f"{body}~{_check(body)}"


def _check(body: str) -> str:
    digest = blake2b(body.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _key(payload: str) -> str:
    """The key of a stored payload: 11 characters of base64url, 64 bits."""
    digest = blake2b(payload.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
