"""The limits of Discord's dialogs (modals), held against the JSON of one."""

from collections.abc import Sequence

from adapters.discord.components import SELECT
from adapters.discord.validate import select_findings
from bot.chat.finding import Finding, Findings, Json, between, length, more, twice

# The most that Discord takes, in characters; a hint or a name has 100.
TITLE, LABEL, HINT, TYPED = 45, 45, 100, 4000
FIELDS = 5

_INPUT, _ROLES, _CHANNELS, _LABELLED = 4, 6, 8, 18


def dialog_findings(dialog: Json) -> list[Finding]:
    """What is wrong with a dialog (modal) that an interaction is answered with."""
    components = dialog.get("components", ())
    found = [
        *between("title", "title of a dialog", dialog.get("title"), 1, TITLE),
        *between("custom_id", "custom_id", dialog.get("custom_id"), 1, HINT),
        *more("components", "fields of a dialog", len(components), FIELDS),
    ]
    if not components:
        found.append(Finding("components", "fields of a dialog", 0))
    inputs = [component.get("component", {}) for component in components]
    for number, component in enumerate(components):
        where = f"components[{number}]"
        if component.get("type") == _LABELLED:
            found += _label(where, component)
        else:
            found.append(Finding(where, "kind in a dialog", component.get("type")))
    return [*found, *twice("custom_id", [each.get("custom_id") for each in inputs])]


def _label(where: str, label: Json) -> Findings:
    """A field of a dialog, with its label."""
    yield from between(where, "label of a field", label.get("label"), 1, LABEL)
    hint = length(label.get("description") or "")
    yield from more(where, "description of a field", hint, HINT)
    field = label.get("component", {})
    where = f"{where}.component"
    match field.get("type"):
        case kind if kind == _INPUT:
            yield from _input(where, field)
        case kind if kind == SELECT:
            yield from select_findings(where, field)
            chosen = [option for option in field.get("options", ()) if option.get("default")]
            yield from _in_dialog(where, field, chosen)
        case kind if kind in (_ROLES, _CHANNELS):
            yield from between(where, "custom_id", field.get("custom_id"), 1, HINT)
            yield from _in_dialog(where, field, field.get("default_values", ()))
        case kind:
            yield Finding(where, "kind of a field", kind)


def _input(where: str, field: Json) -> Findings:
    """A text to type."""
    yield from between(where, "custom_id", field.get("custom_id"), 1, HINT)
    if field.get("style") not in (1, 2):
        yield Finding(where, "style of a field", field.get("style"))
    if field.get("label") is not None:
        yield Finding(where, "label in a label", field["label"])
    hint = length(field.get("placeholder") or "")
    yield from more(where, "placeholder of a field", hint, HINT)
    longest = field.get("max_length", TYPED)
    if not 1 <= longest <= TYPED:
        yield Finding(where, "longest text of a field", longest)
    if not 0 <= field.get("min_length", 0) <= longest:
        yield Finding(where, "shortest text of a field", field["min_length"])
    yield from more(where, "text of a field", length(field.get("value") or ""), longest)


def _in_dialog(where: str, select: Json, chosen: Sequence[Json]) -> Findings:
    """A menu of a dialog, and what it has at first."""
    lowest, highest = select.get("min_values", 1), select.get("max_values", 1)
    if select.get("required", True) and lowest == 0:
        yield Finding(where, "nothing chosen where something has to be", lowest)
    if select.get("disabled"):
        yield Finding(where, "a disabled menu in a dialog", select["disabled"])
    if len(chosen) > highest:
        yield Finding(where, "chosen at first", len(chosen))
