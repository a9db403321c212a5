"""Which comments of a post are chosen."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.archive.hugo_post import read
from bot.digest.choosing import (
    FEWEST,
    GLANCE,
    MOST,
    MOST_OVERLAP,
    SHORTEST,
    WEIGHTS,
    choose,
    overlap,
    shingles,
)
from bot.digest.common_terms import COMMON_TERMS
from bot.digest.standing import stands_alone
from bot.model import Post
from bot.search.text import normalise
from tests.digest.posts import COLOUR, comment, post

ROOT = Path(__file__).resolve().parents[2]

# A discussion in which the memory's bandwidth is what most speak of; each stands alone.
BANDWIDTH = (
    "推論の速度を決めるのは演算性能ではなくメモリ帯域で、量子化が効くのも帯域の節約になるから。"
    "実測では帯域が半分のGPUは生成も半分の速度だった。"
)
QUANTISED = (
    "量子化すると精度が落ちると言われるけれど、4ビットまでなら日本語の要約で差は感じない。"
    "うちの評価では人手の採点で1点も変わらなかった。"
)
POWER = (
    "中古のGPUを3枚積んだら、冬は暖房がいらなくなった。電気代は月に4,200円増えたけれど、"
    "灯油代が3,900円減ったので、ほとんど差し引きゼロである。"
)
RENTAL = (
    "毎日8時間使わないなら、買うよりクラウドの時間貸しが安い。1時間60円として、"
    "20万円の元を取るには3,300時間、平日だけなら1年半かかる計算になる。"
)
OFF_TOPIC = (
    "隣の家の犬が配達員にだけ吠えるのは、制服の色を覚えているせいらしい。"
    "去年の秋に濃紺から緑へ替わった途端、玄関はすっかり静かになった。"
)
CHATTER = [
    "メモリ帯域の話ばかりだ。",
    "帯域が足りないと量子化の意味もない。",
    "GPUのメモリ帯域を測る道具がほしい。",
    "量子化とGPUの速度の表がほしい。",
    "推論の速度はGPUの電気代で決まる。",
    "中古のGPUは電気代で損をする。",
    "クラウドの時間貸しで推論を試した。",
]
DISCUSSION = [OFF_TOPIC, *CHATTER[:4], POWER, BANDWIDTH, *CHATTER[4:], QUANTISED, RENTAL]


def bodies(made: Post, numbers: tuple[int, ...]) -> list[str]:
    return [made.comments[number - 1].body for number in numbers]


def chosen(*comments: object, **weights: float) -> list[str]:
    made = post(comments)  # type: ignore[arg-type]
    return bodies(made, choose(made, weights=replace(WEIGHTS, **weights)))


def test_those_that_stand_for_most_of_the_discussion_come_first() -> None:
    found = chosen(*DISCUSSION, position=0)
    assert found[0] == BANDWIDTH
    assert set(found) == {BANDWIDTH, POWER, RENTAL}


def test_a_word_that_is_said_already_counts_no_more() -> None:
    again = (
        "推論の速度を上げたいなら、演算性能よりメモリ帯域にお金を払ったほうがいい。"
        "量子化してもしなくても、帯域の広いGPUが必ず速かった。"
    )
    without = [again if body == BANDWIDTH else body for body in DISCUSSION]
    assert chosen(*without, position=0)[0] == again
    found = chosen(*DISCUSSION, again, position=0)
    assert len({BANDWIDTH, again} & set(found)) == 1
    assert {POWER, RENTAL} < set(found)


@pytest.mark.parametrize(
    "lead",
    ["＞ 演算性能で決まる\n", "それは違って、", "ほんとそれ。", "この話だけど、", "君の言う通り、"],
)
def test_what_leans_on_another_comment_is_not_chosen(lead: str) -> None:
    leaning = lead + BANDWIDTH
    comments = [leaning if body == BANDWIDTH else body for body in DISCUSSION]
    assert leaning not in chosen(*comments)
    assert BANDWIDTH in chosen(*DISCUSSION)


def test_of_two_that_say_the_same_one_is_chosen() -> None:
    nearly = BANDWIDTH.replace("実測では", "実際には") + "本当に。"
    found = chosen(*DISCUSSION, nearly)
    assert len({BANDWIDTH, nearly} & set(found)) == 1
    assert overlap(shingles(BANDWIDTH), shingles(nearly)) > MOST_OVERLAP


def test_a_colour_settles_what_is_equal_and_nothing_else() -> None:
    twin = POWER.replace("3枚", "4枚")
    for coloured in (POWER, twin):
        pair = [
            comment(body, colour=COLOUR if body == coloured else None) for body in (POWER, twin)
        ]
        comments = [body for body in DISCUSSION if body != POWER]
        for order in (pair, pair[::-1]):
            assert coloured in chosen(*comments, *order, position=0)
    aside = [comment(OFF_TOPIC, colour=COLOUR), *DISCUSSION[1:]]
    assert chosen(*aside, position=0)[0] == BANDWIDTH


def test_a_link_settles_what_is_equal() -> None:
    linked = POWER + "https://example.org/heat"
    plain = POWER.replace("3枚", "4枚")
    comments = [body for body in DISCUSSION if body != POWER]
    found = chosen(*comments, plain, linked, position=0)
    assert linked in found
    assert linked not in chosen(*comments, plain, linked, position=0, evidence=-0.2)


def test_the_earlier_one_settles_what_is_equal() -> None:
    twins = [comment(POWER, user="bob"), comment(POWER.replace("3枚", "4枚"), user="alice")]
    comments = [body for body in DISCUSSION if body != POWER]
    for order in (twins, twins[::-1]):
        assert order[0].body in chosen(order[0], *comments, order[1])


def test_one_in_english_is_chosen_where_there_is_no_other() -> None:
    english = (
        "GPU memory bandwidth decides how fast inference runs, and quantised weights help "
        "because fewer bytes travel over it for every token."
    )
    assert chosen(english) == [english]
    assert english not in chosen(*DISCUSSION, english)[:4]


@pytest.mark.parametrize(
    "comments",
    [
        [],
        [""],
        ["", " \n ", "\u200b"],
        ["短い"],
        ["＞ 一つ目\n答え" + "あ" * 80, "＞ 二つ目\n答え" + "い" * 80],
    ],
)
def test_where_nothing_stands_alone_nothing_is_chosen(comments: list[str]) -> None:
    assert chosen(*comments) == []


def test_of_a_tiny_post_what_there_is() -> None:
    short = "続きはこちらで読める：https://example.org/more"
    assert chosen("議論の続きは本家の記事で読めます。https://example.org/more") != []
    assert chosen(BANDWIDTH) == [BANDWIDTH]
    assert chosen(BANDWIDTH, "それは違う。") == [BANDWIDTH]
    assert short not in chosen(*DISCUSSION, short)


def test_a_long_one_is_chosen_only_where_too_few_are_read_at_a_glance() -> None:
    long = (BANDWIDTH + QUANTISED + RENTAL) * 40
    assert len(long) > 5_000
    assert chosen(long, "短すぎる。") == [long]
    assert long not in chosen(long, *DISCUSSION)
    lines = "\n".join(f"推論の速度 {number} 帯域 量子化" for number in range(14))
    assert len(lines) < GLANCE
    assert lines not in chosen(lines, *DISCUSSION)


def test_the_choice_is_three_to_five_and_stops_where_little_is_added() -> None:
    assert MOST >= len(chosen(*DISCUSSION)) >= FEWEST
    assert OFF_TOPIC not in chosen(*DISCUSSION)


def test_the_normalised_texts_may_be_given() -> None:
    made = post(DISCUSSION)
    assert choose(made, [normalise(each.body) for each in made.comments]) == choose(made)


def test_another_process_chooses_the_same() -> None:
    """Sets give their members in another order in each process."""
    code = (
        "from tests.digest.test_choosing import DISCUSSION, post, choose\n"
        "print(choose(post(DISCUSSION * 3)))"
    )
    for seed in ("1", "2", "3"):
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == str(choose(post(DISCUSSION * 3)))


def test_common_words_are_words_and_say_less() -> None:
    assert 200 < len(COMMON_TERMS) < 1_000
    assert {"問題", "コード", "https"} <= COMMON_TERMS
    common = ["問題と理由と結果を説明する。"] * 6
    telling = (
        "問題の理由と結果を説明すると、最初から意味のある議論を期待した自分が間違いで、"
        "必要な情報は記事に全部書いてあった、という話に尽きると思う。"
    )
    assert chosen(*DISCUSSION, *common, telling, position=0)[0] == BANDWIDTH


def examples() -> list[Post]:
    return [
        read(path.read_text("utf-8"), str(path.relative_to(ROOT / "examples/archive"))).post
        for path in sorted((ROOT / "examples/archive").rglob("*.md"))
    ]


@pytest.mark.parametrize("made", examples(), ids=lambda made: made.slug)
def test_the_sample_posts_have_choices_that_keep_the_rules(made: Post) -> None:
    numbers = choose(made)
    assert 1 <= len(numbers) <= MOST
    assert len(set(numbers)) == len(numbers)
    found = [made.comments[number - 1] for number in numbers]
    assert all(stands_alone(normalise(each.body)) for each in found)
    assert all(SHORTEST <= len(each.body) <= GLANCE for each in found[FEWEST:])


def test_the_document_tells_the_choices_of_the_sample_posts() -> None:
    told = re.findall(
        r"^`(\w+)`: ([\d, ]+)\.$", (ROOT / "docs/choosing.md").read_text("utf-8"), re.MULTILINE
    )
    choices = {made.slug: choose(made) for made in examples()}
    assert len(told) >= 2
    for slug, numbers in told:
        assert tuple(map(int, numbers.split(", "))) == choices[slug]


WORDS = ("メモリ", "帯域", "gpu", "量子化", "推論", "電気代", "問題", "速度", "クラウド", "犬")
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(
    lambda w: "と".join(w) + "。"
)
COMMENTS = st.lists(
    st.builds(
        comment,
        body=st.one_of(
            st.lists(SENTENCE, min_size=1, max_size=6).map("".join),
            st.text(max_size=60),
            SENTENCE.map(lambda body: "＞ " + body),
        ),
        user=st.sampled_from(("alice", "bob")),
        colour=st.sampled_from((None, COLOUR)),
        minute=st.integers(0, 3),
    ),
    max_size=30,
)


@given(COMMENTS, st.integers(0, 1000))
@example([comment(BANDWIDTH), comment(BANDWIDTH), comment(BANDWIDTH, colour=COLOUR)], 1)
@settings(deadline=None)
def test_in_whichever_order_the_comments_come_the_choice_is_the_same(
    comments: list[object], seed: int
) -> None:
    weights = replace(WEIGHTS, position=0)

    def content(order: list[object]) -> list[object]:
        made = post(order)  # type: ignore[arg-type]
        numbers = choose(made, weights=weights)
        return [replace(made.comments[number - 1], number=0) for number in numbers]

    shuffled = Random(seed).sample(comments, len(comments))
    assert content(shuffled) == content(comments)


@given(COMMENTS)
@settings(deadline=None)
def test_whatever_the_comments_are_the_choice_keeps_the_rules(comments: list[object]) -> None:
    made = post(comments)  # type: ignore[arg-type]
    numbers = choose(made)
    assert numbers == choose(made)
    assert len(set(numbers)) == len(numbers) <= MOST
    texts = [normalise(body) for body in bodies(made, numbers)]
    assert all(map(stands_alone, texts))
    sets = [shingles(text) for text in texts]
    for at, one in enumerate(sets):
        assert all(overlap(one, other) <= MOST_OVERLAP for other in sets[:at])
    standing = [text for each in made.comments if stands_alone(text := normalise(each.body))]
    assert bool(numbers) == any(len(text) >= 20 for text in standing)
