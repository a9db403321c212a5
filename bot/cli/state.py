"""`matome state move`: the state in another database, while no bot runs on either."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from platform import node
from urllib.parse import parse_qs, urlsplit

from bot import setting_values as values
from bot.address import Server
from bot.app import CLOCKS
from bot.cli.output import ENV_FILE, load_settings
from bot.errors import OperatorError, UserError
from bot.locales import Texts
from bot.settings import Settings
from bot.stores import Runner

# Before the name of a setting, which others cannot see in the list of processes.
_SETTING = "env:"


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Move the state. Raises StateError: then the source is whole and the target as it was."""
    settings = load_settings()
    faults: list[OperatorError] = []
    written = {**values.from_file(ENV_FILE, faults), **os.environ}
    source = _address(options.source, written, settings)
    target = _address(options.target, written, settings)
    # Imported only now: it takes long, and the addresses may be wrong.
    from storage.state.moving import move

    runner = Runner("matome state move", node(), os.getpid(), CLOCKS.now())
    done = await move(
        source, target, runner, CLOCKS.now, backups=settings.backups, replace=options.yes
    )
    rows = done.contents.rows
    held = {"rows": sum(rows.values()), "digests": rows.get("subscription", 0)}
    if done.was_copied:
        print(texts("cli.state.was_copied"))
    print(texts("cli.state.moved", source=source, target=target, **held))
    if done.put_aside is not None:
        print(texts("cli.state.put_aside", path=done.put_aside))
    else:
        print(texts("cli.state.out_of_use", path=source))
    if target == settings.data / values.STATE_NAME:
        print(texts("cli.state.next_default"))
    else:
        shown = target if isinstance(target, Server) else f"{values.SQLITE}{target.absolute()}"
        print(texts("cli.state.next", target=shown))
    return 0


def _address(given: str, written: Mapping[str, str], settings: Settings) -> Path | Server:
    """Where a state is. Raises UserError, for an address with a password too."""
    if not given.startswith(_SETTING):
        if _has_password(given):
            raise UserError("cli.state.password")
        scheme, separator, _ = given.partition("://")
        return _of_text(given, f"{scheme}{separator}…", settings)
    name = given.removeprefix(_SETTING)
    if not written.get(name):
        raise UserError("cli.state.no_setting", name=name)
    return _of_text(written[name], name, settings)


def _of_text(text: str, name: str, settings: Settings) -> Path | Server:
    if "://" not in text:
        return Path(text)
    faults: list[OperatorError] = []
    address = values.state(text, settings.data, faults)
    if faults:
        # What is wrong is not shown where it may hold a password.
        raise UserError("cli.state.no_address", name=name)
    return address


def _has_password(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        # Nobody can say what of it is one.
        return "://" in text and "@" in text
