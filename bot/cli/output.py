"""What the commands share: complaints, the progress bar, the report of a sync."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from adapters.console.ink import Colours
from adapters.console.render import Paper
from adapters.console.visible import visible
from bot.cli import OUTPUT_FAILED
from bot.cli.logs import follow
from bot.locales import Texts
from bot.running.syncing import Progress, Synced, synchronise
from bot.settings import Settings, load

ENV_FILE = Path(".env")
FINDINGS_SHOWN = 20


def say(message: str) -> None:
    """A line on stderr. Where that is a file on a full disk the program goes on without it."""
    try:
        print(visible(message), file=sys.stderr)
    except OSError as error:
        if error.errno not in OUTPUT_FAILED:
            raise


def is_capable() -> bool:
    """Whether the terminal can do more than show lines, by its name."""
    return os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def is_styled() -> bool:
    """Whether stdout is a terminal whose owner has not asked for plain text (NO_COLOR)."""
    return is_capable() and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


def paper() -> Paper:
    """What stdout can show just now."""
    return Paper(paper_width(), _colours()) if sys.stdout.isatty() else Paper()


def paper_width() -> int:
    """The columns of the terminal that stdout is."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def _colours() -> Colours | None:
    if not is_styled():
        return None
    # Only now: rich takes a while, and is asked for colours only.
    from rich.console import Console

    match Console().color_system:
        case "truecolor":
            return "truecolor"
        case "256":
            return "256"
        case None:
            return None
        case _:
            return "standard"


def load_settings() -> Settings:
    """The settings of this process. Raises SettingsError."""
    settings = load(os.environ, ENV_FILE)
    follow(settings)
    return settings


async def synchronised(
    settings: Settings, texts: Texts, *, rebuild: bool = False, mend: bool = False
) -> Synced:
    """Sync with a progress bar."""
    with progress_bar(texts) as progress:
        # Before there is anything to count there may be much to fetch.
        progress(0, 0)
        return await synchronise(
            settings,
            rebuild=rebuild,
            mend=mend,
            progress=progress,
            on_wait=lambda: say(texts("cli.waiting")),
        )


@contextlib.contextmanager
def progress_bar(texts: Texts) -> Iterator[Progress]:
    """A bar on stderr where somebody looks at it, else silence; it is there from its first use."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with contextlib.ExitStack() as until:
        shown: list[Progress] = []

        def progress(done: int, total: int) -> None:
            if not shown:
                shown.append(_bar(texts, until))
            shown[0](done, total)

        yield progress


def _bar(texts: Texts, until: contextlib.ExitStack) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = until.enter_context(Bar(*columns, console=Console(stderr=True), transient=True))
    task = bar.add_task(texts("cli.reading"), total=None)
    return lambda done, total: bar.update(task, completed=done, total=total or None)


def report_problems(synced: Synced, texts: Texts) -> None:
    """Say what could not be read, and what was only found odd."""
    if synced.put_aside is not None:
        say(texts("index.put_aside", path=synced.put_aside))
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
