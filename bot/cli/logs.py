"""The log: for people on a terminal, as JSON elsewhere; without secrets and what people typed.

Modules log an event in plain words with values beside it, by structlog's get_logger; what libraries
log by the standard library takes the same way. All times are UTC.
"""

import logging
import os
from collections.abc import Sequence
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.console.visible import visible
from bot.errors import MatomeError
from bot.locales import Texts
from bot.settings import Settings
from bot.typed_words import MASK, without_typed

_FIRST = ("timestamp", "level", "event")
# What these values say is ours, whatever people type; of an event that is true of our own loggers.
_OURS = {"timestamp", "level", "logger", "incident"}
_OUR_LOGGERS = ("bot", "adapters", "storage")
_PREFIXES = tuple(f"{name}." for name in _OUR_LOGGERS)
# The one that says what people typed, at the level of debugging.
_CHAT = "bot.chat.chat"


def _in_words(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Let errors among the values be sentences."""
    texts = Texts("en")
    return {
        key: _said(value, texts)
        if isinstance(value, BaseException) and key != "exc_info"
        else value
        for key, value in event.items()
    }


def _said(error: BaseException, texts: Texts) -> str:
    if isinstance(error, MatomeError):
        return texts.of(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _on_one_line(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Let no value end its line or steer the terminal; a traceback has lines of its own.

    What every event has comes first.
    """
    told = {key: event[key] for key in _FIRST if key in event} | dict(event)
    return {
        key: visible(str(value)) if key == "exception" else _harmless(value)
        for key, value in told.items()
    }


def _harmless(value: object) -> object:
    """A value in which no text, however deep, ends a line or steers a terminal."""
    match value:
        case str():
            return visible(" ".join(value.splitlines()))
        case None | bool() | int() | float():
            return value
        case dict():
            return {_harmless(str(key)): _harmless(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_harmless(inner) for inner in value]
        case _:
            return _harmless(repr(value))


_COMMON: tuple[Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _in_words,
)


class LogHandler(logging.StreamHandler[TextIO]):
    """Writes the log to a stream."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._secrets: tuple[str, ...] = ()
        self._shows_texts = False
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=_COMMON,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    self._without_texts,
                    _on_one_line,
                    # Now all are texts, and no sign in them is written in another way yet.
                    self._without_secrets,
                    _renderer(stream),
                ],
            )
        )

    def follow(self, settings: Settings) -> None:
        """Keep secrets out of it, and what people type unless the settings ask for that."""
        forms = {form for secret in settings.secrets for form in _forms(secret)}
        # One may be a part of another.
        self._secrets = tuple(sorted(forms, key=len, reverse=True))
        self._shows_texts = settings.log_texts

    def _without_texts(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        if self._shows_texts:
            return event
        is_ours = str(event.get("logger")).startswith(_PREFIXES)
        ours = _OURS | {"event"} if is_ours else _OURS
        return {
            key: without_typed(value) if isinstance(value, str) and key not in ours else value
            for key, value in event.items()
        }

    def _without_secrets(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {key: _hidden(value, self._secrets) for key, value in event.items()}


def open_log(stream: TextIO) -> None:
    """Let the whole log go to a stream."""
    route_events()
    logging.basicConfig(handlers=[LogHandler(stream)])
    for name in _OUR_LOGGERS:
        # The end of an outage is told as well; libraries tell what is wrong only.
        logging.getLogger(name).setLevel(logging.INFO)


def follow(settings: Settings) -> None:
    """Let the open log be as the settings say."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, LogHandler):
            handler.follow(settings)
    logging.getLogger(_CHAT).setLevel(logging.DEBUG if settings.log_texts else logging.NOTSET)


def route_events() -> None:
    """Let events take the way of the standard library, each with its values."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_COMMON,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _forms(secret: str) -> set[str]:
    """A secret as it is, and as it stands in what Python shows of a text."""
    shown = secret.replace("\\", r"\\")
    return {secret, shown, shown.replace("'", r"\'")}


def _hidden(value: object, secrets: Sequence[str]) -> object:
    """A value without secrets, which may be deep in it."""
    match value:
        case str():
            for secret in secrets:
                value = value.replace(secret, MASK)
            return value
        case dict():
            return {_hidden(key, secrets): _hidden(inner, secrets) for key, inner in value.items()}
        case list():
            return [_hidden(inner, secrets) for inner in value]
        case _:
            return value


def _renderer(stream: TextIO) -> Processor:
    if not stream.isatty():
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=not os.environ.get("NO_COLOR"),
        # Others show the values of variables, tokens among them.
        exception_formatter=structlog.dev.plain_traceback,
    )
