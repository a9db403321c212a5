"""Markdown that shows what was written: nothing that others wrote becomes more than text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.limits import LIMITS
from adapters.discord.markdown import bold, escaped, markdown, timestamp
from benchmarks.discord_reading import read
from bot.chat.sizes import ruler_of
from bot.chat.visible import one_line, visible
from bot.content.shown import shown
from bot.view import Moment, Paragraph, Run, Text

AT = datetime(2025, 6, 10, 9, 59, tzinfo=UTC)

EVIL = (
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "<t:1>", "<t:1:R>", "</matome:1>",
    "<id:customize>", "<:a:1>", "<a:b:1>", ":smile:", "**bold**", "__under__", "*i*", "_i_", "~~s~",
    "||spoiler||", "`code`", "``co`de``", "```\nblock\n```", "```ansi\n\x1b[31mred\n```", "# big",
    "## b", "### c", "-# small", "- list", "* list", "+ list", "1. list", "12. list", "  - deep",
    "> quote", ">>> all of it", "> - both", "[words](https://evil.example)", "[a](<https://b>)",
    "https://a.example/b_c_d", "<https://a.example>", "steam://run/1", "\\", "\\\\", "\\*",
    "¯\\_(ツ)_/¯", "~~",
    "\x1b[31m", "\u202e", "\u200b", "\u2066", "\ufeff", "\ud800", "\u2028", "\n", "\n\n", " ", "\t",
    "x" * 300, "あ。", "a", "1", ".", "-", "#", "]", "[", "(", ")", "!", "|", "<", ">", "@", ":",
)  # fmt: skip
evil = st.lists(st.sampled_from(EVIL) | st.text(max_size=5), max_size=12).map("".join)


def texts_of(words: st.SearchStrategy[str]) -> st.SearchStrategy[Text]:
    links = st.none() | words | st.sampled_from(["https://a.example/b", "https://a.example/(c)"])
    run = st.builds(
        Run, words, bold=st.booleans(), code=st.booleans(), quoted=st.booleans(), link=links
    )
    moments = st.builds(Moment, st.just(AT), st.booleans())
    return st.lists(run | moments, max_size=6).map(tuple)


def words_of(text: Text) -> str:
    return "".join(visible(run.text) for run in text if isinstance(run, Run))


@given(evil)
def test_a_text_shows_as_it_is_and_is_nothing_else(text: str) -> None:
    found = read(markdown((Run(text),)))
    assert found.text == visible(text)
    assert found.marks == []


@pytest.mark.parametrize("text", EVIL)
def test_each_evil_text_shows_as_it_is(text: str) -> None:
    for around in (text, f"a{text}b", f"a\n{text}", f"{text}{text}", f" {text}"):
        found = read(markdown((Run(around),)))
        assert (found.text, found.marks) == (visible(around), [])


@given(st.lists(evil.map(Run), max_size=5).map(tuple))
def test_what_follows_each_other_makes_nothing_together(text: Text) -> None:
    found = read(markdown(text))
    assert (found.text, found.marks) == (words_of(text), [])


@given(texts_of(evil))
def test_nobody_is_mentioned_and_nothing_leads_elsewhere(text: Text) -> None:
    outside_code = tuple(r for r in text if isinstance(r, Moment) or not r.code)
    found = read(markdown(outside_code))
    assert found.kinds() <= {"bold", "quote", "link", "bare", "time"}
    links = {r.link for r in text if isinstance(r, Run)}
    for mark in found.marks:
        if mark.kind == "link":
            assert mark.text.replace("%28", "(").replace("%29", ")") in links
        if mark.kind == "bare":
            assert mark.text.casefold() in {str(link).casefold() for link in links}


@given(texts_of(evil))
def test_the_limits_say_at_least_what_is_written(text: Text) -> None:
    ruler = ruler_of(LIMITS)
    written = markdown(text)
    assert len(written.encode("utf-16-le")) // 2 <= ruler.characters(Paragraph(text))


@given(evil)
def test_a_body_shows_what_the_archive_has(body: str) -> None:
    text = shown(body)
    if any(isinstance(run, Run) and run.code for run in text):
        return
    assert read(markdown(text)).text == words_of(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ((Run("a*b"), Run("c", bold=True), Run("d", bold=True), Run("e")), "a\\*b**cd**e"),
        ((Run("a\nb", bold=True),), "**a**\n**b**"),
        ((Run("x = 1", code=True),), "`x = 1`"),
        ((Run("a`b", code=True),), "``a`b``"),
        ((Run("`", code=True),), "\\`"),
        ((Run("a", code=True), Run("", code=True), Run("b", code=True)), "`ab`"),
        ((Run("a\n  - b", code=True),), "```\na\n  - b\n```"),
        ((Run("a\nb", code=True, quoted=True),), "> `a`\n> `b`"),
        (
            (Run("q", quoted=True), Run("a\nb", code=True), Run("r", quoted=True), Run("\ns")),
            "> q\n```\na\nb\n```\n> r\ns",
        ),
        ((Run("p "), Run("a\nb", code=True), Run(" s")), "p ```\na\nb\n``` s"),
        ((Run("a", code=True, link="x"), Run("b", code=True)), "a`b`"),
        ((Run("q\nr", quoted=True), Run("\ns")), "> q\n> r\ns"),
        ((Run("q", quoted=True), Run("\n"), Run("- r", quoted=True)), "> q\n> \\- r"),
        ((Run("題", link="https://a.example/(b)"),), "[題](https://a.example/%28b%29)"),
        ((Run("題", link="javascript:alert(1)"),), "題"),
        (
            (Run("ア", link="https://a.example"), Run("イ", bold=True, link="https://a.example")),
            "[ア**イ**](https://a.example)",
        ),
        ((Run("題", link="https://a.example/ b"),), "題"),
        ((Run("[題", link="https://a.example/"),), "\\[題"),
        ((Run("[題]", link="https://a.example/"),), "[\\[題\\]](https://a.example/)"),
        ((Run("https://a.example/b_c", link="https://a.example/b_c"),), "<https://a.example/b_c>"),
        ((Run("https://b.example", link="https://a.example"),), "https\\://b.example"),
        ((Moment(AT), Run(" "), Moment(AT, clock=False)), "<t:1749549540:f> <t:1749549540:d>"),
        ((Run("1. a\n 2. b\n3.5"),), "1\\. a\n 2\\. b\n3\\.5"),
    ],
)
def test_looks(text: Text, written: str) -> None:
    assert markdown(text) == written


def test_code_is_kept_as_it_is() -> None:
    code = "  for x in <@1>:\n    **x** # - y\n"
    found = read(markdown((Run("前\n"), Run(code, code=True), Run("後"))))
    assert found.text == f"前\n{code}後"
    assert found.kinds() == {"block"}


@given(evil)
def test_code_shows_what_it_is_or_is_text(code: str) -> None:
    found = read(markdown((Run("あ"), Run(code, code=True), Run("`い"))))
    assert found.kinds() <= {"code", "block"}
    assert found.text.replace("\n", "") == f"あ{visible(code)}`い".replace("\n", "")


@given(evil)
def test_one_line_is_one_line(text: str) -> None:
    assert "\n" not in one_line(text)
    assert read(bold(escaped(one_line(f"#{text}")))).kinds() <= {"bold"}


def test_ten_thousand_characters_without_a_space_stay_so() -> None:
    for sign in "x_*\\あ":
        assert read(escaped(sign * 10_000)).text == sign * 10_000


@pytest.mark.parametrize("year", [1, 1969, 1970, 2025, 9999])
def test_every_time_fits_into_its_costs(year: int) -> None:
    moment = Moment(datetime(year, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC))
    assert len(timestamp(moment)) <= LIMITS.text_costs.moment
    assert read(timestamp(moment)).kinds() == {"time"}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("@everyone", "mention"), ("a <@&1> b", "mention"), ("<#1>", "mention"), ("<t:1>", "time"),
        (":smile:", "emoji"), ("**b**", "bold"), ("_i_", "slanted"), ("~~s~~", "struck"),
        ("||s||", "spoiler"), ("`c`", "code"), ("```\nc\n```", "block"), ("# h", "heading"),
        ("-# s", "small"), ("a\n- l", "list"), ("1. l", "list"), ("> q", "quote"),
        (">>> q", "quote"), ("[w](https://evil.example)", "link"), ("https://a.example", "open"),
    ],
)  # fmt: skip
def test_the_reader_sees_what_is_not_escaped(written: str, kind: str) -> None:
    assert kind in read(written).kinds()
    assert read(markdown((Run(written),))).text == written


@given(texts_of(evil))
def test_every_word_is_shown_in_its_order(text: Text) -> None:
    runs = tuple(run for run in text if isinstance(run, Run))
    # A block of code may have a line break before it that nobody wrote.
    assert "".join(read(markdown(runs)).text.split()) == "".join(words_of(runs).split())
