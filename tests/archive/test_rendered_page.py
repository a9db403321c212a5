"""The reader of rendered pages: its grammar, tags with spaces, and pages that were cut off."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.archive import hugo_post
from bot.archive.reading import MAX_COMMENTS
from bot.archive.rendered_page import FIRST_LINE, is_rendered, read, split_tags
from bot.errors import PostRefused
from bot.model import Comment, Post, Section

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"

ITEM = "https://news.ycombinator.com/item?id=44365320"
HEAD = f"{FIRST_LINE}\n\n題名\n\n·3 分\n2025/06 GPU 最適化\n\n題名\n\n引用元:{ITEM}\n\n"
FOOT = "\n記事一覧へ\n\nサイト\n著者\nサイト\n説明の文\n"


def page(*comments: str, head: str = HEAD, foot: str = FOOT) -> str:
    """A page with these comments, each "user stamp", a blank line and a body."""
    return head + "\n\n".join(comments) + "\n" + foot


def comment(body: str = "本文", user: str = "u", stamp: str = "2025/06/24 01:02:03") -> str:
    """A comment as a page shows it."""
    return f"{user} {stamp}\n\n{body}" if body else f"{user} {stamp}"


def bodies(text: str) -> list[str]:
    """The bodies of a page's comments."""
    return [found.body for found in read(text, "a.txt").post.comments]


def refusal(text: str) -> PostRefused:
    """Why a page is refused."""
    with pytest.raises(PostRefused) as refused:
        read(text, "a.txt")
    return refused.value


def test_a_whole_page_is_read_part_by_part() -> None:
    text = page(
        comment("一行目\n\n三行目", "simonw"),
        "もっとコメントを表示(1)\n" + comment("畳", "a", "2025-02-14T23:55:10"),
        comment("", "b"),
    )
    result = read(text, "posts/001_page.txt")
    stamp = datetime(2025, 6, 24, 1, 2, 3, tzinfo=UTC)
    assert result.rendered
    assert result.findings == ()
    assert result.post == Post(
        slug="001_page",
        path="posts/001_page.txt",
        title="題名",
        date=datetime(2025, 6, 1),  # noqa: DTZ001 (a day has no zone)
        date_exact=False,
        month="2025/06",
        tags=("GPU", "最適化"),
        draft=False,
        thumbnail=None,
        source_url=ITEM,
        item_id=44365320,
        sections=(Section(0, None, 1), Section(1, "もっとコメントを表示(1)", 2)),
        comments=(
            Comment(1, 0, "simonw", stamp, None, "一行目\n\n三行目"),
            Comment(2, 1, "a", datetime(2025, 2, 14, 23, 55, 10, tzinfo=UTC), None, "畳"),
            Comment(3, 1, "b", stamp, None, ""),
        ),
    )


@pytest.mark.parametrize("change", [("\n", "\r\n"), (FIRST_LINE, "\ufeff" + FIRST_LINE)])
@pytest.mark.parametrize("before", ["", "\n\n"])
def test_carriage_returns_and_a_byte_order_mark_change_nothing(
    change: tuple[str, str], before: str
) -> None:
    text = page(comment("a\nb"), comment("c"))
    other = before + text
    other = other.replace(*change) if change[0] == "\n" or not before else other
    assert is_rendered(other)
    assert read(other, "a.txt") == read(text, "a.txt")


@pytest.mark.parametrize(
    "text", ["", "題名", "+++\n+++\n", FIRST_LINE + "。", "x\n" + FIRST_LINE, " " + FIRST_LINE]
)
def test_only_the_first_line_as_a_whole_tells_a_page(text: str) -> None:
    assert not is_rendered(text)


def test_a_line_that_only_contains_a_head_belongs_to_the_body() -> None:
    body = (
        "彼は u 2025/06/24 01:02:03 と書いた\nu 2025/06/24 01:02:03 と\n 2025/06/24 01:02:03\n"
        "名前 2025/06/24 01:02:03\n" + "x" * 16 + " 2025/06/24 01:02:03\nu ２０２５/06/24 01:02:03"
    )
    assert bodies(page(comment(body), comment())) == [body, "本文"]


def test_a_line_that_only_looks_like_a_fold_or_the_footer_belongs_to_the_body() -> None:
    body = "もっとコメントを表示(1)\n記事一覧へ\n著者\n続き\n\nもっと読む"
    assert bodies(page(comment(body + "\n末尾"), comment())) == [body + "\n末尾", "本文"]


@pytest.mark.parametrize(
    "summary",
    ["もっとコメントを表示(1)", "もっとコメントを表示（12）", "もっとコメントを表示", "もっと読む"],
)
def test_a_summary_before_a_head_begins_a_fold(summary: str) -> None:
    post = read(page(f"{summary}\n{comment('a')}", comment("b")), "a.txt").post
    assert post.sections == (Section(0, None, 0), Section(1, summary, 2))


def test_line_separators_do_not_end_a_line() -> None:
    body = "a\u2028u 2025/06/24 01:02:03\x85b\x0cc"
    assert bodies(page(comment(body))) == [body]


