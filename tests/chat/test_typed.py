"""What a typed line means, and what it may become."""

import random
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.commands import COMMANDS, MESSAGE_COMMANDS, CommandSpec
from bot.chat.lines import intended, name_of
from bot.chat.typed import COMPLETIONS, names_of, understand
from bot.errors import UserError
from bot.intent import (
    AddDigest,
    DigestStatus,
    EditDigest,
    Help,
    Intent,
    ListDigests,
    Month,
    Months,
    Newest,
    PauseDigest,
    PreviewDigest,
    Random,
    RemoveDigest,
    Search,
    SendDigest,
    Tags,
)
from bot.locales import LANGUAGES, Texts, load_all
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


def names() -> Iterator[str]:
    for command in COMMANDS:
        yield command.name
        for spec in (command, *command.subcommands):
            yield from (f"{command.name}.{option.name}" for option in spec.options)
        yield from (f"{command.name}.{subcommand.name}" for subcommand in command.subcommands)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(set(names())))
def test_every_command_and_option_has_names_and_descriptions(name: str, language: str) -> None:
    # What Discord takes: 1-32 characters in lower case without spaces, and 1-100.
    called = load_all()[f"command.{name}.name"][language]
    assert re.fullmatch(r"[-_\w]{1,32}", called)
    assert called == called.lower()
    assert 1 <= len(load_all()[f"command.{name}.description"][language]) <= 100


def every() -> Iterator[CommandSpec]:
    for command in COMMANDS:
        yield command
        yield from command.subcommands


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_keep_what_discord_takes(language: str) -> None:
    texts = Texts(language)
    for command in every():
        assert len(command.options) <= 25
        # Required options come first.
        required = [option.required for option in command.options]
        assert required == sorted(required, reverse=True)
        for option in command.options:
            for value, key in option.choices:
                assert 1 <= len(names_of(key, texts)[0]) <= 100
                assert value
    for group in COMMANDS:
        together = [[spec.name for spec in group.subcommands]]
        together += [[option.name for option in spec.options] for spec in group.subcommands]
        for side_by_side in together:
            called = [name_of((group.name, name), texts) for name in side_by_side]
            assert len(called) == len(set(called))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_on_a_message_has_a_name(language: str) -> None:
    for command in MESSAGE_COMMANDS:
        assert 1 <= len(load_all()[f"command.{command.name}.name"][language]) <= 32


def test_a_message_with_a_link_has_its_post() -> None:
    (show,) = MESSAGE_COMMANDS
    link = "https://news.ycombinator.com/item?id=103"
    for text in (link, f"見て <{link}|これ> https://example.org/", f"({link}#44)、{link}4"):
        assert show.intent(text) == Search(link)
    with pytest.raises(UserError, match=r"command\.no_link"):
        show.intent("https://example.org/item?id=103")


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("/digest", ListDigests()),
        (" /DIGEST list ", ListDigests()),
        ("/matome digest", ListDigests()),
        ("digest", ListDigests()),
        ("/配信 一覧", ListDigests()),
        ("/digest add", AddDigest()),
        ("/digest add 9時半", AddDigest(time="9時半")),
        (
            "/digest add time:9時半 tags:GPU,AI zone:東京 posts:3",
            AddDigest(time="9時半", tags="GPU,AI", zone="東京", posts="3"),
        ),
        ("/digest add 9:30 tags:GPU", AddDigest(time="9:30", tags="GPU")),
        ("/digest add 午前9:30", AddDigest(time="午前9:30")),
        ("/配信 追加 時刻：9時半　タグ：GPU", AddDigest(time="9時半", tags="GPU")),
        ("/digest 追加 quiet:skip 言語:English", AddDigest(quiet_day="skip", language="English")),
        ('/digest add tags:"Hacker News",AI', AddDigest(tags="Hacker News,AI")),
        ('/digest add tags:"C++: x"', AddDigest(tags="C++: x")),
        ("/digest add tags:「ローカル LLM」", AddDigest(tags="ローカル LLM")),
        ("/digest add zone:New York posts:3", AddDigest(zone="New York", posts="3")),
        ("/matome digest add 9:30", AddDigest(time="9:30")),
        ("digest add 9:30", AddDigest(time="9:30")),
        ("/digest edit k3v9x2ab tags:-", EditDigest("k3v9x2ab", tags="-")),
        ("/digest edit time:8", EditDigest("", time="8")),
        ("/digest pause", PauseDigest("")),
        ("/digest resume k3v9x2ab", PauseDigest("k3v9x2ab", resume=True)),
        ("/digest remove digest:k3v9x2ab", RemoveDigest("k3v9x2ab")),
        ("/digest preview k3v9x2ab", PreviewDigest("k3v9x2ab")),
        ("/digest now", SendDigest("")),
        ("/digest status k3v9x2ab", DigestStatus("k3v9x2ab")),
        ("/matome tag:GPU digest", Search("tag:GPU digest")),
        ("digest of gpu", Search("digest of gpu")),
        ("digests", Search("digests")),
    ],
)
def test_a_command_with_options_can_be_typed(line: str, intent: Intent) -> None:
    assert intended(line) == intent


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("/digest nonsense", "command.unknown"),
        ("/digest ad 9:30", "command.unknown"),
        ("/digest add tiem:9", "command.unknown_option"),
        ("/digest pause tags:GPU", "command.unknown_option"),
        ("/digest add tags:GPU tags:AI", "command.twice"),
        ("/digest list everything", "command.surplus"),
        ("/digest add " + "x" * 10_000, "query.too_long"),
    ],
)
def test_a_command_that_cannot_be_understood_is_explained(line: str, key: str) -> None:
    with pytest.raises(UserError) as raised:
        intended(line)
    assert raised.value.key == key
    for language in LANGUAGES:
        said = Texts(language).of(raised.value)
        assert len(said) < 400


