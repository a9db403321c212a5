"""Tokens, and where a term stands in a text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.search.inflection import Stem, short_stem, stem
from bot.search.term import make_term, one_edit_apart
from bot.search.text import normalise
from bot.search.tokens import TAG, marked, tag_key, tokens, vocabulary

mixed = st.text(alphabet="abcXYZ09 -._'+#サーバメモリ帯域幅のをが。、！\u3000", max_size=40)


def found(term: str, text: str) -> list[str]:
    made = make_term(normalise(term))
    assert made is not None
    normalised = normalise(text)
    return [normalised[start:end] for start, end in made.spans(normalised)]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("gpu", "新しいＧＰＵが出た"),
        ("GPU", "gpuだよ"),
        ("ﾒﾓﾘ", "メモリ帯域"),
        ("サーバ", "サーバーを置く"),
        ("サーバー", "サーバを置く"),
        ("サーバー室", "サーバ室が暑い"),
        ("サーバ室", "サーバー室が暑い"),
        ("WiFi", "Wi-Fiが遅い"),
        ("Wi-Fi", "WiFiが遅い"),
        ("wi-fi", "家のWi Fi"),
        ("node.js", "Node.jsで書く"),
        ("nodejs", "Node.jsで書く"),
        ("c++", "C++は難しい"),
        ("c#", "C#でも書ける"),
        ("力", "努力が要る"),
        ("帯域", "メモリ帯域幅"),
        ("GPUメモリ", "GPU メモリが足りない"),
        ("apple silicon", "Apple Siliconは速い"),
        ("tcp/ip", "TCP/IPの本"),
        ("避ける", "リスクを避けるべき"),
    ],
)
def test_a_term_is_found(term: str, text: str) -> None:
    assert found(term, text)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("art", "smartな人"),
        ("c", "C++は難しい"),
        ("c+", "C++は難しい"),
        ("c+", "c+0"),
        ("gpu", "gpusを買う"),
        ("サーバー", "サバ缶"),
        ("コピー", "コピペした"),
        ("帯域メモリ", "メモリ帯域"),
        ("メモリ帯域", "メモリの帯域"),
    ],
)
def test_a_term_is_not_found(term: str, text: str) -> None:
    assert not found(term, text)


def test_the_signs_of_a_word_are_kept_before_japanese() -> None:
    assert {"c++", "c#"} <= set(tokens("c++とc#で"))
    assert "c+" not in tokens("c++とc+0")


@given(mixed, st.data())
@example("サーバー室", None)
def test_what_a_text_holds_is_found_by_its_tokens(text: str, data: st.DataObject | None) -> None:
    """A candidate that matches must be among those the index names: no token may be missing."""
    normalised = normalise(text)
    start = data.draw(st.integers(0, len(normalised))) if data else 0
    end = data.draw(st.integers(start, len(normalised))) if data else len(normalised)
    term = make_term(normalised[start:end])
    if term is not None and term.spans(normalised):
        assert set(term.tokens) <= set(tokens(normalised))


@given(mixed)
def test_tokens_are_what_the_full_text_takes_whole(text: str) -> None:
    for token in tokens(normalise(text)):
        assert token
        assert all(not char.isascii() or char.isalnum() or char in "+#_" for char in token)


@pytest.mark.parametrize("name", ["AT&T", "C++/CLI", "a b", "x_2f", '"q"', "日本 語", "-", ""])
def test_a_tag_is_one_token_whatever_is_in_it(name: str) -> None:
    token = marked(TAG, tag_key(normalise(name)))
    assert all(not char.isascii() or char.isalnum() or char in "+#_" for char in token)


def test_two_spellings_of_a_tag_have_one_key() -> None:
    assert tag_key(normalise("Hacker News")) == tag_key(normalise("ＨackerNews"))
    assert tag_key(normalise("C++")) != tag_key(normalise("C"))


def test_the_vocabulary_has_katakana_and_other_words() -> None:
    assert list(vocabulary(normalise("データセットをKubernetesのサーバーで"))) == [
        "データセット",
        "サーバ",
        "kubernetes",
    ]


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("kubernetes", "kubernets", True),
        ("kubernetes", "kuberntees", True),
        ("kubernetes", "kubernetess", True),
        ("kubernetes", "kubernetez", True),
        ("kubernetes", "kubernetes", False),
        ("abcd", "badc", False),
        ("abc", "abcde", False),
        ("", "a", True),
    ],
)
def test_one_edit(first: str, second: str, near: bool) -> None:
    assert one_edit_apart(first, second) is near
    assert one_edit_apart(second, first) is near


@given(st.text("abcd", min_size=1, max_size=8), st.data())
def test_every_single_edit_is_recognised(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    char = data.draw(st.sampled_from("abcdx"))
    edits = {
        word[:at] + word[at + 1 :],
        word[:at] + char + word[at:],
        word[:at] + char + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    }
    for edited in edits - {word}:
        assert one_edit_apart(word, edited)


def begins(found: Stem, written: str) -> bool:
    """Whether a word begins with a stem and goes on as the stem does."""
    behind = written[len(found.text) :]
    return written.startswith(found.text) and (not found.following or behind[0] in found.following)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("避ける", "避けた"),
        ("避けた", "避けない"),
        ("書く", "書いた"),
        ("書いた", "書けば"),
        ("使う", "使って"),
        ("使って", "使わない"),
        ("読む", "読んだ"),
        ("飲んだ", "飲みたい"),
        ("見る", "見た"),
        ("見ない", "見れば"),
        ("来る", "来ない"),
        ("考える", "考えて"),
        ("話した", "話せる"),
        ("勉強する", "勉強した"),
        ("高い", "高くない"),
        ("高かった", "高い"),
        ("待って", "待つ"),
        ("わかる", "わかった"),
        ("思いつく", "思いついた"),
        ("思いついた", "思いつく"),
        ("見かけて", "見かける"),
        ("気づか", "気づいた"),
        ("言い換えた", "言い換える"),
        ("分かった", "分からない"),
        ("わかった", "わからない"),
        ("感じた", "感じる"),
        ("数える", "数え方"),
        ("借りた", "借ります"),
        ("行った", "行く"),
        ("書かなかった", "書いた"),
        ("泳いだ", "泳ぐ"),
        ("書けば", "書く"),
        ("食べれば", "食べた"),
        ("作られた", "作られて"),
    ],
)
def test_a_verb_s_forms_share_a_stem(asked: str, written: str) -> None:
    found = stem(asked)
    assert found is not None
    assert begins(found, written)


@pytest.mark.parametrize(
    "word", ["gpu", "帯域", "メモリ", "の", "力", "", "よる", "なる", "た", "フで"]
)
def test_what_does_not_inflect_has_no_stem(word: str) -> None:
    assert stem(word) is None


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        ("使う", "使途"),
        ("使う", "使む"),
        ("思いついた", "思う"),
        ("見かけて", "見た"),
        ("言えない", "言った"),
        ("分かれた", "分かった"),
        ("止めた", "止まる"),
    ],
)
def test_a_stem_does_not_take_other_words(asked: str, other: str) -> None:
    found = stem(asked)
    assert found is not None
    assert not begins(found, other)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("とる", "とって"),
        ("つく", "ついた"),
        ("ついた", "つく"),
        ("いる", "いらない"),
        ("いう", "いった"),
    ],
)
def test_of_a_short_verb_one_kana_stays(asked: str, written: str) -> None:
    found = short_stem(asked)
    assert stem(asked) is None
    assert found is not None
    assert begins(found, written)


@pytest.mark.parametrize(
    "word",
    [
        "する",
        "です",
        "だった",
        "そう",
        "こと",
        "もの",
        "ない",
        "た",
        "見る",
        "できる",
        "トる",
        "gpu",
    ],
)
def test_what_is_no_short_verb(word: str) -> None:
    assert short_stem(word) is None
