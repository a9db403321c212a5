"""Forms: the options of an intent's command to fill in, and what was filled in as that intent.

A field's key has a check of what its option was set to when the form was made. So what nobody
touched stays as it is, even if somebody else has changed it meanwhile, and nothing is kept.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from bot.chat.commands import Kind, OptionSpec, command_at
from bot.chat.context import Frame
from bot.chat.digests.wishes import CLEARED
from bot.chat.lines import MAX_LENGTH
from bot.chat.typed import names_of
from bot.errors import UserError
from bot.intent import AddDigest, EditDigest, FormIntent, Search
from bot.locales import Texts
from bot.view import Action, Effect

# A number out of no more than these is chosen, not typed.
_CHOSEN = 25


@dataclass(frozen=True, slots=True)
class Field:
    """One option to fill in.

    `key` is what its value is submitted under, `value` what stands there at first, `hint` explains.
    `choices` has values with what they are called, in their order; without any a text is typed, or
    what the option's kind is. A value that is not `required` may be emptied; what is always set to
    something is required where that stands there at first.
    """

    key: str
    spec: OptionSpec
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def required(self) -> bool:
        """Whether it has to be filled in."""
        return self.spec.required or (self.spec.kept and bool(self.value))


@dataclass(frozen=True, slots=True)
class Form:
    """Something to fill in; `code` is what it is submitted with, that of its action.

    `submit` is what the button says that ends it. `command` is the command whose options it asks
    for, by its names from the first on.
    """

    action: Action
    code: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be understood: its key and label in the form, and why."""

    key: str
    label: str
    error: UserError


class FormError(UserError):
    """What was filled in leads to nothing; `again` opens the form with everything as it was typed.

    `faults` has the fields that are to blame, none where it is no single one.
    """

    def __init__(self, again: Action, cause: UserError, faults: Sequence[Fault] = ()) -> None:
        super().__init__(cause.key, **cause.details)
        self.again = again
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which command's options a form has, how it and its button are called, and how to do without.

    `example` is a line to type.
    """

    command: tuple[str, ...]
    title: str
    submit: str
    example: str


_KINDS: Mapping[type[FormIntent], _Kind] = MappingProxyType(
    {
        Search: _Kind(("matome",), "form.search", "form.button.search", "/matome gpu"),
        AddDigest: _Kind(
            ("digest", "add"), "form.add", "form.button.add", "/digest add 9:30 tags:GPU,AI posts:3"
        ),
        EditDigest: _Kind(
            ("digest", "edit"),
            "form.edit",
            "form.button.edit",
            "/digest edit {subscription} time:9:30 tags:GPU,AI posts:3",
        ),
    }
)


def form_of(intent: FormIntent, code: str, set_now: Mapping[str, str], frame: Frame) -> Form:
    """The form for an intent, as many options as it has room for, in the order of the command.

    `set_now` has the options that it may ask for by their names, with what they are set to; what
    the intent has itself stands there instead. Raises UserError where no option is left to ask for.
    """
    kind, texts = _KINDS[type(intent)], frame.texts
    # What is too long for a field cannot be changed in one.
    asked = [
        spec
        for spec in _options(intent)
        if spec.name in set_now and len(set_now[spec.name]) <= MAX_LENGTH
    ]
    room = frame.limits.form_fields
    start = intent.part * room if isinstance(intent, EditDigest) else 0
    fields = tuple(
        _field(spec, kind.command[0], getattr(intent, spec.name), set_now[spec.name], texts)
        for spec in asked[start : start + room]
    )
    if not fields:
        raise UserError("code.damaged")
    action = Action(intent, Effect.FORM)
    return Form(action, code, texts(kind.title), texts(kind.submit), fields, kind.command)


def typed_in(intent: FormIntent, values: Mapping[str, str]) -> FormIntent:
    """The intent with what was filled in, by the fields' keys; what was not asked for stays.

    What nobody touched is empty, what was emptied is "-". Raises UserError for fields of another
    form, such as one from before an update.
    """
    names = {spec.name for spec in _options(intent)}
    filled: dict[str, Any] = {}
    for key, value in values.items():
        name, _, check = key.partition(":")
        if name not in names:
            raise UserError("code.other_version")
        text = value.encode("utf-8", "ignore").decode().strip()
        filled[name] = "" if _check(text) == check else text or CLEARED
    match intent:
        case Search():
            # It is set to nothing, so an empty one was not touched.
            return Search(filled.get("query", intent.query))
        case AddDigest() | EditDigest():
            return replace(intent, **filled)


def faults_in(
    intent: FormIntent, values: Mapping[str, str], errors: Mapping[str, UserError], texts: Texts
) -> Iterator[Fault]:
    """The fields that errors are about, by the names of their options, in the form's order."""
    keys = {key.partition(":")[0]: key for key in values}
    top = _KINDS[type(intent)].command[0]
    for spec in _options(intent):
        if spec.name in errors:
            label = _label(top, spec, texts)
            yield Fault(keys.get(spec.name, spec.name), label, errors[spec.name])


def too_long(intent: FormIntent) -> Mapping[str, UserError]:
    """The options that have more in them than anybody types on purpose."""
    lengths = {spec.name: len(getattr(intent, spec.name)) for spec in _options(intent)}
    return {
        name: UserError("form.too_long", limit=MAX_LENGTH)
        for name, length in lengths.items()
        if length > MAX_LENGTH
    }


def without_forms(intent: FormIntent) -> UserError:
    """What to say where there are no forms: how to type it."""
    which = intent.subscription if isinstance(intent, EditDigest) else ""
    return UserError(
        "form.not_here", example=_KINDS[type(intent)].example.format(subscription=which)
    )


def _options(intent: FormIntent) -> tuple[OptionSpec, ...]:
    """The options of an intent's command; which digest is meant is no question any more."""
    command = command_at(_KINDS[type(intent)].command)
    assert command is not None
    options = tuple(spec for spec in command.options if spec.completed != "digest")
    if not _asks_where(intent):
        return options
    # Where it is to go comes first then.
    others = tuple(spec for spec in options if spec.name != "target")
    return (*(replace(spec, required=True) for spec in options if spec.name == "target"), *others)


def _asks_where(intent: FormIntent) -> bool:
    return isinstance(intent, AddDigest) and intent.elsewhere


def _field(spec: OptionSpec, command: str, given: str, now: str, texts: Texts) -> Field:
    choices = tuple(_choices(spec, texts))
    value = "" if given == CLEARED else given[:MAX_LENGTH] or now
    if choices and value not in ("", *(each for each, _ in choices)):
        value = now
    is_where = spec.name == "target" and spec.required
    hint = texts("form.where" if is_where else f"command.{command}.{spec.name}.description")
    key = f"{spec.name}:{_check(now)}"
    return Field(key, spec, _label(command, spec, texts), value, hint, choices)


def _label(command: str, spec: OptionSpec, texts: Texts) -> str:
    name = texts(f"command.{command}.{spec.name}.name")
    return name[:1].upper() + name[1:]


def _choices(spec: OptionSpec, texts: Texts) -> Iterator[tuple[str, str]]:
    if spec.kind is Kind.INTEGER and spec.most - spec.least < _CHOSEN:
        yield from ((str(number), str(number)) for number in range(spec.least, spec.most + 1))
    for value, key in spec.choices:
        yield value, names_of(key, texts)[0]


def _check(text: str) -> str:
    """6 characters of base64url for a value."""
    digest = blake2b(text.encode(), digest_size=4).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
