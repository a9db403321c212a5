"""The Slack of the tests knows nothing of the bot, so that no mistake of ours is in both."""

import ast
import sys
from pathlib import Path

import tests.slack.server

SERVER = Path(tests.slack.server.__file__).parent


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_it_imports_nothing_of_ours_nor_the_client() -> None:
    paths = list(SERVER.rglob("*.py"))
    assert paths
    for path in paths:
        for name in imported(path):
            own = name == "tests.slack.server" or name.startswith("tests.slack.server.")
            assert own or name == "aiohttp" or name.split(".")[0] in sys.stdlib_module_names, name
