"""The log as an operator and a program read it."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from structlog.stdlib import get_logger

from bot.cli.logs import follow, open_log
from bot.errors import OperatorError, StateError
from bot.incidents import incident
from bot.settings import load
from bot.typed_words import note_typed

TOKEN = "xoxb-1234-abcdefgh"  # noqa: S105
APP_TOKEN = "xapp-1-abcdefgh"  # noqa: S105
PASSWORD = "s3cret/word"  # noqa: S105

_log = get_logger("bot.somewhere")


class Terminal(io.StringIO):
    """What somebody would see."""

    def isatty(self) -> bool:
        """It says it is one."""
        return True


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No other handler; and the levels as they were, at the end."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    loggers = [logging.getLogger(name) for name in ("bot", "adapters", "storage", "bot.chat.chat")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    note_typed()


@pytest.fixture
def stream(alone: None) -> io.StringIO:
    """Where the log goes, which is no terminal."""
    stream = io.StringIO()
    open_log(stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def given(**settings: str) -> dict[str, str]:
    return {"MATOME_ARCHIVE": ".", "MATOME_DATA": "data", **settings}


def test_elsewhere_than_on_a_terminal_each_event_is_a_line_of_json(stream: io.StringIO) -> None:
    _log.warning("deliveries wait", cause=StateError("state.failed", path="p", cause="locked"))
    _log.info("they go on", rows=3)
    first, second = lines(stream)
    assert first["event"] == "deliveries wait"
    assert first["level"] == "warning"
    assert first["logger"] == "bot.somewhere"
    assert first["timestamp"].endswith("Z")
    assert first["cause"].startswith("The state database p could not be read")
    assert second["rows"] == 3


def test_libraries_say_only_what_is_wrong_and_by_the_same_way(stream: io.StringIO) -> None:
    logging.getLogger("a library").info("never mind")
    logging.getLogger("a library").warning("%s is odd\nvery", "x")
    (only,) = lines(stream)
    assert only["event"] == "x is odd very"
    assert only["level"] == "warning"


def test_an_incident_has_its_number_and_the_way_to_it(stream: io.StringIO) -> None:
    number = ""
    try:
        _ = 1 // 0
    except ZeroDivisionError as error:
        number = incident(_log, "a sync failed", error, part="sync")
    (line,) = lines(stream)
    assert line["incident"] == number
    assert line["part"] == "sync"
    assert line["exception"].startswith("Traceback")
    assert "ZeroDivisionError" in line["exception"]


def test_of_an_incident_whose_cause_is_known_the_sentence_is_said(stream: io.StringIO) -> None:
    incident(_log, "a sync failed", OperatorError("settings.other_key"))
    (line,) = lines(stream)
    assert "MATOME_SECRET_KEY" in line["cause"]
    assert "exception" not in line


def test_on_a_terminal_it_is_for_people(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    terminal = Terminal()
    open_log(terminal)
    _log.warning("the archive could not be read", cause="\x1b]0;evil\x07 no\nentry")
    assert "[warning" in terminal.getvalue()
    assert "the archive could not be read" in terminal.getvalue()
    assert "cause=']0;evil no entry'" in terminal.getvalue()
    assert terminal.getvalue().count("\n") == 1
    assert "\x1b" not in terminal.getvalue()


def test_colours_are_for_terminals_alone(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    terminal = Terminal()
    open_log(terminal)
    _log.warning("the archive could not be read")
    assert "\x1b[" in terminal.getvalue()


def test_secrets_are_in_no_line(stream: io.StringIO, tmp_path: Path) -> None:
    settings = load(
        given(
            SLACK_BOT_TOKEN=TOKEN,
            SLACK_APP_TOKEN=APP_TOKEN,
            MATOME_STATE_URL="postgresql://me:s3cret%2Fword@db/matome",
            MATOME_SECRET_KEY="A" * 43 + "=",
        ),
        tmp_path / ".env",
    )
    follow(settings)
    _log.warning("odd", header=f"Bearer {TOKEN}", app=[APP_TOKEN], key="A" * 43 + "=")
    logging.getLogger("asyncpg").warning("postgresql://me:s3cret%%2Fword@db or %s", PASSWORD)
    try:
        raise RuntimeError(TOKEN)
    except RuntimeError as error:
        incident(_log, "odd", error)
    assert len(lines(stream)) == 3
    for secret in (*settings.secrets, PASSWORD):
        assert secret not in stream.getvalue()


@pytest.mark.parametrize("secret", ['qx"qx', "qx\\qx", "qx'qx\"qx\\qx", "合言葉"])
def test_a_secret_is_hidden_however_its_signs_are_written(
    alone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    settings = load(
        given(MATOME_STATE_URL=f"postgresql://me:{quote(secret)}@db/matome"), tmp_path / ".env"
    )
    for stream in (io.StringIO(), Terminal()):
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        open_log(stream)
        follow(settings)
        _log.warning("odd", plain=secret, shown=f"it was {secret!r}", deep=[{"a": secret}])
        _log.warning("odd", cause=ValueError(secret), key=KeyError(secret))
        incident(_log, "odd", RuntimeError([secret]))
        said = stream.getvalue()
        assert said.count("…") == 6
        assert "qx" not in said


def test_what_people_typed_is_in_no_line(stream: io.StringIO, tmp_path: Path) -> None:
    follow(load(given(), tmp_path / ".env"))
    note_typed('メモリ帯域 "Deep Thought" in')
    try:
        raise KeyError("遅いメモリ帯域が")
    except KeyError as error:
        incident(_log, "no answer in time", error, asked='find "deep thought"')
    (line,) = lines(stream)
    assert line["event"] == "no answer in time"
    assert "メモリ" not in stream.getvalue()
    assert "thought" not in stream.getvalue().lower()
    assert "KeyError" in line["exception"]


def test_what_libraries_say_of_it_is_left_out_as_well(stream: io.StringIO, tmp_path: Path) -> None:
    follow(load(given(), tmp_path / ".env"))
    note_typed("メモリ帯域")
    logging.getLogger("a.library").warning("no answer to %r", "メモリ帯域")
    _log.warning("メモリ帯域 is a word of ours")
    library, ours = lines(stream)
    assert library["event"] == "no answer to '…'"
    assert ours["event"] == "メモリ帯域 is a word of ours"


def test_it_is_there_for_those_who_ask_for_it(stream: io.StringIO, tmp_path: Path) -> None:
    chat = get_logger("bot.chat.chat")
    follow(load(given(), tmp_path / ".env"))
    chat.debug("somebody asks", typed=("メモリ帯域",))
    assert not stream.getvalue()
    follow(load(given(MATOME_LOG_TEXTS="on"), tmp_path / ".env"))
    note_typed("メモリ帯域")
    chat.debug("somebody asks", typed=("メモリ帯域",))
    (line,) = lines(stream)
    assert line["typed"] == ["メモリ帯域"]
