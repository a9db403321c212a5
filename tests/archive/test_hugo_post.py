"""The reader of raw posts: every oddity of their heads that occurs in the archive, and of files."""

import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from bot.archive.hugo_post import read
from bot.archive.reading import (
    MAX_FILE_BYTES,
    decode,
    item_id,
    slug_of,
)
from bot.errors import PostRefused
from bot.model import Comment, Post, Section
from tests.archive.raw_posts import ITEM, PATH, findings, post, quote, refusal, text

_YAML = {"date": "2025-06-24T00:00:00", "title": "題", "tags": "[GPU]", "months": "2025/06"}


def test_a_whole_post_is_read_part_by_part() -> None:
    raw = text(
        quote("一つ目<br>続き", "simonw", hue="#45d325")
        + '{{< details summary="もっとコメントを表示（1）">}}\n'
        + quote("二つ目", "a", "2025-02-14T23:55:10")
        + "{{</details>}}\n"
    )
    result = read(raw, PATH)
    assert result.findings == ()
    assert not result.rendered
    assert result.post == Post(
        slug="2025_06_24_slug",
        path=PATH,
        title="題",
        date=datetime(2025, 6, 24),  # noqa: DTZ001 (a day has no zone)
        date_exact=True,
        month="2025/06",
        tags=("GPU",),
        draft=False,
        thumbnail="thumbnails/color4.jpg",
        source_url=ITEM,
        item_id=44365320,
        sections=(Section(0, None, 1), Section(1, "もっとコメントを表示（1）", 1)),
        comments=(
            Comment(
                1,
                0,
                "simonw",
                datetime(2025, 6, 24, 1, 2, 3, tzinfo=UTC),
                "#45d325",
                "一つ目\n続き",
            ),
            Comment(2, 1, "a", datetime(2025, 2, 14, 23, 55, 10, tzinfo=UTC), None, "二つ目"),
        ),
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("'題'", "題"),
        ("\"It's 'fine'\"", "It's 'fine'"),
        ("'a \"b\" \\n'", 'a "b" \\n'),
        ('"\\u984c \\"x\\""', '題 "x"'),
        ("1", "1"),
        ("1.50", "1.5"),
        ("1e22", "10000000000000000000000"),
        ("inf", "+Inf"),
        ("2025-06-01", "2025-06-01"),
        ("07:32:00.500", "07:32:00.5"),
        ("true", "true"),
        ("' 題 '", " 題 "),
    ],
)
def test_a_title_is_what_toml_and_hugo_make_of_it(written: str, title: str) -> None:
    assert post(text(title=written)).title == title


@pytest.mark.parametrize("written", ["''", "' \\u3000'".replace("'", '"'), "[]", "{}"])
def test_a_post_without_a_title_is_refused(written: str) -> None:
    assert refusal(text(title=written)).key == "refused.no_title"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'2025-02-07T00:00:00'", "2025-02-07T00:00:00"),
        ("'2025-02-07T00:00:01'", "2025-02-07T00:00:01"),
        ("'2025-02-07'", "2025-02-07T00:00:00"),
        ("'2025-02-07 10:20:30'", "2025-02-07T10:20:30"),
        ("'2025-02-07T10:20:30.5Z'", "2025-02-07T10:20:30"),
        ("'2025-02-07T23:20:30+09:00'", "2025-02-07T23:20:30"),
        ("'2025-02-07 23:20:30 +0900'", "2025-02-07T23:20:30"),
        ("'2025-02-07 23:20:30 +0900 JST'", "2025-02-07T23:20:30"),
        ("2025-02-07", "2025-02-07T00:00:00"),
        ("2025-02-07T10:20:30", "2025-02-07T10:20:30"),
        ("2025-02-07T23:20:30.999+09:00", "2025-02-07T23:20:30"),
        ("1735689600", "2025-01-01T00:00:00"),
    ],
)
def test_a_date_is_taken_as_written_without_its_zone(written: str, expected: str) -> None:
    assert post(text(date=written)).date.isoformat() == expected
    assert post(text(date=written)).date_exact


