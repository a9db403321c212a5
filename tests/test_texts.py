"""Every sentence is there in both languages, with the same details; and every key that is used."""

import re
from pathlib import Path
from string import Formatter

import pytest

from bot.errors import UserError
from bot.locales import LANGUAGES, Texts, load_all

ROOT = Path(__file__).resolve().parent.parent
AREAS_OF_KEYS = (
    "announcement",
    "archive",
    "chat",
    "cli",
    "code",
    "command",
    "console",
    "delivery",
    "digest",
    "discord",
    "form",
    "doctor",
    "finding",
    "health",
    "index",
    "query",
    "refused",
    "settings",
    "slack",
    "state",
    "word",
)
KEY = re.compile(rf'"((?:{"|".join(AREAS_OF_KEYS)})\.[a-z0-9_.]+)"')
JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")


def details(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(load_all()))
def test_a_sentence_is_there_in_both_languages_with_the_same_details(key: str) -> None:
    texts = load_all()[key]
    assert set(texts) == set(LANGUAGES)
    assert details(texts["ja"]) == details(texts["en"])
    assert JAPANESE.search(texts["ja"]) or not JAPANESE.search(texts["en"])


def used_keys() -> set[str]:
    sources = [
        path.read_text("utf-8")
        for package in ("bot", "storage", "adapters")
        for path in (ROOT / package).rglob("*.py")
    ]
    names = {key for source in sources for key in KEY.findall(source)}
    return {name for name in names if not name.endswith((".md", ".sqlite3"))}


def test_every_key_that_the_program_uses_has_a_sentence() -> None:
    assert used_keys() <= set(load_all())


def test_every_sentence_is_used() -> None:
    # Made from a part: the reasons of the shortcode lexer, the help of the commands, and what
    # platforms call those of the chat.
    composed = re.compile(
        r"refused\.shortcode\.\w+|cli\.\w+\.(help|epilog)|cli\.digest\.\w+|command\.\w+\.(\w+\.)?(name|description)"
    )
    unused = set(load_all()) - used_keys()
    assert {key for key in unused if not composed.fullmatch(key)} == set()


def test_every_reason_of_the_lexer_has_a_sentence() -> None:
    modules = ("shortcode_tokens.py", "shortcodes.py")
    source = "".join((ROOT / "bot/archive" / name).read_text("utf-8") for name in modules)
    reasons = set(re.findall(r'ShortcodeError\(\s*"(\w+)"', source))
    reasons |= set(re.findall(r'key = "(\w+)" if .* else "(\w+)"', source)[0])
    assert {f"refused.shortcode.{reason}" for reason in reasons} == {
        key for key in load_all() if key.startswith("refused.shortcode.")
    }


def test_an_error_is_told_in_the_language_of_the_person() -> None:
    error = UserError("query.too_long", limit=5)
    assert "5 文字" in Texts("ja").of(error)
    assert "5 characters" in Texts("en").of(error)
