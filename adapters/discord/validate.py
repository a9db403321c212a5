"""Every limit that Discord has for what is sent, held against the JSON of a request.

What is found is data: tests take any finding for a fault, production counts it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from adapters.discord.components import (
    BUTTON,
    CONTAINER,
    GALLERY,
    LINK,
    ROW,
    SECTION,
    SELECT,
    SEPARATOR,
    TEXT,
    THUMBNAIL,
)
from bot.chat.finding import Finding, Findings, Json
from bot.chat.finding import between as _between
from bot.chat.finding import length as _length
from bot.chat.finding import more as _more
from bot.chat.finding import twice as _twice

COMPONENTS_V2 = 1 << 15
COMPONENTS = 40
CHARACTERS = 4000
# Not documented: more of them, with some for each text, are answered with 500 (issue 8554 of
# discord-api-docs).
BYTES, TEXT_BYTES = 10_170, 12
CONTENT = 2000
NONCE = 25
_ROW, _TEXTS, _OPTIONS, _PICTURES = 5, 3, 25, 10
_LABEL, _NAME, _PLACEHOLDER, _ADDRESS, _DESCRIPTION = 80, 100, 150, 512, 1024
_EMBEDS, _EMBEDDED, _EMBED_TEXT, _FIELDS = 10, 6000, 4096, 25
_CHOICES, _CHOICE = 25, 100
_THREAD, _ARCHIVED_AFTER = 100, (60, 1440, 4320, 10080)
_MOST_COLOUR, _MOST_ID = 0xFFFFFF, (1 << 31) - 1

_OUTSIDE = frozenset({ROW, SECTION, TEXT, GALLERY, SEPARATOR})
_TOP = _OUTSIDE | {CONTAINER}
_STYLES = range(1, 6)


# Half of a surrogate pair.
_HALF = re.compile("[\ud800-\udfff]")


def message_findings(message: Json) -> list[Finding]:
    """What is wrong with the body of a request that sends or changes a message."""
    found = list(_more("nonce", "nonce", len(str(message.get("nonce") or "")), NONCE))
    if message.get("flags", 0) & COMPONENTS_V2:
        for other in ("content", "embeds", "poll", "sticker_ids"):
            if message.get(other):
                found.append(Finding(other, "not beside components", message[other]))
        components = message.get("components", ())
        every = list(_walk(components, "components"))
        found += _components(components, every)
        found += _unattached(every, message.get("attachments") or ())
    else:
        found += _classic(message)
    return [*found, *_mentions(message)]


def thread_findings(thread: Json) -> list[Finding]:
    """What is wrong with the body of a request that opens a thread or a forum post."""
    found = list(_between("name", "name of a thread", thread.get("name"), 1, _THREAD))
    after = thread.get("auto_archive_duration")
    if after is not None and after not in _ARCHIVED_AFTER:
        found.append(Finding("auto_archive_duration", "archived after", after))
    message = thread.get("message")
    return found if message is None else [*found, *message_findings(message)]


def choice_findings(choices: Sequence[Json]) -> list[Finding]:
    """What is wrong with the choices that complete an option."""
    found = list(_more("choices", "choices", len(choices), _CHOICES))
    for number, choice in enumerate(choices):
        where = f"choices[{number}]"
        found += _between(f"{where}.name", "name of a choice", choice.get("name"), 1, _CHOICE)
        if isinstance(choice.get("value"), str):
            found += _more(f"{where}.value", "value of a choice", _length(choice["value"]), _CHOICE)
    return found


def _components(components: Sequence[Json], every: Sequence[tuple[str, Json]]) -> Findings:
    yield from _more("components", "components", len(every), COMPONENTS)
    if not components:
        yield Finding("components", "components", 0)
    contents = [str(found["content"]) for _, found in every if "content" in found]
    yield from _more("components", "characters", sum(map(_length, contents)), CHARACTERS)
    taken = sum(len(content.encode("utf-8", "replace")) + TEXT_BYTES for content in contents)
    yield from _more("components", "bytes of all texts", taken, BYTES)
    for number, component in enumerate(components):
        if component.get("type") not in _TOP:
            yield Finding(f"components[{number}]", "kind at the top", component.get("type"))
    for where, component in every:
        yield from _component(where, component)
    yield from _twice("custom_id", [found.get("custom_id") for _, found in every])
    yield from _twice("id", [found.get("id") or None for _, found in every])


def _walk(components: Sequence[Json], path: str) -> Iterator[tuple[str, Json]]:
    """Every component with where it stands, nested ones and accessories too."""
    for number, component in enumerate(components):
        where = f"{path}[{number}]"
        yield where, component
        yield from _walk(component.get("components", ()), f"{where}.components")
        if "accessory" in component:
            yield f"{where}.accessory", component["accessory"]


def _component(where: str, component: Json) -> Findings:
    number = component.get("id")
    if number is not None and not 0 <= number <= _MOST_ID:
        yield Finding(where, "id of a component", number)
    check = _CHECKS.get(component.get("type", 0))
    if check is None:
        yield Finding(where, "kind of a component", component.get("type"))
    else:
        yield from check(where, component)


def _row(where: str, row: Json) -> Findings:
    kinds = [inner.get("type") for inner in row.get("components", ())]
    if kinds != [SELECT] and not (kinds and set(kinds) == {BUTTON}):
        yield Finding(where, "what a row holds", kinds)
    yield from _more(where, "buttons of a row", len(kinds), _ROW)


def _button(where: str, button: Json) -> Findings:
    yield from _between(where, "label of a button", button.get("label"), 1, _LABEL)
    if button.get("style") not in _STYLES:
        yield Finding(where, "style of a button", button.get("style"))
    is_link = button.get("style") == LINK
    if is_link:
        url = str(button.get("url", ""))
        yield from _between(where, "address of a button", url, 1, _ADDRESS)
        if not url.startswith(("http://", "https://", "discord://")):
            yield Finding(where, "address of a button", url)
    else:
        yield from _between(where, "custom_id", button.get("custom_id"), 1, _NAME)
    if ("url" in button) is not is_link or ("custom_id" in button) is is_link:
        yield Finding(where, "a code or an address", button.get("style"))


def select_findings(where: str, select: Json) -> Findings:
    """What is wrong with a menu of options."""
    options = select.get("options", ())
    yield from _between(where, "custom_id", select.get("custom_id"), 1, _NAME)
    yield from _more(where, "placeholder", _length(select.get("placeholder", "")), _PLACEHOLDER)
    yield from _more(where, "options of a select", len(options), _OPTIONS)
    if not options:
        yield Finding(where, "options of a select", 0)
    lowest, highest = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= lowest <= highest <= max(1, len(options)):
        yield Finding(where, "how many are chosen", (lowest, highest))
    for number, option in enumerate(options):
        there = f"{where}.options[{number}]"
        yield from _between(there, "label of an option", option.get("label"), 1, _NAME)
        yield from _between(there, "value of an option", option.get("value"), 1, _NAME)
        described = _length(option.get("description", ""))
        yield from _more(there, "description of an option", described, _NAME)
    yield from _twice(f"{where}: value", [option.get("value") for option in options])


def _section(where: str, section: Json) -> Findings:
    kinds = [inner.get("type") for inner in section.get("components", ())]
    if not 1 <= len(kinds) <= _TEXTS or set(kinds) != {TEXT}:
        yield Finding(where, "texts of a section", kinds)
    beside = section.get("accessory", {}).get("type")
    if beside not in (BUTTON, THUMBNAIL):
        yield Finding(where, "what stands beside a section", beside)


def _text(where: str, text: Json) -> Findings:
    content = str(text.get("content", ""))
    yield from _between(where, "characters of a text", content.strip(), 1, CHARACTERS)
    if _HALF.search(content) is not None:
        yield Finding(where, "half of a surrogate pair", content)


def _thumbnail(where: str, thumbnail: Json) -> Findings:
    if not thumbnail.get("media", {}).get("url"):
        yield Finding(where, "picture", thumbnail.get("media"))
    described = _length(thumbnail.get("description") or "")
    yield from _more(where, "description of a picture", described, _DESCRIPTION)


def _unattached(every: Sequence[tuple[str, Json]], attachments: Sequence[Json]) -> Findings:
    """Pictures that are to be files of the message, but are not among them."""
    there = {f"attachment://{file['filename']}" for file in attachments}
    for where, component in every:
        for holder in (component, *component.get("items", ())):
            url = str((holder.get("media") or {}).get("url", ""))
            if url.startswith("attachment://") and url not in there:
                yield Finding(where, "picture that is not attached", url)


def _gallery(where: str, gallery: Json) -> Findings:
    pictures = gallery.get("items", ())
    if not 1 <= len(pictures) <= _PICTURES:
        yield Finding(where, "pictures", len(pictures))
    for number, picture in enumerate(pictures):
        yield from _thumbnail(f"{where}.items[{number}]", picture)


def _separator(where: str, separator: Json) -> Findings:
    if separator.get("spacing", 1) not in (1, 2):
        yield Finding(where, "spacing", separator.get("spacing"))


def _container(where: str, container: Json) -> Findings:
    kinds = {inner.get("type") for inner in container.get("components", ())}
    if not kinds or kinds - _OUTSIDE:
        yield Finding(where, "what a container holds", sorted(map(str, kinds)))
    colour = container.get("accent_color")
    if colour is not None and not 0 <= colour <= _MOST_COLOUR:
        yield Finding(where, "colour", colour)


_CHECKS: Mapping[int, Callable[[str, Json], Findings]] = MappingProxyType(
    {
        ROW: _row,
        BUTTON: _button,
        SELECT: select_findings,
        SECTION: _section,
        TEXT: _text,
        THUMBNAIL: _thumbnail,
        GALLERY: _gallery,
        SEPARATOR: _separator,
        CONTAINER: _container,
    }
)


def _classic(message: Json) -> Findings:
    """A message without Components V2."""
    embeds = message.get("embeds") or ()
    content = _length(message.get("content") or "")
    yield from _more("content", "characters of a message", content, CONTENT)
    yield from _more("embeds", "embeds", len(embeds), _EMBEDS)
    texts: list[str] = []
    for number, embed in enumerate(embeds):
        where = f"embeds[{number}]"
        fields = embed.get("fields", ())
        described = embed.get("description") or ""
        yield from _more(where, "description of an embed", _length(described), _EMBED_TEXT)
        yield from _more(where, "fields of an embed", len(fields), _FIELDS)
        texts += [embed.get("title") or "", described]
        texts += [text for field in fields for text in (field["name"], field["value"])]
        texts += [embed.get("footer", {}).get("text", ""), embed.get("author", {}).get("name", "")]
    yield from _more("embeds", "characters of all embeds", sum(map(_length, texts)), _EMBEDDED)
    if message.get("components") and any(
        component.get("type") != ROW for component in message["components"]
    ):
        yield Finding("components", "components without their flag", message.get("flags", 0))


def _mentions(message: Json) -> Findings:
    """Nobody may be mentioned but a role that is named; unset, Discord looks into the text."""
    allowed = message.get("allowed_mentions")
    if allowed is None:
        yield Finding("allowed_mentions", "mentions by their text", None)
        return
    if allowed.get("parse"):
        yield Finding("allowed_mentions", "mentions by their text", allowed["parse"])
    if allowed.get("users"):
        yield Finding("allowed_mentions", "mentions of persons", allowed["users"])
    yield from _more("allowed_mentions", "roles", len(allowed.get("roles", ())), 1)
