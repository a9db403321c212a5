"""The comments of raw posts: bodies, authors, times, colours, folds, and their faults."""

import pytest

from bot.archive.hugo_post import read
from bot.archive.reading import (
    MAX_COMMENTS,
    colour,
    timestamp,
)
from bot.model import Section
from tests.archive.raw_posts import PATH, comment, findings, post, quote, refusal, text

BODIES = [
    ("", ""),
    ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
    ("a<br class=x>b", "a\nb"),
    ("a‹br＞b< br>c<bra>d<br　>", "a‹br＞b< br>c<bra>d<br　>"),
    ("改行 \\n のつもり", "改行 \\n のつもり"),
    ("<word> と <k, v> と <int>", "<word> と <k, v> と <int>"),
    ("＞ 引用<br>返事", "＞ 引用\n返事"),
    ("https：／／example．org/a… https://example.org/...",
     "https：／／example．org/a… https://example.org/..."),
    ("[1] と `code` と {{ x }} と {{% y %}} }}", "[1] と `code` と {{ x }} と {{% y %}} }}"),
    ("a\u2028b\u2029c\u200bd\x85e\x9bf\x1cg", "a\u2028b\u2029c\u200bd\x85e\x9bf\x1cg"),
    ("```<br>x = 1<br>```", "```\nx = 1\n```"),
    ("English only, 100% &amp; &lt;br&gt;", "English only, 100% &amp; &lt;br&gt;"),
    ("長" * 9658, "長" * 9658),
    (" <br> ", " \n "),
]  # fmt: skip


@pytest.mark.parametrize(("written", "body"), BODIES, ids=range(len(BODIES)))
def test_a_body_stays_as_it_is_but_for_line_breaks(written: str, body: str) -> None:
    assert comment(quote(written)).body == body


@pytest.mark.parametrize(
    "written",
    [
        '{{<matomeQuote color="" createdAt="2025/06/24 01:02:03" userName="u" body="b">}}',
        '{{<  matomeQuote\n body = "b"\n userName = "u" createdAt = "2025/06/24 01:02:03" >}}',
        '{{% matomequote body=b userName="u" createdAt="2025/06/24 01:02:03" %}}',
        "{{<matomeQuote body=`b` userName=`u` createdAt=`2025/06/24 01:02:03`>}}",
        '{{<matomeQuote body=\\"b\\" userName=\\"u\\" createdAt=\\"2025/06/24 01:02:03\\">}}',
    ],
)
def test_a_comment_may_be_written_in_every_way_that_hugo_takes(written: str) -> None:
    assert comment(written) == comment(quote("b"))


@pytest.mark.parametrize("user", ["a", "_", "-x-", "A1_b-2", "x" * 15])
def test_a_user_is_named_as_written(user: str) -> None:
    assert comment(quote(user=user)).user == user


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025/06/01 18:59:45", "2025-06-01T18:59:45+00:00"),
        ("2025-02-14T23:55:10", "2025-02-14T23:55:10+00:00"),
        ("2025-02-14T23:55:10+09:00", "2025-02-14T14:55:10+00:00"),
        ("2025-02-14T23:55:10Z", "2025-02-14T23:55:10+00:00"),
        ("2025/06/31 18:59:45", None), ("昨日", None), ("", None),
        # The first and the last day lie outside of the calendar once they are in UTC.
        ("0001-01-01T00:00:00+09:00", None), ("9999-12-31T23:59:59-09:00", None),
    ],
)  # fmt: skip
def test_a_time_is_in_utc_in_either_form(written: str, expected: str | None) -> None:
    read_time = timestamp(written)
    assert (read_time.isoformat() if read_time else None) == expected
    result = read(text(quote(created=written)), PATH)
    assert result.post.comments[0].created_at == read_time
    assert ("finding.no_time" in findings(result)) is (expected is None)


@pytest.mark.parametrize(
    ("written", "expected", "fault"),
    [
        ("", None, False),
        ("#45d325", "#45d325", False),
        ("#FF5733", "#ff5733", False),
        ("red", None, True),
        ("#fff", None, True),
        ("#45d32５", None, True),
    ],
)
def test_a_colour_is_a_highlight(written: str, expected: str | None, fault: bool) -> None:
    result = read(text(quote(hue=written)), PATH)
    assert result.post.comments[0].colour == expected
    assert colour(written) == expected
    assert ("finding.colour" in findings(result)) is fault


