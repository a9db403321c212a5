"""Lines and rows that stay whole on a usual screen; days as people write them."""

from datetime import UTC, date, datetime

import pytest

from bot.chat.columns import columns
from bot.chat.dates import day_text, month_text, named_month, post_day
from bot.chat.rows import in_rows
from bot.chat.unfolding import Unfolded
from bot.chat.views.announcement import progress_note
from bot.chat.views.parts import LINE, with_tags
from bot.chat.views.thread import thread_heading
from bot.locales import Texts
from bot.model import Post, Section
from bot.view import Button, Run

JA, EN = Texts("ja"), Texts("en")
DAY = date(2025, 7, 2)


def rows(*labels: str, most: int = 5, width: int | None = 84) -> list[list[str]]:
    found = in_rows([Button(label) for label in labels], most, width)
    return [[button.label for button in row] for row in found]


def test_a_japanese_sign_takes_two_columns() -> None:
    assert [columns(text) for text in ("", "GPU", "ＧＰＵ", "か\u3099", "💬 28")] == [0, 3, 6, 2, 5]


def test_no_button_is_left_alone_in_a_row_where_others_could_join_it() -> None:
    assert rows("a", "b", "c", "d", "e", width=None, most=4) == [["a", "b", "c", "d"], ["e"]]
    assert rows("a", "b", "c", "d", "e", most=4) == [["a", "b", "c"], ["d", "e"]]
    tags = ["#プログラミング", "#データベース", "#ハードウェア", "#バックエンド", "#セキュリティ"]
    assert rows(*tags) == [tags[:3], tags[3:]]
    assert rows(*tags[:4]) == [tags[:4]]


def test_a_row_is_never_wider_than_a_screen_but_for_one_button() -> None:
    long, short = "x" * 60, "y"
    assert rows(short, short, long, long, short) == [[short, short, long], [long, short]]
    # Even rows would break: those that are filled one after the other do not.
    assert rows(long, short, short, short, long) == [[long, short, short], [short, long]]
    assert rows(long, long * 2, short) == [[long], [long * 2], [short]]
    assert rows() == []


def test_a_line_has_the_tags_that_fit_on_it() -> None:
    line = with_tags("💬 28　2025年7月2日", ["GPU", "クラウド", "AI", "スタートアップ", "x"])
    assert line == "💬 28　2025年7月2日　#GPU　#クラウド　#AI"
    assert columns(line) <= LINE
    assert with_tags("💬 28", ["長" * 40]) == "💬 28"


def test_days_are_written_as_people_of_a_language_do() -> None:
    assert (day_text(DAY, JA), day_text(DAY, EN)) == ("2025年7月2日", "Jul 2, 2025")
    assert (month_text(DAY, JA), month_text(DAY, EN)) == ("2025年7月", "Jul 2025")
    assert named_month("2024-12", JA) == "2024年12月"
    at = datetime(2025, 7, 2, 23, 59, tzinfo=UTC)
    assert post_day(at, True, EN) == "Jul 2, 2025"
    assert post_day(at, False, JA) == "2025年7月"


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        (("a",), "🧵 スレッドに展開済み：題名"),
        (("a", "b"), "🧵 3件中2件をスレッドに展開済み"),
        (("a", "b", "c"), "🧵 スレッドに展開済み"),
        (("gone",), "🧵 スレッドに展開済み"),
    ],
)
def test_a_digest_says_which_of_its_posts_are_unfolded(
    posts: tuple[str, ...], expected: str
) -> None:
    titles = {"a": "題名", "b": "別の題名", "c": "三つ目"}
    assert progress_note(Unfolded(9, 9, False, posts), JA, titles) == expected


def test_a_message_of_one_post_does_not_name_it() -> None:
    assert progress_note(Unfolded(9, 9, False, ("a",)), JA) == "🧵 スレッドに展開済み"
    assert progress_note(Unfolded(4, 9, True, ("a",)), JA, {"a": "題名", "b": ""}) == (
        "🧵 スレッドに展開中 4/9"
    )
    long = progress_note(Unfolded(9, 9, False, ("a",)), JA, {"a": "長" * 90, "b": ""})
    assert long is not None and len(long) < 60 and long.endswith("…")


@pytest.mark.parametrize(
    ("number", "summary", "expected"),
    [
        (0, None, "題名"),
        (1, "もっとコメントを表示（1）", "題名 · 折りたたみ 1"),
        (2, "もっとコメントを表示 (2)", "題名 · 折りたたみ 2"),
        (3, "もっと読む", "題名 · 折りたたみ 3"),
        (4, None, "題名 · 折りたたみ 4"),
        (5, "余談", "題名 · 余談"),
    ],
)
def test_a_fold_in_a_thread_is_called_by_its_number_or_its_own_name(
    post: Post, number: int, summary: str | None, expected: str
) -> None:
    found = thread_heading(post, Section(number, summary, 1), None, JA)
    assert "".join(run.text for run in found.text if isinstance(run, Run)) == expected


@pytest.fixture
def post() -> Post:
    return Post(
        slug="a", path="posts/a", title="題名", date=datetime(2025, 7, 2, tzinfo=UTC),
        date_exact=True, month="2025/07", tags=(), draft=False, thumbnail=None, source_url=None,
        item_id=None, sections=(), comments=(),
    )  # fmt: skip
