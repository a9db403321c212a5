"""Dialogs as tests see them: opened by a manager, and read."""

from typing import Any

from adapters.discord.dialog_limits import dialog_findings
from tests.discord.scene import Scene
from tests.discord.server import Player, Seen


async def opened(scene: Scene, **options: Any) -> tuple[Player, Seen, Seen]:
    """The channel's manager with the settings of a new digest, and the dialog to change them."""
    boss = scene.play(scene.boss)
    settings = await boss.types("/digest add", **options)
    return boss, settings, await boss.clicks(settings, "変更")


def fields(modal: Seen) -> dict[str, str]:
    """What a dialog shows, by its labels: texts, and what is chosen."""
    assert modal.modal is not None
    assert dialog_findings(modal.modal) == []
    found = {}
    for label in modal.modal["components"]:
        field = label["component"]
        chosen = [each["value"] for each in field.get("options", ()) if each.get("default")]
        chosen += [each["id"] for each in field.get("default_values", ())]
        found[label["label"]] = field.get("value") or "".join(map(str, chosen))
    return found