FOLDS = [
    '{{< details summary="もっと読む" >}}',
    '{{< details summary="もっとコメントを表示" class="text-xl font-bold">}}',
    '{{<details class="a" summary="もっとコメントを表示（12）">}}',
    "{{% details summary=`もっとコメントを表示（1）` %}}",
]


@pytest.mark.parametrize("opening", FOLDS)
@pytest.mark.parametrize("closing", ["{{</details>}}", "{{< /details >}}", "{{%/details%}}"])
def test_a_fold_is_a_section_in_every_spelling(opening: str, closing: str) -> None:
    read_post = post(text(quote() + opening + quote() * 2 + closing))
    assert [(section.number, section.comments) for section in read_post.sections] == [
        (0, 1),
        (1, 2),
    ]
    assert read_post.sections[1].summary is not None
    assert read_post.sections[1].summary in opening


def test_folds_are_numbered_through_the_page_wherever_they_lie() -> None:
    raw = text(
        "{{<details>}}" + quote("1")
        + '{{<details summary="中">}}' + quote("2") + "{{</details>}}"
        + quote("3") + "{{</details>}}" + quote("4")
        + '{{<details summary="空"/>}}'
        + '{{<details summary="後">}}' + quote("5") + "{{</details>}}"
    )  # fmt: skip
    read_post = post(raw)
    assert [found.section for found in read_post.comments] == [1, 2, 1, 0, 4]
    assert [found.number for found in read_post.comments] == [1, 2, 3, 4, 5]
    assert read_post.sections == (
        Section(0, None, 1), Section(1, None, 2), Section(2, "中", 1), Section(3, "空", 0),
        Section(4, "後", 1),
    )  # fmt: skip


def test_other_shortcodes_and_text_are_passed_over() -> None:
    raw = text(
        "{{< list limit=2 >}}" + quote("1")
        + "{{</* matomeQuote body='no' */>}}<!-- " + quote("2") + "-->"
        + "{{< highlight go >}}" + quote("3") + "{{< /highlight >}}"
        + "{{< comment >}}" + quote("unseen") + "{{<details>}}{{</details>}}{{< /comment >}}"
    )  # fmt: skip
    assert [found.body for found in post(raw).comments] == ["1", "2", "3"]
    assert post(raw).sections == (Section(0, None, 3),)


def test_each_kind_of_fault_is_told_once_with_its_first_line_and_count() -> None:
    raw = text(
        quote() + '{{<matomeQuote userName="u" createdAt="2025/06/24 01:02:03">}}\n'
        '{{<matomeQuote "positional">}}\n{{<matomeQuote body="b">}}\n' + quote(hue="red")
    )
    first = raw.count("\n", 0, raw.index("{{<matomeQuote")) + 1
    assert findings(read(raw, PATH)) == {
        "finding.no_body": (first + 1, 2),
        "finding.no_user": (first + 2, 2),
        "finding.no_time": (first + 2, 2),
        "finding.colour": (first + 4, 1),
    }


def test_a_post_without_comments_is_taken_with_a_warning() -> None:
    result = read(text(), PATH)
    assert result.post.comments == ()
    assert result.post.sections == (Section(0, None, 0),)
    assert findings(result) == {"finding.no_comments": (None, 1)}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("body", "key", "line", "name"),
    [
        ("{{<details>}}\n\n", "not_closed", 14, "details"),
        ("\n\n{{< nosuch >}}", "unknown", 16, "nosuch"),
        ('{{<matomeQuote body="', "not_terminated", 14, ""),
        # Cut off: it goes on to the next line.
        ('\n{{<matomeQuote body="x"', "bad_character", 16, "["),
        ('{{<matomeQuote body="b" 1>}}', "mixed", 14, "1"),
    ],
)
def test_a_broken_shortcode_refuses_the_post_with_its_line(
    newline: str, body: str, key: str, line: int, name: str
) -> None:
    refused = refusal(text(body).replace("\n", newline))
    assert (refused.key, refused.line) == (f"refused.shortcode.{key}", line)
    assert refused.details == {"name": name}


def test_a_post_with_more_comments_than_the_index_holds_is_refused() -> None:
    read_post = post(text(quote("") * MAX_COMMENTS))
    assert len(read_post.comments) == MAX_COMMENTS
    refused = refusal(text(quote("") * (MAX_COMMENTS + 1)))
    assert refused.key == "refused.too_many_comments"
    assert refused.line == 14 + MAX_COMMENTS
