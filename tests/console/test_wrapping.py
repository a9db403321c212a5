"""Lines broken at the edge of a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.console.ink import CODE, PLAIN, Look, Span
from adapters.console.wrapping import width_of, wrapped


def pieces(text: str, width: int | None, look: Look = PLAIN) -> list[str]:
    return ["".join(span.text for span in piece) for piece in wrapped((Span(text, look),), width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("そのまま", None, ["そのまま"]),
        ("そのまま", 8, ["そのまま"]),
        ("あいうえお", 6, ["あいう", "えお"]),
        # A column is left empty where a wide character does not fit.
        ("あいうえお", 7, ["あいう", "えお"]),
        ("あいう。えお", 6, ["あい", "う。え", "お"]),
        ("あい「うえ」お", 6, ["あい", "「う", "え」お"]),
        ("あチャーハン", 6, ["あ", "チャー", "ハン"]),
        ("GPUのメモリ", 6, ["GPUの", "メモリ"]),
        ("the quick fox", 9, ["the quick", "fox"]),
        ("the  quick", 4, ["the", "quic", "k"]),
        ("見て https://example.org/abc", 12, ["見て", "https://exam", "ple.org/abc"]),
        ("。。。。。", 4, ["。。", "。。", "。"]),
        ("👨‍👩‍👧👨‍👩‍👧", 3, ["👨‍👩‍👧", "👨‍👩‍👧"]),
        ("か\u3099か\u3099", 2, ["か\u3099", "か\u3099"]),
        ("ｶﾞｷﾞ", 2, ["ｶﾞ", "ｷﾞ"]),
        ("", 5, [""]),
        ("ab", 0, ["ab"]),
        ("漢字", 1, ["漢", "字"]),
    ],
)  # fmt: skip
def test_where_a_line_breaks(text: str, width: int | None, expected: list[str]) -> None:
    assert pieces(text, width) == expected


def test_code_keeps_its_spaces() -> None:
    code = "x  =  foo(1,   2)"
    assert "".join(pieces(code, 6, Look(colour=CODE))) == code


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])), st.integers(2, 30))
def test_nothing_is_lost_but_spaces_and_nothing_is_too_wide(text: str, width: int) -> None:
    made = pieces(text, width)
    assert "".join(made).replace(" ", "").replace("　", "") == (
        text.replace(" ", "").replace("　", "")
    )
    for piece in made:
        assert cell_len(piece) <= width or len(piece.strip()) <= 1 or cell_len(piece[:1]) == 0


def test_looks_stay_with_their_characters() -> None:
    bold = Look(bold=True)
    made = list(wrapped((Span("あい", bold), Span("うえ")), 6))
    assert made == [(Span("あい", bold), Span("う")), (Span("え"),)]
    assert width_of(made[0]) == 6