@given(rest=st.text(max_size=60), start=st.sampled_from(["/digest ", "/digest add ", "/"]))
def test_whatever_is_typed_behind_a_command_is_understood_or_explained(
    rest: str, start: str
) -> None:
    try:
        intended(start + rest)
    except UserError as error:
        assert error.key.startswith(("command.", "query."))


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


async def test_a_slash_becomes_a_command(talk: Conversation) -> None:
    assert [line for line, _ in await completed(talk, "/")] == ["/matome ", "/配信 "]
    assert [line for line, _ in await completed(talk, "/d")] == ["/配信 "]
    found = await completed(talk, "/digest p")
    assert [line for line, _ in found] == ["/digest プレビュー ", "/digest 一時停止 "]
    assert found[1][1] == "一時停止　配信を止める（再開できます）"
    assert len(await completed(talk, "/配信 ")) == 9


async def test_a_command_becomes_one_with_options(talk: Conversation) -> None:
    found = [line for line, _ in await completed(talk, "/digest add t")]
    assert {"/digest add 時刻:", "/digest add タグ:", "/digest add チャンネル:"} >= set(found)
    assert "/digest add タグ:" in found
    # What is there already is not offered again.
    found = [line for line, _ in await completed(talk, "/digest add time:9:30 ")]
    assert found[0] == "/digest add time:9:30 タグ:"
    assert "/digest add time:9:30 時刻:" not in found


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("/digest add 9", "/digest add 9:30"),
        ("/digest add time:9", "/digest add time:9:30"),
        ("/digest add 時刻:9時", "/digest add 時刻:9:30"),
        ("/digest add time:9:30 zone:東", "/digest add time:9:30 zone:Asia/Tokyo"),
        ("/digest add zone:New Y", "/digest add zone:America/New_York"),
        ("/digest add tags:g", "/digest add tags:GPU"),
        ("/digest add tags:AI,hack", "/digest add tags:AI,Hacker News"),
        ("/digest add tags:", "/digest add tags:GPU"),
        ("/digest add weekdays:平", "/digest add weekdays:平日"),
        ("/digest add posts:", "/digest add posts:10"),
        ("/digest add quiet:", "/digest add quiet:送らない"),
        ("/digest add language:E", "/digest add language:英語"),
        ("/matome digest add time:9", "/matome digest add time:9:30"),
        ("/matome g", "/matome GPU"),
    ],
)
async def test_the_value_of_an_option_is_completed(
    talk: Conversation, line: str, becomes: str
) -> None:
    assert becomes in [found for found, _ in await completed(talk, line)]


async def test_options_are_completed_one_by_one(talk: Conversation) -> None:
    async def values(path: tuple[str, ...], option: str, text: str) -> list[str]:
        offers = await talk.chat.complete_option(path, option, text, talk.context)
        assert len(offers) <= COMPLETIONS
        assert all(len(offer.value) <= 100 for offer in offers)
        return [offer.value for offer in offers]

    assert "GPU" in await values(("matome",), "query", "g")
    assert "9:30" in await values(("digest", "add"), "time", "9")
    assert (await values(("digest", "edit"), "zone", "東京"))[0] == "Asia/Tokyo"
    assert "AI,GPU" in await values(("digest", "add"), "tags", "AI,G")
    assert await values(("digest", "add"), "tags", "x" * 200 + ",") == []
    assert await values(("digest", "add"), "role", "R") == []
    assert await values(("digest", "pause"), "subscription", "") == []
    for unknown in (("nothing",), ("digest", "nothing"), ("digest",), ()):
        assert await values(unknown, "time", "9") == []


async def test_any_line_is_completed_without_complaint(talk: Conversation) -> None:
    chance = random.Random(20261121)
    pieces = [
        "time:",
        "tags:",
        "ゾーン:",
        "9",
        ":",
        '"',
        "「",
        ",",
        " ",
        "　",
        "\0",
        "GPU",
        "-",
        "digest",
    ]
    for _ in range(150):
        rest = "".join(chance.choices(pieces, k=chance.randrange(8)))
        await completed(talk, chance.choice(["/digest ", "/digest add ", "/", "/x ", ""]) + rest)
