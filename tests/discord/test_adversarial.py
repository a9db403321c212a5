"""Texts that mean harm, in every field and typed, over the wire: they stay texts."""

from pathlib import Path

import pytest

from benchmarks.discord_adversarial import tried
from benchmarks.discord_looks import Reader
from benchmarks.evil_texts import EVIL
from bot.chat.visible import is_blank, visible

# One of every kind; `python -m benchmarks discord-adversarial` has all of them.
SOME = EVIL[::8]
PRESSES = 60


async def test_nothing_is_more_than_a_text_wherever_it_is_shown(tmp_path: Path) -> None:
    found = await tried(tmp_path, SOME, PRESSES)
    assert found.messages > 3 * len(SOME)
    assert (found.mentions, found.broken, found.posing) == ([], [], [])


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("a <@1>", "mentions"), ("@everyone", "mentions"), ("</matome:1>", "mentions"),
        ("\u3164", "broken"), ("a\u202eb", "broken"), ("Z" + "\u0301" * 20, "broken"),
        ("a\n## b", "posing"), ("a\n-# b", "posing"), ("- a", "posing"), ("||a||", "posing"),
        ("<t:1> <t:2>", "posing"), ("[a](javascript:b)", "posing"), ("https://a.example", "posing"),
        ("**\\#2 bob**", "posing"), ("**\\#1 ann**\n**b**", "posing"),
        ("**\\#1 ann**\n<t:1>", "posing"),
    ],
)  # fmt: skip
def test_what_is_more_than_a_text_is_seen(written: str, kind: str) -> None:
    reader = Reader({1: {"ann"}, 2: {"carol"}})
    reader.message({"components": [{"type": 10, "content": written}]}, "a message")
    assert getattr(reader.found, kind) != []


@pytest.mark.parametrize(
    "written", ["**\\#1 ann**　<t:1:f>\nb", "## a", "-# a\n-# b", "> a", "`a`"]
)
def test_what_is_ours_may_be(written: str) -> None:
    reader = Reader({1: {"ann"}})
    reader.message({"components": [{"type": 10, "content": written}]}, "a message")
    assert (reader.found.mentions, reader.found.broken, reader.found.posing) == ([], [], [])


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Z" + "\u0301" * 60 + "a", "Z" + "\u0301" * 8 + "a"),
        ("ที่นี่", "ที่นี่"),
        ("a\u3164\u115fb\u034f", "ab"),
        ("a\U000e0041\U000e0042b", "ab"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("⠓⠊", "⠓⠊"),
    ],
)
def test_what_is_heaped_or_unseen_goes(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize("text", ["", " \n", "\u2800\u2800", "\u200d\ufe0f"])
def test_there_is_nothing_to_see(text: str) -> None:
    assert is_blank(visible(text))
