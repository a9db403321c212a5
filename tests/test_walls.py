"""Who may import whom: the walls between the parts of the program."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("bot", "storage", "adapters")

LEAVES = (
    "bot.model",
    "bot.errors",
    "bot.incidents",
    "bot.intent",
    "bot.view",
    "bot.outbox",
    "bot.subscription",
    "bot.payload",
    "bot.typed_words",
    "bot.address",
    "bot.meter",
    "bot.remembering",
)
CORE = (*LEAVES, "bot.ports", "bot.stores")

# Each part with the parts of ours that it may import; itself always. The longest name that fits a
# module says which part it belongs to.
ALLOWED: dict[str, tuple[str, ...]] = {
    "bot": (),
    "bot.model": (),
    "bot.errors": (),
    "bot.incidents": ("bot.errors",),
    "bot.typed_words": ("bot.intent",),
    "bot.intent": (),
    "bot.view": ("bot.intent",),
    "bot.outbox": ("bot.intent",),
    "bot.subscription": (),
    "bot.address": (),
    "bot.meter": (),
    "bot.remembering": (),
    "bot.payload": ("bot.intent", "bot.errors"),
    "bot.ports": LEAVES,
    "bot.stores": (*LEAVES, "bot.ports"),
    "bot.content": LEAVES,
    "bot.digest": (*CORE, "bot.content", "bot.search", "bot.locales"),
    "bot.archive": CORE,
    "bot.search": (*CORE, "bot.content"),
    "bot.locales": CORE,
    "bot.chat": (*CORE, "bot.content", "bot.digest", "bot.archive", "bot.search", "bot.locales"),
    "bot.taken_down": CORE,
    "bot.hiding": (*CORE, "bot.search", "bot.taken_down"),
    "bot.sealing": CORE,
    "bot.setting_values": (*CORE, "bot.sealing"),
    "bot.settings": (*CORE, "bot.archive", "bot.locales", "bot.setting_values"),
    "bot.running": (),
    "bot.running.later": CORE,
    "bot.running.supervisor": ("bot.incidents",),
    "bot.running.holding": CORE,
    "bot.running.faces": (*CORE, "bot.chat", "bot.running.holding"),
    "bot.running.http": (*CORE, "bot.running.faces", "bot.watching.health"),
    "bot.running.syncing": (*CORE, "bot.archive", "bot.digest", "bot.settings", "storage.index"),
    "bot.running.first_reading": (*CORE, "bot.settings", "bot.running.syncing", "storage.index"),
    "bot.running.delivering": (*CORE, "bot.digest", "bot.taken_down", "bot.running.supervisor"),
    "bot.watching": (),
    "bot.watching.clock": CORE,
    "bot.watching.http_clock": ("bot.watching.clock",),
    "bot.watching.glance": (),
    "bot.watching.health": (*CORE, "bot.watching.glance", "bot.locales"),
    "bot.watching.figures": CORE,
    "bot.watching.metrics": (*CORE, "bot.digest", "bot.watching.figures"),
    "storage": (),
    "storage.header": (),
    "storage.files": (),
    "storage.hidden_file": CORE,
    "storage.index": (
        *CORE,
        "bot.archive.reading",
        "bot.search",
        "storage.header",
        "storage.files",
    ),
    "storage.state": (*CORE, "storage.header", "storage.files"),
    "adapters.console": (*CORE, "bot.chat", "bot.locales", "bot.search"),
    "adapters.discord": (
        *CORE,
        "bot.chat",
        "bot.locales",
        "bot.search",
        "bot.running.faces",
        "bot.running.holding",
        "bot.watching.clock",
        "bot.watching.http_clock",
        "bot.running.supervisor",
    ),
    "adapters.slack": (
        *CORE,
        "bot.chat",
        "bot.locales",
        "bot.search",
        "bot.running.faces",
        "bot.running.holding",
        "bot.watching.clock",
        "bot.watching.http_clock",
        "bot.sealing",
        "bot.running.supervisor",
    ),
    # The composition root and the commands see everything.
    "bot.app": ("bot", "storage", "adapters"),
    "bot.cli": ("bot", "storage", "adapters"),
    "bot.__main__": ("bot.cli",),
    "adapters": (),
}

# A library that only one part may know.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "aiohttp": (
        "bot.running.http",
        "bot.watching.http_clock",
        "bot.running.faces",
        "adapters.discord",
        "adapters.slack",
    ),
    "aiosqlite": ("storage",),
    "sqlite3": ("storage", "bot.cli.doctor"),
    "sqlalchemy": ("storage.state",),
    "alembic": ("storage.state",),
    "asyncpg": ("storage.state",),
    "apscheduler": ("bot.digest.schedule",),
    "babel": ("bot.digest.zones",),
    "yaml": ("bot.archive.frontmatter",),
    "tomllib": ("bot.archive", "bot.locales"),
    "discord": ("adapters.discord",),
    "cryptography": ("bot.sealing",),
    "dotenv": ("bot.setting_values",),
    "slack_bolt": ("adapters.slack",),
    "slack_sdk": ("adapters.slack",),
    "rich": ("bot.cli", "adapters.console"),
    "regex": ("bot.content.graphemes",),
    "prompt_toolkit": ("adapters.console.prompt", "adapters.console.history"),
    "argparse": ("bot.cli",),
    "prometheus_client": ("bot.watching.metrics",),
}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value)[-40:])
def test_a_module_imports_only_what_its_part_may(module: str, path: Path) -> None:
    part = max((part for part in ALLOWED if within(module, part)), key=len)
    # What lies directly in these has a line of its own.
    own = () if part in PACKAGES else (part,)
    allowed = (*own, *ALLOWED[part])
    for name in imports(path):
        if name.split(".")[0] in PACKAGES:
            assert any(within(name, other) for other in allowed), f"{module} imports {name}"


@pytest.mark.parametrize(("library", "parts"), ONLY_IN.items())
def test_a_library_is_known_in_one_part_only(library: str, parts: tuple[str, ...]) -> None:
    for module, path in modules():
        if any(within(name, library) for name in imports(path)):
            assert any(within(module, part) for part in parts), f"{module} imports {library}"


def test_the_walls_would_notice_a_breach() -> None:
    assert "storage.index.reader.open_reader" in imports(ROOT / "bot/app.py")
    assert not any(within("storage.index.reader", part) for part in ALLOWED["bot.search"])
