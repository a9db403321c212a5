"""The command line: results on stdout, everything else on stderr; exit status 0, 1 or 2 (usage)."""

import argparse
import asyncio
import errno
import os
import resource
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from importlib import import_module

from adapters.console.visible import visible
from bot.errors import OperatorError, SettingsError, UserError
from bot.locales import Texts

FAILED, USAGE = 1, 2
INTERRUPTED = 130
PIPE_CLOSED = 141
TERMINATED = 143

# What writing to a full or failing disk ends with.
OUTPUT_FAILED = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    texts = Texts(terminal_language(os.environ))
    _keep_to_itself()
    _open_streams()
    _use_utf8()
    options = build_parser(texts).parse_args(arguments)
    # Imported only now: a command pays for what it uses, and --help for nothing.
    from bot.running.collecting import nothing_collected

    with nothing_collected():
        from bot.cli.logs import open_log

    open_log(sys.stderr)
    try:
        with nothing_collected():
            command = import_module(f"bot.cli.{options.command or 'run'}")
        status = asyncio.run(_in_good_order(command.run(options, texts)))
        sys.stdout.flush()
        return status
    except SettingsError as error:
        for fault in error.faults:
            _complain(texts, texts.of(fault))
    except UserError as error:
        _complain(texts, texts.of(error))
        return USAGE
    except OperatorError as error:
        _complain(texts, texts.of(error))
    except BrokenPipeError:
        # Whoever read our output has gone (matome export | head); nothing is left to say.
        _drop_output()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in OUTPUT_FAILED:
            return _failed(texts, error)
        _drop_output()
        _complain(texts, texts("cli.output_failed", cause=error.strerror))
    except KeyboardInterrupt:
        return INTERRUPTED
    except asyncio.CancelledError:
        return TERMINATED
    except Exception as error:
        return _failed(texts, error)
    finally:
        _let_go_of_stderr()
    return FAILED


async def _in_good_order(work: Coroutine[None, None, int]) -> int:
    """Do something; SIGTERM cancels it as Ctrl-C does, a second one ends the program at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGTERM)
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    return await work


def _failed(texts: Texts, error: Exception) -> int:
    """Log what nobody expected."""
    from structlog.stdlib import get_logger

    from bot.incidents import incident

    number = incident(get_logger(__name__), "the command failed", error)
    _complain(texts, texts("cli.incident", incident=number))
    return FAILED


def _complain(texts: Texts, message: str) -> None:
    """Say on stderr what went wrong."""
    print(visible(texts("cli.error", message=message)), file=sys.stderr)


def terminal_language(environment: Mapping[str, str]) -> str:
    """The language of the terminal, for operators: Japanese where its locale is, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "ja" if value.startswith("ja") else "en"
    return "en"


def _keep_to_itself() -> None:
    """Let nobody else on the machine read or change what is written, nor read what is in memory.

    A process that dies leaves no image of itself: there are tokens in it.
    """
    os.umask(0o077)
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _open_streams() -> None:
    """Give a stream that is closed (matome sync >&-) a place where its text goes nowhere.

    Else the next file to be opened would take its number.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115 (open to the end)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (open to the end)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _drop_output() -> None:
    """Let what is still to be written to stdout vanish, so that Python's exit is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _let_go_of_stderr() -> None:
    """Let what a full disk has not taken vanish: else Python would end with a status of its own."""
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def build_parser(texts: Texts) -> argparse.ArgumentParser:
    """The parser of the whole command line, with its help in the language of `texts`."""
    parser = argparse.ArgumentParser(
        prog="matome",
        description=texts("cli.description"),
        epilog=texts("cli.epilog"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str) -> argparse.ArgumentParser:
        described = texts(f"cli.{name}.help")
        return commands.add_parser(
            name,
            help=described,
            description=described,
            epilog=texts(f"cli.{name}.epilog"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    add("run")
    add("chat")
    add("sync").add_argument("--rebuild", action="store_true", help=texts("cli.sync.rebuild"))
    add("export")
    search = add("search")
    search.add_argument("query", nargs="?", metavar="QUERY", help=texts("cli.search.query"))
    search.add_argument("--json", action="store_true", help=texts("cli.search.json"))
    search.add_argument("--batch", action="store_true", help=texts("cli.search.batch"))
    search.add_argument(
        "--kind",
        choices=("post", "comment", "all"),
        default="all",
        help=texts("cli.search.kind"),
    )
    search.add_argument(
        "--limit", type=int, default=10, metavar="N", help=texts("cli.search.limit")
    )
    shown = add("render")
    shown.add_argument("asked", metavar="COMMAND", help=texts("cli.render.command"))
    shown.add_argument(
        "--as",
        dest="platform",
        choices=("console", "discord", "slack"),
        required=True,
        help=texts("cli.render.as"),
    )
    shown.add_argument("--all", action="store_true", help=texts("cli.render.all"))
    shown.add_argument("--codes", action="store_true", help=texts("cli.render.codes"))
    add("hide").add_argument("post", metavar="POST[#COMMENT]", help=texts("cli.hide.post"))
    add("unhide").add_argument("post", metavar="POST[#COMMENT]", help=texts("cli.hide.post"))
    _add_digest(add("digest"), texts)
    backup = add("backup")
    backup.add_argument("file", metavar="FILE", help=texts("cli.backup.file"))
    backup.add_argument("--force", action="store_true", help=texts("cli.backup.force"))
    restore = add("restore")
    restore.add_argument("file", metavar="FILE", help=texts("cli.restore.file"))
    restore.add_argument("--yes", action="store_true", help=texts("cli.restore.yes"))
    _add_state(add("state"), texts)
    add("doctor")
    return parser


def _add_state(parser: argparse.ArgumentParser, texts: Texts) -> None:
    """The subcommands of `matome state`."""
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", required=True, help=texts("cli.state.action")
    )
    described = texts("cli.state.move")
    move = actions.add_parser("move", help=described, description=described)
    move.add_argument("source", metavar="FROM", help=texts("cli.state.from"))
    move.add_argument("target", metavar="TO", help=texts("cli.state.to"))
    move.add_argument("--yes", action="store_true", help=texts("cli.state.yes"))


# What a digest can be set to, by the fields of its intents; named like the options in the chat.
DIGEST_OPTIONS = (
    "time",
    "tags",
    "without",
    "posts",
    "weekdays",
    "zone",
    "quiet_day",
    "language",
    "role",
    "publish",
)


def _add_digest(parser: argparse.ArgumentParser, texts: Texts) -> None:
    """The subcommands of `matome digest`."""
    actions = parser.add_subparsers(
        dest="action", metavar="ACTION", help=texts("cli.digest.action")
    )

    def add(name: str, *, named: bool = True) -> argparse.ArgumentParser:
        described = texts(f"cli.digest.{name}")
        action = actions.add_parser(name, help=described, description=described)
        if named:
            action.add_argument("id", metavar="ID", help=texts("cli.digest.id"))
        return action

    for listing in (parser, add("list", named=False), adding := add("add", named=False)):
        listing.add_argument(
            "--in", dest="place", metavar="PLATFORM:TARGET", help=texts("cli.digest.in")
        )
    for action in (adding, add("edit")):
        for option in DIGEST_OPTIONS:
            action.add_argument(
                f"--{option.removesuffix('_day')}",
                dest=option,
                default="",
                metavar="…",
                help=texts(f"command.digest.{option}.description"),
            )
    for name in ("pause", "resume", "remove", "preview", "now", "status"):
        add(name)
    add("history").add_argument(
        "--limit", type=int, default=20, metavar="N", help=texts("cli.digest.limit")
    )
