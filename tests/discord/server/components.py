"""What a message may be built of: Components V2 (and the older rows), as strictly as Discord."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.discord.server.refusals import Form, Json, Path, Refusal

ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT = 1, 2, 3, 4, 9, 10
THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 11, 12, 13, 14, 17, 18
SELECTS = (3, 5, 6, 7, 8)
# Of what kind the first values of a menu may be.
DEFAULTS = {5: ("user",), 6: ("role",), 7: ("user", "role"), 8: ("channel",)}
TOP = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
IN_ROW = (BUTTON, *SELECTS)

COMPONENTS, CHARACTERS, ROWS = 40, 4000, 5
# Beyond these Discord answers 500, which it does not document: discord-api-docs #8554 and #7528.
PROCESSED_BYTES, TEXT_OVERHEAD, MEDIA = 10_170, 12, 64
LINK, PREMIUM = 5, 6
MAX_ID = 2**31 - 1


def each(components: Any) -> Iterator[Json]:
    """Every component, nested ones and accessories too, in the order of their showing."""
    for one in components or ():
        if isinstance(one, dict):
            yield one
            yield from each(one.get("components"))
            yield from each([one[key] for key in ("accessory", "component") if one.get(key)])


@dataclass(slots=True)
class _Check:
    """`files` are the names that "attachment://" may lead to."""

    form: Form
    files: Collection[str]
    custom_ids: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)

    def children(self, path: Path, value: Any, low: int, high: int, kinds: tuple[int, ...]) -> None:
        self.form.length(path, value, low, high)
        for place, one in enumerate(value if isinstance(value, list) else ()):
            self.one((*path, place), one, kinds)

    def one(self, path: Path, one: Any, kinds: tuple[int, ...]) -> None:
        if not isinstance(one, dict):
            self.form.wrong(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used.")
            return
        if not self.form.kind(path, one.get("type"), kinds):
            return
        self._id(path, one)
        CHECKS[one["type"]](self, path, one)

    def _id(self, path: Path, one: Json) -> None:
        value = one.get("id")
        self.form.number((*path, "id"), value, 0, MAX_ID)
        if value:
            if value in self.ids:
                self.form.wrong(
                    (*path, "id"), "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated"
                )
            self.ids.add(value)

    def custom_id(self, path: Path, one: Json) -> None:
        value = one.get("custom_id")
        path = (*path, "custom_id")
        self.form.length(path, value, 1, 100)
        if isinstance(value, str):
            if value in self.custom_ids:
                message = "Component custom id cannot be duplicated"
                self.form.wrong(path, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
            self.custom_ids.add(value)

    def media(self, path: Path, one: Json, *, own: bool = False) -> None:
        url = (one or {}).get("url")
        self.form.url((*path, "url"), url, ("attachment",) if own else SCHEMES, 2048)
        name = str(url).removeprefix("attachment://")
        if str(url).startswith("attachment://") and name not in self.files:
            message = f"The referenced attachment {name!r} was not found"
            self.form.wrong((*path, "url"), "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT", message)


SCHEMES = ("http", "https", "attachment")


def _row(check: _Check, path: Path, one: Json) -> None:
    path = (*path, "components")
    children = one.get("components")
    check.children(path, children, 1, 5, IN_ROW)
    kinds = [child.get("type") for child in children or () if isinstance(child, dict)]
    if len(kinds) > 1:
        for place, kind in enumerate(kinds):
            if kind in SELECTS:
                message = "The specified component exceeds the maximum width"
                check.form.wrong((*path, place), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)


def _button(check: _Check, path: Path, one: Json) -> None:
    form, style = check.form, one.get("style")
    form.one_of((*path, "style"), style, (1, 2, 3, 4, LINK, PREMIUM))
    if style is None:
        form.required((*path, "style"))
    form.length((*path, "label"), one.get("label"), 0, 80)
    if not (one.get("label") or one.get("emoji") or style == PREMIUM):
        message = "A label or emoji is required"
        form.wrong(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)
    emoji = one.get("emoji")
    if emoji and not emoji.get("id") and str(emoji.get("name") or "a").isascii():
        form.wrong((*path, "emoji", "name"), "COMPONENT_INVALID_EMOJI", "Invalid emoji")
    if style == LINK:
        form.url((*path, "url"), one.get("url"), ("http", "https", "discord"), 512)
        if one.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            form.wrong(path, "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif one.get("url"):
        form.wrong(path, "BUTTON_COMPONENT_INVALID_URL", "A url can be of link buttons only")
    else:
        check.custom_id(path, one)


def _select(check: _Check, path: Path, one: Json) -> None:
    form = check.form
    check.custom_id(path, one)
    form.length((*path, "placeholder"), one.get("placeholder"), 0, 150)
    form.number((*path, "min_values"), one.get("min_values"), 0, 25)
    form.number((*path, "max_values"), one.get("max_values"), 1, 25)
    in_modal = path[-1] == "component"
    if one.get("min_values") == 0 and one.get("required", in_modal):
        message = "Select menus marked as required cannot have a min_values of 0"
        form.wrong((*path, "min_values"), "SELECT_COMPONENT_REQUIRED_ZERO_MIN_VALUES", message)
    if in_modal and one.get("disabled"):
        message = "Components in modals cannot be disabled"
        form.wrong((*path, "disabled"), "MODAL_COMPONENT_DISABLED", message)
    if one["type"] != SELECT:
        _defaults(form, path, one)
        return
    options = one.get("options")
    form.length((*path, "options"), options, 1, 25)
    values: set[str] = set()
    chosen = 0
    for place, option in enumerate(options or ()):
        at: Path = (*path, "options", place)
        form.length((*at, "label"), option.get("label"), 1, 100)
        form.length((*at, "value"), option.get("value"), 1, 100)
        form.length((*at, "description"), option.get("description"), 0, 100)
        if option.get("value") in values:
            message = "The specified option value is already used"
            form.wrong((*at, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(option.get("value"))
        chosen += bool(option.get("default"))
    most = one.get("max_values") or 1
    if most > len(options or ()):
        message = "max_values must be at most the number of options"
        form.wrong((*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES", message)
    if chosen > most:
        message = "The number of default options exceeds max_values"
        form.wrong((*path, "options"), "SELECT_COMPONENT_DEFAULT_OPTIONS", message)


def _defaults(form: Form, path: Path, one: Json) -> None:
    """What a menu of roles, people or channels has at first."""
    listed = one.get("default_values") or ()
    form.length((*path, "default_values"), one.get("default_values"), 0, one.get("max_values") or 1)
    for place, default in enumerate(listed):
        at: Path = (*path, "default_values", place)
        if not str(default.get("id") or "").isdecimal():
            form.wrong((*at, "id"), "NUMBER_TYPE_COERCE", "Value is not snowflake.")
        form.one_of((*at, "type"), default.get("type") or "", DEFAULTS[one["type"]])


def _section(check: _Check, path: Path, one: Json) -> None:
    check.children((*path, "components"), one.get("components"), 1, 3, (TEXT,))
    if one.get("accessory") is None:
        check.form.required((*path, "accessory"))
    else:
        check.one((*path, "accessory"), one["accessory"], (BUTTON, THUMBNAIL))


def _text(check: _Check, path: Path, one: Json) -> None:
    check.form.length((*path, "content"), one.get("content"), 1, CHARACTERS)


def _thumbnail(check: _Check, path: Path, one: Json) -> None:
    check.media((*path, "media"), one.get("media") or {})
    check.form.length((*path, "description"), one.get("description"), 0, 256)


def _gallery(check: _Check, path: Path, one: Json) -> None:
    items = one.get("items")
    check.form.length((*path, "items"), items, 1, 10)
    for place, item in enumerate(items or ()):
        _thumbnail(check, (*path, "items", place), item)


def _file(check: _Check, path: Path, one: Json) -> None:
    check.media((*path, "file"), one.get("file") or {}, own=True)


def _separator(check: _Check, path: Path, one: Json) -> None:
    check.form.one_of((*path, "spacing"), one.get("spacing"), (1, 2))


def _container(check: _Check, path: Path, one: Json) -> None:
    check.children((*path, "components"), one.get("components"), 1, COMPONENTS, IN_CONTAINER)
    check.form.number((*path, "accent_color"), one.get("accent_color"), 0, 0xFFFFFF)


def _label(check: _Check, path: Path, one: Json) -> None:
    check.form.length((*path, "label"), one.get("label"), 1, 45)
    check.form.length((*path, "description"), one.get("description"), 0, 100)
    check.one((*path, "component"), one.get("component"), (TEXT_INPUT, *SELECTS))


def _text_input(check: _Check, path: Path, one: Json) -> None:
    form = check.form
    check.custom_id(path, one)
    form.one_of((*path, "style"), one.get("style"), (1, 2))
    in_row = path[-2] == "components"
    form.length((*path, "label"), one.get("label"), 1 if in_row else 0, 45)
    form.length((*path, "placeholder"), one.get("placeholder"), 0, 100)
    form.length((*path, "value"), one.get("value"), 0, 4000)
    form.number((*path, "min_length"), one.get("min_length"), 0, 4000)
    form.number((*path, "max_length"), one.get("max_length"), 1, 4000)


CHECKS: dict[int, Callable[[_Check, Path, Json], None]] = {
    ROW: _row,
    BUTTON: _button,
    **dict.fromkeys(SELECTS, _select),
    TEXT_INPUT: _text_input,
    SECTION: _section,
    TEXT: _text,
    THUMBNAIL: _thumbnail,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
    CONTAINER: _container,
    LABEL: _label,
}


def check_rows(form: Form, path: Path, components: Any) -> None:
    """The components of a message without the V2 flag: rows only."""
    _Check(form, ()).children(path, components, 0, ROWS, (ROW,))


def check_layout(form: Form, path: Path, components: Any, files: Collection[str]) -> None:
    """The components of a message with the V2 flag."""
    _Check(form, files).children(path, components, 1, COMPONENTS, TOP)
    found = list(each(components))
    if len(found) > COMPONENTS:
        message = f"The maximum number of components ({COMPONENTS}) was exceeded"
        form.wrong(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [str(one.get("content") or "") for one in found if one.get("type") == TEXT]
    if form.clean and sum(map(len, texts)) > CHARACTERS:
        message = f"Components displayable text size exceeds maximum size of {CHARACTERS}"
        form.wrong(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)


def check_size(components: Any) -> None:
    """What Discord answers 500 to, though it is within all documented limits."""
    found = list(each(components))
    texts = [str(one.get("content") or "") for one in found if one.get("type") == TEXT]
    size = sum(len(text.encode()) + TEXT_OVERHEAD for text in texts)
    media = sum(len(one.get("items") or ()) + (one.get("type") == THUMBNAIL) for one in found)
    if size > PROCESSED_BYTES or media > MEDIA:
        raise Refusal(500, 0, "500: Internal Server Error")


def check_modal(form: Form, path: Path, data: Json) -> None:
    form.length((*path, "title"), data.get("title"), 1, 45)
    form.length((*path, "custom_id"), data.get("custom_id"), 1, 100)
    components = data.get("components")
    check = _Check(form, ())
    at: Path = (*path, "components")
    form.length(at, components, 1, 5)
    for place, one in enumerate(components or ()):
        if isinstance(one, dict) and one.get("type") == ROW:
            check.children((*at, place, "components"), one.get("components"), 1, 1, (TEXT_INPUT,))
        else:
            check.one((*at, place), one, (ROW, TEXT, LABEL))


def with_ids(components: Any) -> list[Json]:
    """The components as Discord keeps them: each has an id, those without get the next free."""
    used = {one["id"] for one in each(components) if one.get("id")}
    free = (number for number in range(1, MAX_ID) if number not in used)
    return [_with_id(one, free) for one in components or ()]


def _with_id(one: Json, free: Iterator[int]) -> Json:
    kept = {**one, "id": one.get("id") or next(free)}
    if "components" in one:
        kept["components"] = [_with_id(child, free) for child in one["components"]]
    for key in ("accessory", "component"):
        if one.get(key):
            kept[key] = _with_id(one[key], free)
    return kept
