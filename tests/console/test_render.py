"""Views as text: what a person reads, in a pipe, in colours, and on a narrow terminal."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from adapters.console.ink import Colours
from adapters.console.render import Paper, frame, pressables, render
from adapters.console.visible import CONTROLS, visible, web_address
from bot.intent import Help
from bot.locales import Texts
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Choice,
    Heading,
    Image,
    Item,
    Option,
    Paragraph,
    Quote,
    Run,
    Text,
    View,
)
from tests.views import EVERYTHING

JA = Texts("ja")
TOKYO = ZoneInfo("Asia/Tokyo")
CODES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[!-~]*\x1b\\")


def shown(view: View, width: int | None = None, colours: Colours | None = None) -> str:
    return render(view, Paper(width, colours), JA, TOKYO)


def of(*blocks: Block) -> View:
    return View("", blocks)


def test_everything_in_a_pipe() -> None:
    assert (
        shown(EVERYTHING)
        == """\
GPUのメモリは遅い？
https://blog.example/gpu/
2025年6月10日　💬 28　#GPU

▎ #12 alice　2025年6月10日 18:59
▎ メモリ帯域が「足りない」、ということ。
▎ > 引用の行
▎ 答えはx =  1です。https://example.org/a

│ #13 投稿者不明　日時不明
│ （本文なし）

│ #14 bob（続き）
│ 続きの本文…

 1. 題名に一致
  ▎ #3 bob　2025年6月10日 18:59
  ▎ 抜粋の一行
  ・押せない題名
    説明
画像：青い絵
────────────────────────────────────────────────────────────

[2] ◀ 前へ  2/5  [3] 次へ ▶
原文 https://news.ycombinator.com/item?id=1

