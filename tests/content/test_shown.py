"""What the signs in bodies mean: tables of bodies and the runs that show them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.shown import shown
from bot.view import Run

# Pieces that mean something, alone and beside each other.
PIECES = (
    "＞", "> ", "››", "`", "``", "```", "```py\n", "\n", "\n\n", " ", "\u3000", "\\n", "＼n", "\\",
    "‹br＞", "<br", "https://a.example/b", "ｈｔｔｐｓ：／／ａ．ｊｐ", "http:＼＼", "...", "…",
    "(", ")", "）", "。", ".", ":", "／", "a", "い", "\u200b", "\u200d", "👩\u200d💻",
    "\u2028", "\x00", "\x92",
    "\u202e", "\ufeff", "\ufe0f\ufe0f", "🏴\U000e0067\U000e007f", "\U000e0041", "\ud800", "10億",
)  # fmt: skip
bodies = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text(st.characters(), max_size=80),
)


def plain(text: str) -> str:
    """A text without the differences that there may be between a body and what is shown of it."""
    signs = str.maketrans({"＼": "/", "−": "-", "\u2028": "\n", "\u2029": "\n"})
    return unicodedata.normalize("NFKC", text.translate(signs))


def looks(body: str) -> list[tuple[str, str]]:
    """The runs with a text, and how each of them looks."""
    found = []
    for run in shown(body):
        assert isinstance(run, Run)
        look = [name for name in ("quoted", "code") if getattr(run, name)]
        if run.link is not None:
            look.append("link" if run.link == run.text else run.link)
        if run.text:
            found.append((run.text, " ".join(look)))
    return found


@given(bodies)
def test_the_spans_of_runs_follow_each_other_through_any_text(body: str) -> None:
    at = 0
    before: Run | None = None
    for run in shown(body):
        assert isinstance(run, Run)
        assert run.source is not None
        start, end = run.source
        assert (start, end > start) == (at, True)
        at = end
        if len(run.text) == end - start and run.link is None and not run.text.isspace():
            assert plain(run.text) == plain(body[start:end])
        if before is not None and before.link is None and run.link is None:
            joined = not {"", "\n"} & {
                text.strip("\n") or text[:1] for text in (before.text, run.text)
            }
            look = (before.code, before.quoted) == (run.code, run.quoted)
            assert not (joined and look), (before, run)
        before = run
    assert at == len(body)


@given(bodies)
def test_nothing_that_can_do_harm_is_shown(body: str) -> None:
    text = "".join(run.text for run in shown(body) if isinstance(run, Run))
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\ud800-\udfff]", text
    )


@pytest.mark.parametrize(
    "body", ["GPUのメモリ", "a < b, c <word>", "<k, v>", "**太字**", "x\ty\n\nz"]
)
def test_what_means_nothing_special_is_one_run(body: str) -> None:
    assert shown(body) == (Run(body, (0, len(body))),)


def test_an_empty_body_has_no_runs() -> None:
    assert shown("") == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("＞引用\n答え", [("引用", "quoted"), ("\n答え", "")]),
        ("前\n> 引用", [("前\n", ""), ("引用", "quoted")]),
        ("›引用", [("引用", "quoted")]),
        ("＞＞ 二重", [("二重", "quoted")]),
        ("＞ > 二重", [("二重", "quoted")]),
        ("\u3000＞\u3000字下げ", [("字下げ", "quoted")]),
        ("＞  深い", [(" 深い", "quoted")]),
        ("＞一\n＞二\n三", [("一\n", "quoted"), ("二", "quoted"), ("\n三", "")]),
        ("＞一\n\n＞二", [("一", "quoted"), ("\n\n", ""), ("二", "quoted")]),
        ("＞一\n＞\n＞二", [("一\n", "quoted"), ("\n", "quoted"), ("二", "quoted")]),
        ("＞10億ドルだって？", [("10億ドルだって？", "quoted")]),
        ("利益＞10億", [("利益＞10億", "")]),
        ("原発 ＞＞ 再エネ", [("原発 ＞＞ 再エネ", "")]),
        ("した。> ベッド", [("した。> ベッド", "")]),
    ],
)
def test_quotes(body: str, expected: list[tuple[str, str]]) -> None:
    assert looks(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("`uv`を使う", [("uv", "code"), ("を使う", "")]),
        ("＞`uv`を", [("uv", "quoted code"), ("を", "quoted")]),
        ("``a`b``", [("a`b", "code")]),
        ("` ``` `で", [(" ``` ", "code"), ("で", "")]),
        ("`https://a.example/`", [("https://a.example/", "code")]),
        ("`a\u200bb\x00`", [("a", "code"), ("b", "code")]),
        ("`\\n`と`＞ x`", [("\\n", "code"), ("と", ""), ("＞ x", "code")]),
        ("`try:\n  x`って", [("try:\n  x", "code"), ("って", "")]),
        ("`a\n＞ b`", [("a\n＞ b", "code")]),
        ("＞`a\nb`だね", [("a\nb", "code"), ("だね", "")]),
        # A backtick that is left over makes no code of what follows.
        ("~/`キー\n`uv`は", [("~/`キー\n", ""), ("uv", "code"), ("は", "")]),
        ("`a\n\nb`", [("`a\n\nb`", "")]),
        ("t``a", [("t``a", "")]),
        ("`", [("`", "")]),
    ],
)
def test_inline_code(body: str, expected: list[tuple[str, str]]) -> None:
    assert looks(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("例\n```\na\n\n＞ b\n```\n後", [("例\n", ""), ("a\n\n＞ b", "code"), ("\n後", "")]),
        ("```python\nx = 1\n```", [("x = 1", "code")]),
        ("```c++\nint x;\n```", [("int x;", "code")]),
        ("```f() { }```\n後", [("f() { }", "code"), ("\n後", "")]),
        (
            "のに、```\nrecord\n```\n後",
            [("のに、", ""), ("\n", ""), ("record", "code"), ("\n後", "")],
        ),
        ("```\na\n```後", [("a", "code"), ("\n", ""), ("後", "")]),
        ("```\na</html>```", [("a</html>", "code")]),
        ("```\n- a\n- b", [("- a\n- b", "code")]),
        ("互換なら ```name ってやる", [("互換なら ```name ってやる", "")]),
        ("```", [("```", "")]),
        ("````\n```\n````", [("```", "code")]),
        ("```\n```", []),
    ],
)
def test_fences(body: str, expected: list[tuple[str, str]]) -> None:
    assert looks(body) == expected


@pytest.mark.parametrize(
    ("written", "link"),
    [
        ("https://a.example/b?c=d&e#f", None),
        ("http://a.example:8080/", None),
        ("HTTPS://a.example/", "https://a.example/"),
        ("https://en.wikipedia.org/wiki/A2_(operating_system)", None),
        ("https://a.example/?q=(a(b)c)", None),
        ("https://en.wikipedia.org/wiki/Curry–Howard", None),
        ("https://en.wikipedia.org/wiki/Pločnik", None),
        ("https：／／a．example／b？c＝d＆e％20f＿g−h", "https://a.example/b?c=d&e%20f_g-h"),
        ("https:＼＼a.example＼wiki＼x", "https://a.example/wiki/x"),
        ("ｈｔｔｐｓ://Ａ.example/", "https://A.example/"),
        ("https:\u200b/\u200b/a.example/b\u200bc", "https://a.example/bc"),
    ],
)
def test_an_address_is_linked_and_restored(written: str, link: str | None) -> None:
    link = written if link is None else link
    for before, after in (("", ""), ("これ→", "を見て"), ("（", "）"), ("(", ")。"), ("<", "＞")):
        runs = [run for run in shown(before + written + after) if isinstance(run, Run)]
        [found] = [run for run in runs if run.link is not None]
        assert found.link == link
        assert found.text.lower() == link.lower()
        assert found.source == (len(before), len(before) + len(written))
        assert "".join(run.text for run in runs) == before + found.text + after


@pytest.mark.parametrize(
    "behind",
    [
        *"。、」）)]>＞”’`,;:!?.*．？'",
        ").",
        "）。",
        ")）",
        "[1]",
        "](https",
        "（foo）",
        "(foo",
        "://",
        " x",
    ],
)
def test_what_stands_behind_an_address_is_no_part_of_it(behind: str) -> None:
    runs = shown(f"https://a.example/b{behind}")
    assert isinstance(runs[0], Run)
    assert runs[0].link is not None
    assert runs[0].link.startswith("https://a.example/b")
    assert runs[0].link == "https://a.example/b" or behind in ("://",)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("https://a.example/some-lo...", None),
        ("https://a.example/some-lo…", None),
        ("https：／／a．example／lo．．．を", "https://a.example/lo．．．を"),
        ("https://a.example/Boyd_(military...", None),
        ("https://a.example/more...Also,", None),
        ("http://localhost:8080/x", None),
        ("http://127.0.0.1/x", None),
        ("https://name:word@a.example/", None),
        ("http://で始まる", None),
        ("gopher://a.example/", None),
        ("https：／／a\u200bb", "https://ab"),
    ],
)
def test_what_leads_nowhere_is_not_linked(body: str, text: str | None) -> None:
    runs = shown(body)
    assert all(isinstance(run, Run) and run.link is None for run in runs)
    assert "".join(text for text, _ in looks(body)) == (body if text is None else text)


def test_two_addresses_are_two_links() -> None:
    body = "https://a.example/b)https://c.example/ and https://d.example/x...https://e.example/"
    links = [run.link for run in shown(body) if isinstance(run, Run) and run.link is not None]
    assert links == ["https://a.example/b", "https://c.example/", "https://e.example/"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("終わり。\\n次", "終わり。\n次"),
        ("終わり。\\n\\n\\n次", "終わり。\n\n\n次"),
        ("思う。\\n”株主", "思う。\n”株主"),
        ("だろう」\\n\\nr/startups", "だろう」\n\nr/startups"),
        ("需要が増える\\nMetaは", "需要が増える\nMetaは"),
        ("scenarios\\nI have", "scenarios\nI have"),
        (";)\\n\\n    youtube", ";)\n\n    youtube"),
        ("やめた。＼n[0]", "やめた。\n[0]"),
        ("例：”\\n” vs ”\\x0a”", None),
        ("yield '\\n'", None),
        ("とか、\\nと\\rの違い", None),
        ('printf("%d\\n", i)', None),
        ("C:\\new\\notes", None),
        ("dir\\new", None),
        ("/^a\\n+$/", None),
        ("＼dev＼null", None),
        ("＼x20＼n＼n", None),
        ("これ‹br＞次", "これ\n次"),
        ("これ＜br＞次<br＞＜br/>", "これ\n次\n\n"),
        ("＜brand＞と<b＞", None),
        ("一\u2028二\u2029三", "一\n二\n三"),
    ],
)
def test_newlines(body: str, text: str | None) -> None:
    assert "".join(text for text, _ in looks(body)) == (body if text is None else text)


def test_a_line_that_a_lost_newline_starts_can_be_a_quote() -> None:
    for newline in ("\\n", "＜br＞", "\u2028", "\n"):
        found = looks(f"前。{newline}＞引用{newline}後")
        assert [(text, look) for text, look in found if text.strip()] in (
            [("前。", ""), ("引用", "quoted"), ("後", "")],
            [("前。\n", ""), ("引用", "quoted"), ("\n後", "")],
        )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("a\x00\x07\x1b[31mb\x7f\x92", "a[31mb"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("パ\u200b\u200bス", "パス"),
        ("(\u2060-\u2060_\u2060)", "(-_)"),
        ("\u202bgpj.exe\u202c", "gpj.exe"),
        ("🤷\u200d♂️と👩🏽\u200d💻", None),
        ("❤️", None),
        ("葛\U000e0100城", None),
        ("a\u200db", "ab"),
        ("j\U000e0117\U000e0144\U000e0167", "j\U000e0117"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("x\U000e0067\U000e0062", "x"),
        ("a\ud800b", "ab"),
        ("e\u0301か\u3099", None),
    ],
)
def test_unseen_characters(body: str, text: str | None) -> None:
    assert "".join(text for text, _ in looks(body)) == (body if text is None else text)


def test_unseen_characters_in_a_row_are_one_run() -> None:
    assert shown("a\u200b\x00\u202e") == (Run("a", (0, 1)), Run("", (1, 4)))


@pytest.mark.parametrize(
    "piece",
    [
        "`", "` ", "` `` ", "a\n`", "```\n", "＞", "\n＞", " ", "\n ", "h", "http://",
        "ｈｔｔｐｓ：／／ａ", "https://a.b/(", "https://a.b)",
        "https://a.b/(x(y)", "https://a.b/x...", "(", "．", ".",
        "\\n", "＜br＞", "\u200b", "\u200dx", "\ufe0f", "😀",
    ],
)  # fmt: skip
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    # A thousand times as much work as the length needs would not end within the test's patience.
    body = piece * (1_000_000 // len(piece))
    runs = shown(body)
    assert isinstance(runs[-1], Run)
    assert runs[-1].source is not None
    assert runs[-1].source[1] == len(body)