@pytest.mark.parametrize(
    "written",
    [
        "'1 Jun 2025'",
        "'2025/06/01'",
        "'2025-6-1'",
        "'2025-02-30'",
        "'2025-02-07T24:00:00'",
        "'2025-02-07T10:20:30+25:00'",
        "'2025-02-07T10:20:30+09:61'",
        "'２０２５-02-07'",
        "true",
        "'2025-02-07 10:20:30 +09:00 JST'",
        "9223372036854775807",
        "1.5",
        "['2025-02-07']",
    ],
)
def test_a_date_that_is_not_iso_is_refused(written: str) -> None:
    assert refusal(text(date=written)).key == "refused.date"


@pytest.mark.parametrize("key", ["date", "title", "tags", "months", "featureimage", "draft"])
def test_aliases_of_aliases_are_written_out_under_no_key(key: str) -> None:
    # Seven levels are enough to notice it, and few enough to survive it.
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 7)]
    lines += [f"{name}: {value}" for name, value in _YAML.items() if name != key]
    raw = "\n".join(["---", *lines, f"{key}: *a6", "---", ""])
    begun = time.process_time()
    tracemalloc.start()
    try:
        if key in ("date", "title"):
            assert refusal(raw).key == ("refused.date" if key == "date" else "refused.no_title")
        else:
            assert post(raw).date.year == 2025
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
    assert time.process_time() - begun < 2


def test_a_date_that_is_refused_is_shown_by_its_beginning() -> None:
    assert refusal(text(date=f"'{'x' * 100}'")).details["date"] == "x" * 60
    assert refusal(text(date="1.50")).details["date"] == "1.5"
    assert refusal(text(date="[1]")).details["date"] == ""


@pytest.mark.parametrize(
    ("slug", "expected", "exact"),
    [
        ("2025_06_24_slug", "2025-06-24", True),
        ("2025_06_24", "2025-06-24", True),
        ("2025_06_99_slug", "2025-06-01", False),
        ("slug", "2025-06-01", False),
    ],
)
def test_a_post_without_a_date_gets_that_of_its_name_or_month(
    slug: str, expected: str, exact: bool
) -> None:
    result = read(text(date="''"), f"content/posts/{slug}/index.md")
    assert result.post.date.date().isoformat() == expected
    assert result.post.date_exact is exact
    assert findings(result)["finding.no_date"] == (None, 1)


def test_a_post_that_tells_no_date_at_all_is_refused() -> None:
    assert (
        refusal("+++\ntitle = 'x'\n+++\n", "content/posts/slug/index.md").key == "refused.no_date"
    )


@pytest.mark.parametrize(
    ("front", "month"),
    [
        ("months = '2025/06'", "2025/06"), ("months = '2025-6'", "2025/06"),
        ("months = ['2025/06', '2025/07']", "2025/06"), ("months = '2025/13'", None),
        ("months = '２０２５/06'", None), ("months = ''", None), ("", None),
    ],
)  # fmt: skip
def test_a_month_may_be_missing_in_older_posts(front: str, month: str | None) -> None:
    assert post(f"+++\ntitle = 'x'\ndate = 2025-06-01\n{front}\n+++\n").month == month


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ('["GPU", "Hacker News"]', ("GPU", "Hacker News")),
        (
            '["Hacker News", "HackerNews", "hacker news"]',
            ("Hacker News", "HackerNews", "hacker news"),
        ),
        ('["GPU", "GPU"]', ("GPU",)),
        ('[" a  b\\u3000c ", "", " "]', ("a b c",)),
        ('"GPU"', ("GPU",)),
        ("[1, 1.5, true, 2025-06-01]", ("1", "1.5", "true", "2025-06-01")),
        ('[["a"], {b = 1}]', ()),
        ("[]", ()),
    ],
)
def test_tags_keep_their_spelling_but_not_their_doubles(
    written: str, tags: tuple[str, ...]
) -> None:
    result = read(text(tags=written), PATH)
    assert result.post.tags == tags
    assert ("finding.no_tags" in findings(result)) is (tags == ())