@pytest.mark.parametrize("foot", [FOOT, FOOT.replace("記事一覧へ\n\n", ""), "\n\n" + FOOT + "\n\n"])
def test_the_link_back_may_be_missing(foot: str) -> None:
    assert bodies(page(comment("a"), foot=foot)) == ["a"]


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        (FIRST_LINE, "refused.page_head", 1),
        ("\n\n" + FIRST_LINE + "\n題\n", "refused.page_head", 3),
        (page(comment()).replace("·3 分", "3 分"), "refused.page_head", 1),
        (page(comment()).replace("題名", "他の題", 1), "refused.page_head", 8),
        (page(comment()).replace("2025/06 GPU", "06/2025 GPU"), "refused.page_month", 6),
        (page(comment()).replace("2025/06 GPU", "2025/13 GPU"), "refused.page_month", 6),
        (page(comment()).replace("2025/06 GPU", "２０２５/06 GPU"), "refused.page_month", 6),
        (page("コメントではない文"), "refused.page_head", 11),
        (page(comment()).removesuffix(FOOT), "refused.page_cut_off", 15),
        (page(comment("a\n著者\nb"), foot=""), "refused.page_cut_off", 17),
        (HEAD, "refused.page_cut_off", 12),
    ],
)  # fmt: skip
def test_a_page_that_is_none_or_was_cut_off_is_refused(text: str, key: str, line: int) -> None:
    refused = refusal(text)
    assert (refused.key, refused.line) == (key, line)


def test_a_page_that_is_cut_off_anywhere_is_never_taken() -> None:
    text = page(comment("a"), "もっとコメントを表示(1)\n" + comment("b"))
    whole = text.index("サイト\n説明")
    for end in range(len(FIRST_LINE), whole):
        assert refusal(text[:end]).key.startswith("refused.page_")


def test_a_page_lacks_what_is_not_important_with_a_warning() -> None:
    result = read(page(comment()).replace(f"引用元:{ITEM}\n\n", ""), "a.txt")
    assert result.post.source_url is None
    assert [finding.key for finding in result.findings] == ["finding.no_source"]
    result = read(page(), "a.txt")
    assert result.post.comments == ()
    assert result.post.sections == (Section(0, None, 0),)
    assert [finding.key for finding in result.findings] == ["finding.no_comments"]


TAGS = {"GPU", "Hacker News", "ローカル LLM", "ローカル LLM 入門", "a b c d"}


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("", ()),
        ("GPU", ("GPU",)),
        ("Hacker News GPU", ("Hacker News", "GPU")),
        ("ローカル LLM 入門", ("ローカル LLM 入門",)),
        ("ローカル LLM GPU", ("ローカル LLM", "GPU")),
        ("ローカル GPU LLM", ("ローカル", "GPU", "LLM")),
        ("a b c", ("a", "b", "c")),
        ("GPU GPU Hacker", ("GPU", "Hacker")),
        ("hacker news", ("hacker", "news")),
    ],
)
def test_tags_with_spaces_are_recognised_among_those_known(
    line: str, tags: tuple[str, ...]
) -> None:
    assert split_tags(line.split(), TAGS) == tags
    assert split_tags(line.split(), ()) == tuple(dict.fromkeys(line.split()))
    if line:
        text = page(comment()).replace("GPU 最適化", line)
        assert read(text, "a.txt", TAGS).post.tags == tags


def test_a_page_with_more_comments_than_the_index_holds_is_refused() -> None:
    head = "u 2025/06/24 01:02:03\n"
    assert len(bodies(HEAD + head * MAX_COMMENTS + FOOT)) == MAX_COMMENTS
    refused = refusal(HEAD + head * (MAX_COMMENTS + 1) + FOOT)
    assert (refused.key, refused.line) == ("refused.too_many_comments", 12 + MAX_COMMENTS)


def test_hostile_pages_are_read_within_seconds() -> None:
    fold = "もっと読む\nu 2025/06/24 01:02:03\n"
    begun = time.process_time()
    assert len(read(HEAD + fold * MAX_COMMENTS + FOOT, "a.txt").post.sections) == MAX_COMMENTS + 1
    assert bodies(HEAD + "\n" * 1_000_000 + FOOT) == []
    refusal(HEAD + "サイト\n著者\n" * 200_000)
    read(page(comment()).replace("GPU", " ".join(["GPU"] * 100_000)), "a.txt", TAGS)
    assert time.process_time() - begun < 4


# What a browser shows of a body: full-width forms of ASCII became ASCII, the typographer put in its
# dots and dashes, the dots of an address that was cut are gone where its line ends, and so is an
# empty line at the end.
_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _shown(body: str) -> str:
    shown = body.translate(_ASCII).replace("...", "…").replace("--", "–").rstrip("\n")
    return re.sub(r"(https?://[^\s…]+)…\n", r"\1\n", shown)


@pytest.mark.skipif(
    not (SHARED / "seeds").is_dir() or not (SHARED / "archive").is_dir(),
    reason="the shared archive is not here",
)
def test_a_rendered_page_is_read_as_its_raw_post() -> None:
    [seed] = (SHARED / "seeds").glob("001*")
    path = "content/posts/2025_06/2025_06_24_basic_facts_about_gpus/index.md"
    raw = hugo_post.read((SHARED / "archive" / path).read_text("utf-8"), path).post
    text = seed.read_text("utf-8")
    assert is_rendered(text)
    shown = read(text, seed.name, raw.tags).post
    assert (shown.title, shown.tags, shown.month) == (raw.title, raw.tags, raw.month)
    assert (shown.source_url, shown.item_id) == (raw.source_url, raw.item_id)
    assert [section.comments for section in shown.sections] == [
        section.comments for section in raw.sections
    ]
    assert [_shown(section.summary or "") for section in shown.sections] == [
        _shown(section.summary or "") for section in raw.sections
    ]
    assert [
        (found.number, found.section, found.user, found.created_at, found.body)
        for found in shown.comments
    ] == [
        (found.number, found.section, found.user, found.created_at, _shown(found.body))
        for found in raw.comments
    ]