最近のタグ
[4] GPU 12件  [5] AI"""
    )


def test_everything_on_twenty_columns() -> None:
    text = shown(EVERYTHING, 20)
    assert max(map(cell_len, text.split("\n"))) <= 20
    assert "▎ メモリ帯域が「足り\n▎ ない」、というこ\n▎ と。\n▎ > 引用の行\n" in text
    assert "[2] ◀ 前へ  2/5\n[3] 次へ ▶\n" in text


def test_looks_in_a_terminal() -> None:
    text = shown(EVERYTHING, 80, "truecolor")
    link = "\x1b]8;;https://blog.example/gpu/\x1b\\"
    assert text.startswith(f"{link}\x1b[1mGPUのメモリは遅い？\x1b[0m\x1b]8;;\x1b\\\n\x1b[2m2025")
    assert "\x1b[38;2;69;211;37m▎ \x1b[0m" in text
    assert "\x1b[33mx =  1\x1b[0m" in text
    assert "\x1b[2m> \x1b[0m\x1b[2m引用の行\x1b[0m" in text
    assert CODES.sub("", text).count("https://blog.example") == 0


@pytest.mark.parametrize(
    ("colours", "code"), [("standard", "\x1b[92m▎ "), ("256", "\x1b[38;5;76m▎ ")]
)
def test_a_terminal_with_few_colours_gets_the_nearest(colours: Colours, code: str) -> None:
    assert code in shown(EVERYTHING, 80, colours)


def test_without_colours_there_are_no_codes_at_all() -> None:
    for width in (None, 20, 80):
        assert "\x1b" not in shown(EVERYTHING, width)


def test_the_same_view_gives_the_same_text() -> None:
    assert shown(EVERYTHING, 40, "256") == shown(EVERYTHING, 40, "256")


def test_numbers_count_what_can_be_pressed_in_the_order_of_the_view() -> None:
    found = pressables(EVERYTHING)
    assert [pressable.action for pressable in found] == list(EVERYTHING.actions())
    assert [label for label, _ in found] == ["題名に一致", "◀ 前へ", "次へ ▶", "GPU", "AI"]


def test_codes_stand_beside_what_they_press() -> None:
    codes = {action: f"code{n}" for n, action in enumerate(EVERYTHING.actions())}
    text = render(EVERYTHING, Paper(), JA, TOKYO, codes)
    assert "抜粋の一行\n    code" in text
    assert "[3] 次へ ▶  code2\n" in text


def test_times_are_in_the_zone_of_the_reader() -> None:
    quote = Quote("k", 1, "a", datetime(2025, 6, 10, 20, tzinfo=UTC), None, (Run("x"),))
    assert "2025年6月11日 05:00" in shown(of(quote))
    assert "2025年6月10日 20:00" in render(of(quote), Paper(), JA, ZoneInfo("UTC"))


def test_an_item_beyond_ninety_nine_is_indented_by_its_number() -> None:
    button = Button("開く", Action(Help()))
    items = [Item((Run("題"),), ((Run("下"),),), button) for _ in range(100)]
    assert shown(of(*items)).endswith("99. 題\n    下\n100. 題\n     下")


def test_a_comment_that_is_cut_ends_with_its_last_words() -> None:
    quote = Quote("k", 1, "a", None, None, (Run("本文\n\n"),), cut=True)
    assert shown(of(quote)).endswith("│ 本文…")


def test_a_view_without_blocks_says_its_summary() -> None:
    assert shown(View("何もない", ())) == "何もない"


def test_tabs_are_as_wide_as_can_be_measured() -> None:
    view = of(Heading((Run("a\tb"),)), Paragraph((Run("c\td\n\te"),)))
    assert shown(view) == "a   b\nc   d\n    e"
    assert max(map(cell_len, shown(view, 20).split("\n"))) <= 20


def test_a_frame_is_one_line_whatever_its_title_holds() -> None:
    assert frame("a\nb\tc", Paper()).startswith("── a b")
    assert "\n" not in frame("a\nb", Paper())
    # The lower one has no title, and no hole in its place.
    assert frame("", Paper()) == "─" * 60


def test_the_frame_of_what_others_see_fits() -> None:
    assert frame("#端末 に投稿", Paper(20)) == "── #端末 に投稿 ────"
    assert cell_len(frame("題", Paper())) == 60
    assert max(map(cell_len, frame("長い題名" * 9, Paper(20)).split("\n"))) <= 20


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTP://example.org/", "HTTP://example.org/"),
        ("https://example.org/日本", "https://example.org/%E6%97%A5%E6%9C%AC"),
        ("https://example.org/%E6", "https://example.org/%E6"),
        ("https://example.org/\x1b\\\x07", None),
        ("https://example.org/\x9c", None),
        ("https://example.org/\n", None),
        ("https://example.org/a b", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_terminal_is_given_as_an_address(text: str | None, address: str | None) -> None:
    assert web_address(text) == address


# What others may have written: anything, with controls in it more often than by chance.
WILD = st.text(st.characters() | st.sampled_from("\x1b\x07\x9b\x9c\r\b\t\n　🧵\u202e\u200d\ufe0f"))
TEXTS = st.lists(
    st.builds(
        Run,
        WILD,
        bold=st.booleans(),
        code=st.booleans(),
        quoted=st.booleans(),
        link=st.none() | WILD | WILD.map(lambda text: f"https://x.example/{text}"),
    ),
    max_size=4,
).map(tuple)
BUTTONS = st.builds(
    Button,
    WILD,
    st.none() | st.just(Action(Help())),
    st.none() | WILD.map(lambda text: f"https://x.example/{text}"),
    st.booleans(),
)
BLOCKS = st.one_of(
    st.builds(Heading, TEXTS),
    st.builds(Paragraph, TEXTS, st.booleans()),
    st.builds(
        Quote,
        WILD,
        st.integers(1, 999),
        WILD,
        st.none(),
        st.none() | st.just("#45d325") | WILD,
        TEXTS,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(Item, TEXTS, st.lists(TEXTS, max_size=2).map(tuple), st.none() | BUTTONS),
    st.builds(Image, WILD, WILD),
    st.builds(Buttons, st.lists(BUTTONS, max_size=4).map(tuple)),
    st.builds(
        Choice,
        WILD,
        st.lists(st.builds(Option, WILD, st.just(Action(Help())), WILD), max_size=3).map(tuple),
    ),
)
VIEWS = st.builds(View, WILD, st.lists(BLOCKS, max_size=3).map(tuple))
WIDTHS = st.none() | st.integers(20, 60)
COLOURS = st.sampled_from([None, "standard", "256", "truecolor"])


@settings(max_examples=200)
@given(VIEWS, WIDTHS, COLOURS)
def test_nothing_that_others_wrote_steers_the_terminal(
    view: View, width: int | None, colours: Colours | None
) -> None:
    text = shown(view, width, colours)
    if colours is not None:
        text = CODES.sub("", text)
    assert CONTROLS.search(text) is None


@settings(max_examples=200)
@given(VIEWS, WIDTHS)
def test_every_visible_character_appears(view: View, width: int | None) -> None:
    text = _ink(shown(view, width).replace("\n", ""))
    for block in view.blocks:
        for run in _runs(block):
            for line in run.text.split("\n"):
                for word in line.split():
                    assert _appears(_ink(visible(word)), text)


@settings(max_examples=200)
@given(VIEWS, st.integers(20, 60))
def test_nothing_is_wider_than_the_terminal(view: View, width: int) -> None:
    for line in shown(view, width).split("\n"):
        assert cell_len(line) <= width + 1


def _ink(text: str) -> str:
    """A text without what wrapping may add or take."""
    return re.sub(r"[\s▎│>]", "", text)


def _appears(word: str, text: str) -> bool:
    at = iter(text)
    return all(char in at for char in word)


def _runs(block: Block) -> list[Run]:
    texts: list[Text] = []
    match block:
        case Heading(text) | Paragraph(text) | Quote(text=text):
            texts = [text]
        case Item(title, lines):
            texts = [title, *lines]
        case Choice(prompt, options):
            texts = [(Run(prompt), *(Run(option.label) for option in options))]
        case Buttons(buttons):
            texts = [tuple(Run(button.label) for button in buttons)]
        case _:
            pass
    return [run for text in texts for run in text if isinstance(run, Run)]
