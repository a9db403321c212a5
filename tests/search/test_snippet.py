"""Cutting the piece of a text that shows why it was found."""

from itertools import pairwise

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.search.snippet import ELLIPSIS, snippet

texts = st.text(
    alphabet=st.one_of(
        st.sampled_from("あいう。、gpu \n👨\u200d👩🏽🇯🇵か\u3099e\u0301"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=400,
)


def graphemes(text: str) -> set[int]:
    return {match.start() for match in regex.finditer(r"\X", text)} | {len(text)}


@given(texts, st.data())
def test_a_snippet_is_a_piece_of_its_source_cut_between_graphemes(
    source: str, data: st.DataObject
) -> None:
    spans = []
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(source)))
        spans.append((start, data.draw(st.integers(start, len(source)))))
    width = data.draw(st.integers(80, 160))
    cut = snippet(source, spans, width)
    assert 0 <= cut.start <= cut.end <= len(source)
    assert cut.end - cut.start <= width
    assert "\n" not in cut.text
    piece = cut.text.removeprefix(ELLIPSIS if cut.start > 0 else "")
    piece = piece.removesuffix(ELLIPSIS if cut.end < len(source) else "")
    assert len(piece) == cut.end - cut.start
    assert all(a == b or a == " " for a, b in zip(piece, source[cut.start : cut.end], strict=True))
    # Clusters of more than the neighbourhood that is looked at (no script has them) may be cut.
    boundaries = graphemes(source)
    if max((b - a for a, b in pairwise(sorted(boundaries))), default=0) < 16:
        assert {cut.start, cut.end} <= boundaries
    assert all(0 <= start <= end <= len(cut.text) for start, end in cut.matches)


def test_the_match_is_within_the_snippet_and_marked() -> None:
    source = "前置き。" * 60 + "ここでメモリ帯域が足りない。" + "後書き。" * 60
    at = source.index("メモリ帯域")
    cut = snippet(source, [(at, at + 5)])
    ((start, end),) = cut.matches
    assert cut.text[start:end] == "メモリ帯域"
    assert cut.text.startswith("…ここで")
    assert cut.text.endswith("…")


def test_a_short_text_is_shown_whole() -> None:
    assert snippet("短い\n文", [(0, 2)]).text == "短い 文"


def test_the_window_with_most_matches_wins() -> None:
    source = "gpu" + "。" * 300 + "gpu と gpu"
    places = [match.span() for match in regex.finditer("gpu", source)]
    cut = snippet(source, places)
    assert len(cut.matches) == 2
