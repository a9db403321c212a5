"""The query language."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.search.query import MAX_LENGTH, OPERATORS, Link, parse


def terms(text: str) -> list[str]:
    return [term.text for term in parse(text).terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gpu", ["gpu"]),
        ("ローカル LLM", ["ローカル", "llm"]),
        ("ローカル　ＬＬＭ", ["ローカル", "llm"]),
        ('"メモリ帯域"', ["メモリ帯域"]),
        ("「メモリ帯域」", ["メモリ帯域"]),
        ("“メモリ帯域”", ["メモリ帯域"]),
        ("＂メモリ帯域＂", ["メモリ帯域"]),
        ('"apple silicon', ["apple silicon"]),
        ('gpu"メモリ帯域"', ["gpu", "メモリ帯域"]),
        ("GPU、メモリ。", ["gpu", "メモリ"]),
        ("c++ c#", ["c++", "c#"]),
        ("localhost:8080", ["localhost:8080"]),
        ("std::vector", ["std::vector"]),
        ("http://example.org", ["http://example.org"]),
        ("gpu !!! -", ["gpu"]),
        ("re-rank", ["re-rank"]),
        ("g\u200bpu\x00", ["gpu"]),
    ],
)
def test_words_and_phrases(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_operators_narrow_the_search() -> None:
    query = parse('llm -AMD tag:"Hacker News" #GPU -tag:AI user:@simonw is:highlight sort:new')
    assert [term.text for term in query.terms] == ["llm"]
    assert [term.text for term in query.excluded] == ["amd"]
    assert query.tags == ("hackernews", "gpu")
    assert query.excluded_tags == ("ai",)
    assert query.users == ("simonw",)
    assert query.highlights
    assert query.newest_first
    assert not query.in_title
    assert parse("in:title gpu").in_title
    assert parse("ＴＡＧ：ＧＰＵ").tags == ("gpu",)


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("month:2025-06", date(2025, 6, 1), date(2025, 7, 1)),
        ("month:2025/12", date(2025, 12, 1), date(2026, 1, 1)),
        ("month:2025年6月", date(2025, 6, 1), date(2025, 7, 1)),
        ("after:2025-05-01", date(2025, 5, 1), None),
        ("before:2025-05", None, date(2025, 5, 1)),
        ("after:2025", date(2025, 1, 1), None),
        ("month:2025-06 after:2025-06-10", date(2025, 6, 10), date(2025, 7, 1)),
    ],
)
def test_days(text: str, after: date | None, before: date | None) -> None:
    query = parse(text)
    assert (query.after, query.before) == (after, before)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "query.empty"),
        ("   ", "query.empty"),
        ('""', "query.empty"),
        ('"""', "query.empty"),
        ("「」『』", "query.empty"),
        ("!!! 🔥", "query.empty"),
        ("\x00\u202e\ud800", "query.empty"),
        ("-AMD", "query.only_excluded"),
        ("-tag:AI", "query.only_excluded"),
        ("in:title", "query.empty"),
        ("tag:", "query.no_value"),
        ("user: gpu", "query.no_value"),
        ("tags:GPU", "query.unknown_operator"),
        ("author:simonw", "query.unknown_operator"),
        ("is:hot gpu", "query.bad_value"),
        ("in:body gpu", "query.bad_value"),
        ("sort:old gpu", "query.bad_value"),
        ("month:2025-13", "query.bad_month"),
        ("month:2025", "query.bad_month"),
        ("month:june", "query.bad_month"),
        ("after:yesterday", "query.bad_date"),
        ("after:2025-02-30", "query.bad_date"),
        ("before:9999-99-99", "query.bad_date"),
        ("after:2025-06-01 before:2025-05-01", "query.empty_range"),
        ("in:title is:highlight gpu", "query.title_of_comment"),
        ("in:title user:simonw gpu", "query.title_of_comment"),
        ("-user:simonw gpu", "query.not_negatable"),
        ("x" * (MAX_LENGTH + 1), "query.too_long"),
        ("a " * 100, "query.too_many_words"),
    ],
)
def test_what_is_wrong_is_said(text: str, key: str) -> None:
    with pytest.raises(UserError) as raised:
        parse(text)
    assert raised.value.key == key


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://news.ycombinator.com/item?id=44365320", Link(item_id=44365320)),
        (" <https://news.ycombinator.com/item?id=44365320> ", Link(item_id=44365320)),
        ("https://news.ycombinator.com/item?p=2&id=7#8", Link(item_id=7)),
        ("https://blog.example/posts/2025_06/2025_06_24_gpu/", Link(slug="2025_06_24_gpu")),
        ("https://blog.example/posts/2025_06/2025_06_24_gpu?x=1", Link(slug="2025_06_24_gpu")),
    ],
)
def test_links_open_posts(text: str, link: Link) -> None:
    assert parse(text, "https://blog.example/").link == link


def test_links_of_other_sites_are_searched_for_as_text() -> None:
    query = parse("https://other.example/posts/2025_06/x/", "https://blog.example/")
    assert query.link is None
    assert query.terms


@given(st.text(max_size=200))
def test_nothing_that_a_person_types_is_an_error_of_ours(text: str) -> None:
    try:
        query = parse(text)
    except UserError:
        return
    assert (
        query.link
        or query.terms
        or query.tags
        or query.users
        or query.highlights
        or (query.after or query.before)
    )


@given(
    st.lists(
        st.one_of(
            st.sampled_from([operator.example for operator in OPERATORS.values()]),
            st.sampled_from(
                ['"', "「", "-", "#", "tag:", "after:", "gpu", "-amd", "　", ":", "is:"]
            ),
            st.text(max_size=8),
        ),
        max_size=12,
    )
)
def test_no_mixture_of_operators_is_an_error_of_ours(parts: list[str]) -> None:
    for joined in (" ".join(parts), "".join(parts)):
        try:
            parse(joined)
        except UserError as error:
            assert error.key.startswith("query.")


def test_every_operator_s_example_is_right() -> None:
    for name, operator in OPERATORS.items():
        assert operator.example.startswith(f"{name}:")
        parse(f"gpu {operator.example}")
