"""What the commands share: complaints, the progress bar, the report of a sync."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from adapters.console.visible import visible
from bot.app import Synced, synchronise
from bot.archive.sync import Progress
from bot.locales import Texts
from bot.settings import Settings, load

ENV_FILE = Path(".env")
FINDINGS_SHOWN = 20


def say(message: str) -> None:
    """A line on stderr."""
    print(visible(message), file=sys.stderr)


def is_styled() -> bool:
    """Whether stdout is a terminal whose owner has not asked for plain text (NO_COLOR)."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    return load(os.environ, ENV_FILE)


async def synchronised(settings: Settings, texts: Texts, *, rebuild: bool = False) -> Synced:
    """Sync with a progress bar."""
    with progress_bar(texts) as progress:
        return await synchronise(
            settings,
            rebuild=rebuild,
            progress=progress,
            on_wait=lambda: say(texts("cli.waiting")),
        )


@contextlib.contextmanager
def progress_bar(texts: Texts) -> Iterator[Progress]:
    """A bar on stderr where somebody looks at it, else silence."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(texts("cli.reading"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def report_problems(synced: Synced, texts: Texts) -> None:
    """Say what could not be read, and what was only found odd."""
    if synced.set_aside is not None:
        say(texts("index.set_aside", path=synced.set_aside))
    if synced.archive.stale is not None:
        say(texts("cli.stale", cause=texts.of(synced.archive.stale)))
    for refused in synced.summary.refused:
        where = _where(refused.path, refused.reason.line)
        say(texts("cli.refused", where=where, reason=texts.of(refused.reason)))
    for path, finding in synced.summary.findings[:FINDINGS_SHOWN]:
        where = _where(path, finding.line)
        say(texts("cli.finding", where=where, finding=texts(finding.key), count=finding.count))
    hidden = len(synced.summary.findings) - FINDINGS_SHOWN
    if hidden > 0:
        say(texts("cli.more_findings", count=hidden))


def _where(path: str, line: int | None) -> str:
    # A file's name may hold a newline.
    name = path.replace("\n", "?")
    return name if line is None else f"{name}:{line}"
