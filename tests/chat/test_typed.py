"""What a typed line means, and what it may become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.commands import COMMANDS, intended
from bot.chat.typed import COMPLETIONS, understand
from bot.errors import UserError
from bot.intent import Help, Intent, Month, Months, Newest, Random, Search, Tags
from bot.locales import LANGUAGES, load_all
from tests.chat.conftest import Conversation


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("", Newest()),
        ("help", Help()),
        ("?", Help()),
        ("tags", Tags()),
        ("ランダム", Random()),
        ("月", Months()),
        ("2025-06", Month("2025-06")),
        ("2025/6", Month("2025-06")),
        ("2025年6月", Month("2025-06")),
        ("もっと", None),
        ("more", None),
        ("gpu", Search("gpu")),
        ("  ローカル　 LLM \n", Search("ローカル LLM")),
        ("helper", Search("helper")),
        ("help me", Search("help me")),
        ("a\ud800b", Search("ab")),
    ],
)
def test_a_line_means_an_intent(line: str, intent: Intent | None) -> None:
    assert understand(line) == intent


@given(line=st.text(max_size=200))
def test_any_line_means_something_or_is_explained(line: str) -> None:
    try:
        understand(line)
    except UserError as error:
        assert error.key == "query.bad_month"


def test_the_command_makes_the_same_intents() -> None:
    matome = COMMANDS[0]
    assert matome.intent({"query": "gpu"}) == Search("gpu")
    assert matome.intent({}) == Newest()
    assert matome.intent({"query": "もっと"}) is None


def test_a_command_can_be_typed() -> None:
    assert intended("/matome gpu") == intended(" /MATOME  gpu ") == Search("gpu")
    assert intended("/matome") == Newest()
    assert intended("/matomegpu") == Search("/matomegpu")
    assert intended("gpu") == Search("gpu")


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_every_command_and_option_has_names_and_descriptions(spec: object) -> None:
    for command in COMMANDS:
        names = [command.name, *(f"{command.name}.{option.name}" for option in command.options)]
        for name in names:
            for language in LANGUAGES:
                # What Discord takes: 1-32 and 1-100 characters.
                assert 1 <= len(load_all()[f"command.{name}.name"][language]) <= 32
                assert 1 <= len(load_all()[f"command.{name}.description"][language]) <= 100


async def completed(talk: Conversation, line: str) -> list[tuple[str, str]]:
    found = await talk.chat.complete(line, talk.context)
    assert len(found) <= COMPLETIONS
    return [(completion.line, completion.label) for completion in found]


async def test_an_empty_line_becomes_one_of_the_words(talk: Conversation) -> None:
    expected = ["最新", "タグ", "月別", "ランダム", "ヘルプ"]
    assert await completed(talk, "") == [(word, word) for word in expected]
    assert await completed(talk, "/matome ") == [(f"/matome {word}", word) for word in expected]


async def test_a_beginning_becomes_a_tag(talk: Conversation) -> None:
    assert ("GPU", "GPU") in await completed(talk, "g")
    assert ("Hacker News", "Hacker News") in await completed(talk, "hack")
    assert ("メモリ tag:GPU", "tag:GPU") in await completed(talk, "メモリ tag:g")
    assert ('tag:"Hacker News"', 'tag:"Hacker News"') in await completed(talk, "tag:hack")
    assert ("#GPU", "#GPU") in await completed(talk, "#")


async def test_the_most_used_tag_comes_first(talk: Conversation) -> None:
    assert [label for _, label in await completed(talk, "#")][:2] == ["#GPU", '#"Hacker News"']


async def test_a_beginning_becomes_an_operator(talk: Conversation) -> None:
    assert ("gpu after:", "after:") in await completed(talk, "gpu af")
    assert ("gpu is:highlight", "is:highlight") in await completed(talk, "gpu is")


async def test_words_become_a_title_that_opens(talk: Conversation) -> None:
    found = await completed(talk, "同じ議論")
    assert ("https://news.ycombinator.com/item?id=55", "同じ議論2") in found
    (long,) = [
        line for line, label in await completed(talk, "長い議論") if label == "長い議論の記事"
    ]
    assert (await talk.ask(long)).summary == "長い議論の記事"


@pytest.mark.parametrize(
    "line", ["tag:", "-", '"', "after:2025-99", "\0", "x" * 3000, "-tag:", "/"]
)
async def test_half_a_query_is_completed_without_complaint(talk: Conversation, line: str) -> None:
    await completed(talk, line)
