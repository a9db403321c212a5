"""Normalised text, and the way back to the original."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.text import normalise, normalise_mapped

# What the archive is made of, and what makes normalising hard: marks that compose, characters that
# expand, characters that are dropped.
texts = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "gpuGPUＧＰＵサーバーｻｰﾊﾞｰﾟがか\u3099一…①㍿ﬁßİé e\u0301\u200b\u200d\x00\ue000？！　"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("ＧＰＵ", "gpu"),
        ("ｻｰﾊﾞｰ", "サーバー"),
        ("か\u3099", "が"),
        ("Straße", "strasse"),
        ("①", "1"),
        ("https：／／example．org", "https://example.org"),
        ("exam\u200bple", "example"),
        ("a\x00b\ue000c\u202ed", "abcd"),
        ("…", "..."),
        ("a\ud800b", "ab"),
    ],
)
def test_normalising_ignores_case_width_and_what_nobody_sees(written: str, normalised: str) -> None:
    assert normalise(written) == normalised


@given(texts)
def test_the_fast_way_gives_what_nfkc_gives(text: str) -> None:
    visible = "".join(char for char in text if normalise(char))
    assert normalise(text) == unicodedata.normalize("NFKC", visible).casefold()


@given(texts)
def test_each_character_leads_back_to_where_it_came_from(text: str) -> None:
    mapped = normalise_mapped(text)
    assert len(mapped.text) == len(mapped.starts) == len(mapped.ends)
    assert all(
        0 <= start < end <= len(text) for start, end in zip(mapped.starts, mapped.ends, strict=True)
    )
    assert list(mapped.starts) == sorted(mapped.starts)
    for at, char in enumerate(mapped.text):
        assert char in normalise(text[mapped.starts[at] : mapped.ends[at]])


@given(st.text(alphabet="gpu ＧＰＵサーバーｻｰﾊﾞｰがか\u3099一…①ﬁ\u200b\x00？！\u3000é", max_size=40))
def test_mapped_text_is_the_normalised_text(text: str) -> None:
    assert normalise_mapped(text).text == normalise(text)


def test_a_match_leads_back_over_combined_and_expanded_characters() -> None:
    source = "①ｻｰﾊﾞｰとＧＰＵ"
    mapped = normalise_mapped(source)
    at = mapped.text.index("サーバー")
    start, end = mapped.span(at, at + 4)
    assert source[start:end] == "ｻｰﾊﾞｰ"
    at = mapped.text.index("gpu")
    start, end = mapped.span(at, at + 3)
    assert source[start:end] == "ＧＰＵ"
    assert mapped.span(len(mapped.text), len(mapped.text)) == (len(source), len(source))