SOURCES = [
    (f"引用元：[{ITEM}]({ITEM})", ITEM, 44365320),
    (f"引用元：{ITEM}", ITEM, 44365320),
    (f"引用元:<{ITEM}>", ITEM, 44365320),
    (f"引用元： [記事]( <{ITEM}> )", ITEM, 44365320),
    (f"引用元：[a]({ITEM}&x=1)", ITEM + "&x=1", 44365320),
    ("引用元：https://news.ycombinator.com/item?x=1&id=7",
     "https://news.ycombinator.com/item?x=1&id=7", 7),
    ("引用元：https://example.org/item?id=7", "https://example.org/item?id=7", None),
    (f"引用元：https://news.ycombinator.com/item?id={'9' * 30}",
     f"https://news.ycombinator.com/item?id={'9' * 30}", None),
    ("引用元：なし", None, None),
    ("", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("source", "url", "item"), SOURCES)
def test_the_source_is_a_link_or_an_address(source: str, url: str | None, item: int | None) -> None:
    result = read(text(source=source), PATH)
    assert (result.post.source_url, result.post.item_id) == (url, item)
    assert ("finding.no_source" in findings(result)) is (url is None)


@pytest.mark.parametrize(
    ("written", "draft"),
    [
        ("true", True),
        ("false", False),
        ('"true"', True),
        ('"T"', True),
        ('"yes"', False),
        ("1", True),
        ("0", False),
        ("0.5", True),
        ("[true]", False),
        ('""', False),
    ],
)
def test_a_draft_is_what_hugo_takes_for_one(written: str, draft: bool) -> None:
    raw = f"+++\ntitle = 'x'\ndate = 2025-06-01\ndraft = {written}\n+++\n"
    assert post(raw).draft is draft


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("content/posts/2025_06/2025_06_24_slug/index.md", "2025_06_24_slug"),
        ("posts/slug.md", "slug"), ("index.md", "index"), ("a/page.txt", "page"),
        ("a/b.c.md", "b.c"),
    ],
)  # fmt: skip
def test_the_slug_is_the_directory_or_the_file(path: str, slug: str) -> None:
    assert slug_of(path) == slug


def test_an_item_is_one_of_hacker_news_only() -> None:
    assert item_id(ITEM) == 44365320
    assert item_id("http://news.ycombinator.com/item?id=1#2") == 1
    for other in (None, "", "https://evil.example/?https://news.ycombinator.com/item?id=1"):
        assert item_id(other) is None
    assert item_id("https://news.ycombinator.com/item?idx=1") is None


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    with pytest.raises(PostRefused) as refused:
        decode("題\n\n".encode() + b"ok \xff")
    assert (refused.value.key, refused.value.line) == ("refused.not_utf8", 3)
    assert refused.value.details == {"byte": "0xff"}
    with pytest.raises(PostRefused) as refused:
        decode(b" " * (MAX_FILE_BYTES + 1))
    assert refused.value.key == "refused.too_large"
    assert decode("題".encode()) == "題"


def test_half_characters_of_json_become_a_mark_that_can_be_stored() -> None:
    raw = '{"title": "a\\ud800b", "date": "2025-06-01", "tags": ["\\ud83d\\ude00", "\\udfff"]}'
    read_post = post(raw)
    assert read_post.title == "a\ufffdb"
    assert read_post.tags == ("😀", "\ufffd")
    (read_post.title + "".join(read_post.tags)).encode()


HOSTILE = {
    "sources without an end": "引用元：[" * 200_000,
    "sources within sources": "引用元：[](" * 100_000,
    "a line break without an end": quote("<br a" + " " * 500_000),
    "line breaks without an end": quote("<br " * 100_000),
    "faults far below": ("{{<matomeQuote>}}" + "\n" * 300) * 9_000,
    "spaces": "引用元：[a](" + " " * 1_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_posts_are_read_within_seconds(body: str) -> None:
    begun = time.process_time()
    read(text(body, source=""), PATH)
    assert time.process_time() - begun < 4
