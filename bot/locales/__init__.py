"""Every sentence that a person reads, in Japanese and English, one TOML file an area."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from bot.errors import MatomeError

LANGUAGES = ("ja", "en")
AREAS = (
    "announcement",
    "archive",
    "chat",
    "cli",
    "command",
    "console",
    "delivery",
    "digest",
    "discord",
    "form",
    "health",
    "index",
    "query",
    "settings",
    "slack",
    "slack_app",
    "subscription",
)

# The command for digests, where it is one of its own.
DIGEST = "/digest"


class Texts:
    """The sentences of one language by their keys, such as "query.empty".

    `digest` is how the command for digests is typed, which differs where there is only one command.
    """

    def __init__(self, language: str, digest: str = DIGEST) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"no texts in {language!r}")
        self.language = language
        self.digest = digest

    def __call__(self, key: str, **details: object) -> str:
        """The sentence with its details filled in. Raises KeyError for an unknown key."""
        return _load()[key][self.language].format_map({"digest": self.digest, **details})

    def of(self, error: MatomeError) -> str:
        """The sentence for an error."""
        return self(error.key, **error.details)


def load_all() -> Mapping[str, Mapping[str, str]]:
    """Every key with its sentence in each language."""
    return _load()


@cache
def _load() -> Mapping[str, Mapping[str, str]]:
    texts: dict[str, Mapping[str, str]] = {}
    for area in AREAS:
        content = files(__package__).joinpath(f"{area}.toml").read_text("utf-8")
        texts.update(_flat(tomllib.loads(content), ""))
    return MappingProxyType(texts)


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, value in table.items():
        if not isinstance(value, dict):
            raise ValueError(f"{prefix}{name}: a table with a text for each language is missing")
        if all(isinstance(text, str) for text in value.values()):
            yield f"{prefix}{name}", value
        else:
            yield from _flat(value, f"{prefix}{name}.")
