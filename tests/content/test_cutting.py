"""Cutting texts: both sides are the text again, and the cut is where it hurts least."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.content.cutting import characters, cut, shortened
from bot.content.graphemes import boundary_after, boundary_before
from bot.content.shown import shown
from bot.view import Moment, Run, Text
from tests.content.test_shown import bodies

URL = "https://a.example/b"
graphemes = st.text(
    st.one_of(
        st.sampled_from("あa \n👨\u200d👩🏽🇯🇵か\u3099e\u0301\u0600\r각ᄀ힣ᆨक्षिⓒ"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def plain(text: str) -> Text:
    return (Run(text, (0, len(text))),)


def string(text: Text) -> str:
    return "".join(run.text if isinstance(run, Run) else "*" for run in text)


def spans(text: Text) -> list[tuple[int, int]]:
    return [run.source for run in text if isinstance(run, Run) and run.source is not None]


@given(graphemes, st.integers(-1, 61))
def test_boundaries_are_those_between_graphemes(text: str, at: int) -> None:
    places = {0, len(text), *(found.end() for found in regex.finditer(r"\X", text))}
    assert boundary_before(text, at) == max(p for p in places if p <= max(0, at))
    assert boundary_after(text, at) == min(p for p in places if p >= min(len(text), at))


@given(st.one_of(bodies, st.lists(bodies, max_size=5).map("".join)), st.integers(0, 90), st.data())
def test_both_sides_are_the_text_again(body: str, room: int, data: st.DataObject) -> None:
    page = data.draw(st.integers(max(room, 1), 120))
    text = shown(body)
    head, tail = cut(text, room, characters, page)
    assert sum(map(characters, head)) <= room
    assert string(head) + string(tail) == string(text)
    found = [*spans(head), *spans(tail)]
    assert all(before[1] == after[0] for before, after in pairwise(found))
    assert (found[0][0], found[-1][1]) == (0, len(body)) if body else found == []
    if not tail:
        return
    # Something always goes onto an empty page, and nothing that is not shown is left for another.
    assert string(head) or room < page or room == 0
    assert string(tail)
    for run in text:
        assert isinstance(run, Run)
        if (run.link is not None or run.code) and len(run.text) <= page:
            assert run.text == "" or run in head or run in tail


@pytest.mark.parametrize(
    ("text", "room", "head"),
    [
        ("一行目。\n\n二つ目の段落。\n続き。終わり", 18, "一行目。\n\n二つ目の段落。\n"),
        ("前の段落が長い。\n\n後。\n次の段落が続く", 15, "前の段落が長い。\n\n"),
        ("一行目が長い。二。三\n四五六七八九十。百", 18, "一行目が長い。二。三\n"),
        ("一文目が長い。二文目も長いので切る", 12, "一文目が長い。"),
        ("「一文目だよ。」と言った、次の", 11, "「一文目だよ。」"),
        ("円は3.14159だ、と思った", 9, "円は3.14159"),
        ("Use it. It works well", 12, "Use it. "),
        ("item?id=12345 でも", 10, "item?id=12"),
        ("語句、語句、語句、語句語句語句", 12, "語句、語句、語句、"),
        ("one two three four", 10, "one two "),
        ("あいうえおかきくけこ", 4, "あいうえ"),
        ("か\u3099か\u3099か\u3099", 5, "か\u3099か\u3099"),
        (
            "短い。あとは切れ目のないとても長い文が続いていく",
            20,
            "短い。あとは切れ目のないとても長い文が続",
        ),
        ("👨\u200d👩\u200d👧", 3, "👨\u200d👩"),
        ("e" + "\u0301" * 30, 10, "e" + "\u0301" * 9),
    ],
)
def test_a_cut_is_where_it_hurts_least(text: str, room: int, head: str) -> None:
    assert string(cut(plain(text), room, characters)[0]) == head


def test_a_grapheme_is_kept_for_a_page_that_holds_it() -> None:
    text = plain("👨\u200d👩\u200d👧")
    assert cut(text, 3, characters, 5) == ((), text)


@pytest.mark.parametrize("whole", [URL, f"`{'x y. ' * 4}`", "‹br＞"])
def test_what_is_one_thing_is_not_cut(whole: str) -> None:
    text = shown(f"見て{whole}ね")
    size = len(string(text)) - 3
    for room in range(3, size + 2):
        head, tail = cut(text, room, characters, max(size, room))
        assert string(head) == "見て" or room == size + 2
        assert string(tail).startswith(string(text)[2:])


def test_a_moment_is_not_cut() -> None:
    moment = Moment(datetime(2025, 6, 1, tzinfo=UTC))
    assert cut((Run("a"), moment), 10, characters) == ((Run("a"),), (moment,))


def test_a_link_that_no_page_holds_is_text() -> None:
    head, tail = cut(shown(URL + "/cde"), 10, characters)
    assert (head, tail) == (
        (Run("https://a.", (0, 10)),),
        (Run("example/b/cde", (10, 23)),),
    )


def test_a_restored_link_that_no_page_holds_divides_its_span() -> None:
    body = "https:\u200b/\u200b/a.example/"
    head, tail = cut(shown(body), 10, characters)
    assert string(head) + string(tail) == "https://a.example/"
    assert spans(head) == [(0, 10)]
    assert spans(tail) == [(10, len(body))]


def test_code_that_no_page_holds_is_cut_between_lines() -> None:
    head, tail = cut(shown("```\nx = 1\ny = 22\nz\n```"), 12, characters)
    assert head[-1] == Run("x = 1\n", (4, 10), code=True)
    assert tail[0] == Run("y = 22\nz", (10, 18), code=True)


def test_looks_stay_on_both_sides() -> None:
    head, tail = cut(shown("＞引用の長い一文。続き"), 9, characters)
    assert head[-1] == Run("引用の長い一文。", (1, 9), quoted=True)
    assert tail == (Run("続き", (9, 11), quoted=True),)


def test_a_text_of_many_runs_is_cut_once() -> None:
    calls = 0

    def measure(run: Run | Moment) -> int:
        nonlocal calls
        calls += 1
        return characters(run)

    text = shown("`a` https://a.example/b\n" * 10_000)
    head, tail = cut(text, 4_000, measure)
    assert len(head) + len(tail) >= len(text)
    assert calls < 2_000


@pytest.mark.parametrize(
    ("body", "length", "short"),
    [
        ("短い文。", 10, "短い文。"),
        ("一文目が長い。二文目も長いので切る", 12, "一文目が長い。…"),
        ("一行目\n\n二行目はとても長い", 8, "一行目…"),
        ("切れ目のない長い文", 5, "切れ目の…"),
        ("見て https://a.example/b", 12, "見て…"),
        ("見て", 1, "…"),
    ],
)
def test_an_overview_is_shortened_at_a_sentence(body: str, length: int, short: str) -> None:
    text = shortened(shown(body), length)
    assert string(text) == short
    assert len(short) <= length
    if short.endswith("…"):
        assert text[-1] == Run("…")


@given(bodies, st.integers(1, 80))
def test_an_overview_is_never_longer_and_has_no_space_at_its_end(body: str, length: int) -> None:
    text = shortened(shown(body), length)
    assert len(string(text)) <= length
    if text != shown(body):
        said = string(text).removesuffix("…")
        assert said == said.rstrip()
        assert string(shown(body)).startswith(said)
