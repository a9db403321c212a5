"""The rules of Hugo's shortcodes, each for itself; test_hugo_judge.py asks Hugo about them all."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.shortcode_tokens import Kind, ShortcodeError, Token
from bot.archive.shortcodes import MAX_DEPTH, Shortcode, parse, printed, printed_float


def only(text: str) -> Shortcode:
    """The one shortcode of a text that is nothing else."""
    [node] = parse(text)
    assert isinstance(node, Shortcode)
    return node


def shortcodes(nodes: list[str | Shortcode]) -> list[Shortcode]:
    """The shortcodes among some nodes."""
    return [node for node in nodes if isinstance(node, Shortcode)]


NAMED = [
    ('{{<list a="1" b="2">}}', {"a": "1", "b": "2"}),
    ('{{<list b="2" a="1">}}', {"a": "1", "b": "2"}),
    ('{{< list a="1"b="2">}}', {"a": "1", "b": "2"}),
    ('{{<   list\n\ta="1"\r\n\v\fb="2"  >}}', {"a": "1", "b": "2"}),
    ('{{< list a = "1" >}}', {"a": "1"}),
    ('{{< list a=\n"1" >}}', {"a": "1"}),
    ('{{% list a="1" %}}', {"a": "1"}),
    ("{{< list a=x >}}", {"a": "x"}),
    ("{{< list a=x/y%}}{{ >}}", {"a": "x/y%}}{{"}),
    ("{{< list a=x>}} >}}", {"a": "x>}}"}),
    ("{{< list a=x\u3000y >}}", {"a": "x\u3000y"}),
    ("{{< list a=b=c >}}", {"a": "b=c"}),
    ('{{< list a="" >}}', {"a": ""}),
    ('{{< list a="x" a="y" >}}', {"a": "y"}),
    ('{{< list a="{{< x >}} /* %}}" >}}', {"a": "{{< x >}} /* %}}"}),
    ('{{< list a="a\u2028\x85\x00b" >}}', {"a": "a\u2028\x85\x00b"}),
    (r'{{< list a="C:\temp\n" >}}', {"a": r"C:\temp\n"}),
    (r'{{< list a="say \"hi\"" >}}', {"a": 'say "hi"'}),
    # Once one quote is escaped, every backslash goes.
    (r'{{< list a="C:\temp \"x\"" >}}', {"a": 'C:temp "x"'}),
    (r"{{< list a=\"x\" b=\"y\" >}}", {"a": "x", "b": "y"}),
    ('{{< list a=`say "hi" \\ there` >}}', {"a": 'say "hi" \\ there'}),
    ("{{< list a=`two\nlines` >}}", {"a": "two\nlines"}),
    ('{{< list "a"="x" >}}', {"a": "x"}),
    ('{{< list data-x.y="1" >}}', {"data-x.y": "1"}),
    ('{{< list 題="１" >}}', {"題": "１"}),
    ("{{< list a=007 b=-0 c=1.50 d=.5 e=1e3 >}}",
     {"a": "7", "b": "0", "c": "1.5", "d": "0.5", "e": "1e3"}),
    ('{{< list a="007" b=`1.50` >}}', {"a": "007", "b": "1.50"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_named_arguments_are_read_in_every_spelling(text: str, expected: dict[str, str]) -> None:
    shortcode = only(text)
    assert shortcode.name == "list"
    assert shortcode.named == expected
    assert shortcode.positional == []


POSITIONAL = [
    ("{{< list x >}}", ["x"]),
    ('{{< list "x y" z >}}', ["x y", "z"]),
    ("{{< list `x` \"y\" -z- >}}", ["x", "y", "-z-"]),
    ('{{< list "x""y" >}}', ["x", "y"]),
    (r"{{< list \"x\" >}}", ["x"]),
    ("{{< list 007 1.50 >}}", ["7", "1.5"]),
    ("{{< list 1.2.3 >}}", ["1.2.3"]),
    ("{{< list 々é１ >}}", ["々é１"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), POSITIONAL)
def test_positional_arguments_are_read_in_every_spelling(text: str, expected: list[str]) -> None:
    assert only(text).positional == expected
    assert only(text).named == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"), ("+5", "5"), ("-5", "-5"), ("-0.0", "-0"), ("1.", "1."), ("0x10", "0x10"),
        ("9223372036854775807", "9223372036854775807"), ("9223372036854775808",) * 2,
        ("0" * 40 + "1", "1"), ("9" * 5000,) * 2,
        ("12345678901234567890123.5", "12345678901234568000000"),
        ("." + "1" * 40, "0.1111111111111111"), ("9" * 400 + ".5",) * 2,
        ("１２", "１２"), ("true", "true"),
    ],
)  # fmt: skip
def test_an_unquoted_number_is_printed_as_go_prints_it(text: str, expected: str) -> None:
    assert printed(Token(Kind.VALUE, 0, text)) == expected
    assert printed(Token(Kind.VALUE, 0, text, quoted=True)) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("inf"), "+Inf"), (float("-inf"), "-Inf"), (float("nan"), "NaN"),
        (1e22, "10000000000000000000000"), (1e-7, "0.0000001"), (3.0, "3"), (-0.0, "-0"),
    ],
)  # fmt: skip
def test_a_float_is_printed_without_an_exponent(value: float, expected: str) -> None:
    assert printed_float(value) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{</details>}}", "{{< /details >}}", "{{%/details%}}", "{{% / details\n%}}",
        "{{< / / details >}}", "{{< /details\v>}}",
    ],
)  # fmt: skip
def test_a_fold_is_closed_by_either_delimiter(text: str) -> None:
    nodes = parse('{{< details summary="s" >}}a' + text + "b")
    fold = nodes[0]
    assert isinstance(fold, Shortcode)
    assert fold.named == {"summary": "s"}
    assert fold.inner == ["a"]
    assert nodes[-1] == "b"


@pytest.mark.parametrize(
    "text", ["{{< details />}}b", '{{<details summary="s"/>}}b', "{{< details x /details >}}b"]
)
def test_a_fold_may_close_itself(text: str) -> None:
    fold, rest = parse(text)
    assert isinstance(fold, Shortcode)
    assert fold.inner == []
    assert rest == "b"


def test_shortcodes_lie_within_each_other_in_order() -> None:
    text = (
        '{{<details summary="1">}}a{{<list x>}}'
        '{{% details summary="2" %}}{{<matomeQuote body="b">}}'
        '{{%/details%}}c{{</details>}}d{{<list>}}'
    )  # fmt: skip
    outer, after, last = parse(text)
    assert isinstance(outer, Shortcode)
    assert [node if isinstance(node, str) else node.name for node in outer.inner] == [
        "a", "list", "details", "c"
    ]  # fmt: skip
    inner = outer.inner[2]
    assert isinstance(inner, Shortcode)
    assert inner.named == {"summary": "2"}
    assert [node.named for node in shortcodes(inner.inner)] == [{"body": "b"}]
    assert after == "d"
    assert isinstance(last, Shortcode)


@pytest.mark.parametrize("name", ["matomeQuote", "MATOMEQUOTE", "matomequote"])
def test_names_are_known_without_regard_to_case(name: str) -> None:
    assert only(f'{{{{< {name} body="b" >}}}}').name == "matomequote"
    assert only(f"{{{{< {name} >}}}}").name == "matomequote"


def test_positions_are_where_a_shortcode_begins() -> None:
    nodes = shortcodes(parse('ab{{<list x="1">}}c{{< list >}}'))
    assert [node.position for node in nodes] == [2, 19]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{</* list x */>}}", "{{< list x >}}"),
        ("{{%/* list */%}}", "{{% list %}}"),
        ("{{</**/>}}", "{{<>}}"),
        ("{{</* {{< nosuch >}} */>}}", "{{< {{< nosuch >}} >}}"),
        ("{{</* a */%}} */>}}", "{{< a */%}} >}}"),
    ],
)
def test_a_comment_stands_for_the_shortcode_as_text(text: str, expected: str) -> None:
    assert "".join(node for node in parse(text) if isinstance(node, str)) == expected
    assert shortcodes(parse(text)) == []


@pytest.mark.parametrize(
    "text",
    ["", "plain", "{{ .Site }}", "{{- x -}}", ">}} %}}", "{ {< list >}}", "{{", "{{\n< list >}}"],
)
def test_text_that_only_looks_like_a_shortcode_stays_text(text: str) -> None:
    assert parse(text) == ([text] if text else [])


# A text, the reason for which it is refused, where, and the name that is told.
ERRORS = [
    ("a{{< nosuch >}}", "unknown", 5, "nosuch"),
    ('a{{<nosuch a="b">}}', "unknown", 1, "nosuch"),
    ("{{< details/ >}}", "unknown", 4, "details/"),
    ("{{< gist a >}}", "unknown", 4, "gist"),
    ("a{{< >}}", "no_name", 1, ""),
    ("a{{< details >}}b", "not_closed", 1, "details"),
    ("{{< details >}}{{< details >}}{{< /details >}}", "not_closed", 0, "details"),
    ("{{< list >}}{{< /list >}}", "not_closable", 16, ""),
    ("{{< list />}}", "not_closable", 9, "list"),
    ("{{< details >}}{{< /nosuch >}}", "no_start", 20, "nosuch"),
    ("{{< details /foo >}}", "no_start", 13, "foo"),
    ("{{</details>}}", "none_open", 3, ""),
    ("{{< list", "cut_off", 8, ""),
    ("{{< list x", "cut_off", 10, ""),
    ("{{< list %}}", "bad_character", 9, "%"),
    ("{{< details >}}{{< /details x>}}", "cut_off", 28, ""),
    ('{{< list "x', "not_terminated", 9, ""),
    ('{{< list a="x\ny" >}}', "not_terminated", 11, ""),
    ("{{< list `x", "not_terminated", 9, ""),
    ("a{{</* list >}}", "comment_not_closed", 1, ""),
    ("a{{</*/>}}", "comment_not_closed", 1, ""),
    ('{{< list a="x" y >}}', "mixed", 15, "y"),
    ('{{< list a="x" "y" >}}', "mixed", 15, ""),
    ('{{< list x a="y" >}}', "mixed", 11, "a"),
    ("{{< list ! >}}", "bad_character", 9, "!"),
    ("{{< 'list' >}}", "bad_character", 4, "'"),
    ("{{< list \u3000>}}", "bad_character", 9, "\u3000"),
    ("{{< list \x00>}}", "bad_character", 9, "\x00"),
    ("{{< list ² >}}", "bad_character", 9, "²"),
    ("{{< list \\`x` >}}", "bad_escape", 10, ""),
    ('{{< list a="\\`" >}}', "bad_escape", 12, ""),
    ("{{< list.x >}}", "bad_name", 4, "list"),
    ("{{< now.inline >}}{{< /now.inline >}}", "inline", 4, "now"),
    ("{{< details >}}" * 200, "too_deep", 15 * (MAX_DEPTH + 1), ""),
]


@pytest.mark.parametrize(("text", "key", "position", "name"), ERRORS)
def test_what_hugo_refuses_is_refused_with_its_place(
    text: str, key: str, position: int, name: str
) -> None:
    with pytest.raises(ShortcodeError) as refused:
        parse(text)
    assert (refused.value.key, refused.value.position, refused.value.name) == (key, position, name)


SYNTAX = st.sampled_from(
    [
        "{{<",
        "{{%",
        ">}}",
        "%}}",
        "{{</*",
        "*/>}}",
        "/",
        "=",
        '"',
        "`",
        "\\",
        " ",
        "\n",
        "details",
        "list",
        "matomeQuote",
        'a="b"',
        "a",
        "1",
        ".",
        "-",
        "é",
        "²",
        "\x00",
        "\u3000",
        "comment",
    ]
)


@given(st.lists(SYNTAX | st.text(max_size=3)).map("".join))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        nodes = parse(text)
    except ShortcodeError as refused:
        assert 0 <= refused.position <= len(text)
    else:
        assert all(isinstance(node, str | Shortcode) for node in nodes)


@given(st.text().filter(lambda text: "{{<" not in text and "{{%" not in text))
def test_text_without_an_opening_comes_back_unchanged(text: str) -> None:
    assert "".join(node for node in parse(text) if isinstance(node, str)) == text


VALUES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\r`\\"))


def _written(value: str, raw: bool) -> str:
    if raw:
        return f"`{value}`"
    return '"' + value.replace('"', '\\"') + '"'


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,9}", fullmatch=True), VALUES),
    st.lists(st.tuples(st.booleans(), st.sampled_from([" ", "\n", "\t \r\n"]))),
    # Hugo takes a name with a space behind it for a positional argument until its value comes, so
    # one shortcode has to keep to one way.
    st.sampled_from(["", " "]),
)
def test_a_shortcode_that_is_written_out_is_read_as_it_was(
    named: dict[str, str], styles: list[tuple[bool, str]], space: str
) -> None:
    arguments = "".join(
        f"{gap}{name}{space}={space}{_written(value, raw)}"
        for (name, value), (raw, gap) in zip(
            named.items(), styles + [(False, " ")] * len(named), strict=False
        )
    )
    fold = only("{{< details" + arguments + " >}}x{{< /details >}}")
    assert fold.named == named
    assert fold.inner == ["x"]


@pytest.mark.parametrize(
    "piece",
    [
        "{{<",
        "{{< list ",
        "{{<list>}}",
        "{{< details >}}",
        '{{< list a="',
        '{{<list a="b" ',
        "{{</*",
        "{{</* */",
        '{{< list "\\"',
        "{{< list `",
        "{{< list \\",
        "{{< list /",
        '="',
        "{{",
        "/",
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    def taken(size: int) -> float:
        texts = (piece * (size // len(piece)), "{{< list " + piece * (size // len(piece)))
        begun = time.process_time()
        for text in texts:
            try:
                parse(text)
            except ShortcodeError:
                continue
        return time.process_time() - begun

    # A quadratic reader would take 64 times as long for 8 times as much; the floor and the second
    # and third time are for noise.
    allowed = 30 * max(taken(20_000), 0.01)
    assert any(taken(160_000) < allowed for _ in range(3))


def test_numbers_of_a_hundred_thousand_digits_are_read_at_once() -> None:
    begun = time.process_time()
    for digits in ("9" * 100_000, "0" * 100_000 + "1", "9" * 100_000 + ".5"):
        only("{{< list " + digits + " >}}")
    assert time.process_time() - begun < 1
