"""Front matter in its three formats: where it ends, what is in it, and why it is refused."""

import time

import pytest

from bot.archive.frontmatter import MAX_LENGTH, FrontMatter, split
from bot.errors import PostRefused

TOML = '+++\ntitle = "題"\ntags = ["a", "b c"]\ndraft = true\n+++\n'
YAML = '---\ntitle: "題"\ntags:\n  - a\n  - b c\ndraft: true\n---\n'
JSON = '{\n"title": "題",\n"tags": ["a", "b c"],\n"draft": true\n}\n'


def value(text: str) -> object:
    """The value of `v` in some front matter."""
    return split(text).values["v"]


def refusal(text: str) -> PostRefused:
    """Why a text is refused."""
    with pytest.raises(PostRefused) as refused:
        split(text)
    return refused.value


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("before", ["", "\ufeff", "\n", " \t\n\n", "\ufeff \n"])
@pytest.mark.parametrize("text", [TOML, YAML, JSON], ids=["toml", "yaml", "json"])
def test_the_three_formats_are_read_alike(text: str, before: str, newline: str) -> None:
    front = split((before + text).replace("\n", newline) + "body\nmore")
    assert front.values == {"title": "題", "tags": ["a", "b c"], "draft": True}
    assert front.body.lstrip("\r\n") == "body\nmore"


@pytest.mark.parametrize(
    ("text", "line"),
    [(TOML, 6), (YAML, 8), (JSON, 6), ("\n\n" + TOML, 8), (TOML.replace("\n", "\r\n"), 6)],
)
def test_the_line_of_the_body_is_known(text: str, line: int) -> None:
    front = split(text + "body")
    behind = front.body.index("body")
    assert front.body_line + front.body.count("\n", 0, behind) == line


FENCES = [
    ("+++\n+++\nb", "b"),
    ("+++a = 1\n+++\nb", "b"),
    ("+++\na = 1\n+++b", "b"),
    ("+++\na = 1\n++++\nb", "+\nb"),
    ("---\na: 1\n---\n---\nb", "---\nb"),
    ("---\ra: 1\r---\rb", "\rb"),
    ('{"a": "}"}b', "b"),
    ('{"a": "\\"}"}b', "b"),
    ('{"a": {"b": "{"}}b', "b"),
]


@pytest.mark.parametrize(("text", "body"), FENCES)
def test_front_matter_ends_where_hugo_ends_it(text: str, body: str) -> None:
    assert split(text).body == body


def test_keys_are_in_lower_case_and_one_that_was_not_wins() -> None:
    for text in ('+++\nTITLE = "x"\ntitle = "y"\n+++\n', '+++\ntitle = "y"\nTITLE = "x"\n+++\n'):
        assert split(text).values == {"title": "x"}


def test_the_parts_are_a_value_of_their_own() -> None:
    assert split("+++\na = 1\n+++\nb") == FrontMatter({"a": 1}, "b", 4)


YAML_VALUES: list[tuple[str, object]] = [
    ("x", "x"), ("'it''s'", "it's"), ('"\\u3042\\ud83d\\ude00"', "あ😀"), ("12", 12), ("017", 15),
    ("0o17", 15), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("0_", 0), ("08", "08"),
    ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("1e3", "1e3"), ("1.5e400", "1.5e400"),
    (".inf", float("inf")), ("+.inf", "+.inf"), ("0x_", "0x_"), ("9" * 30, "9" * 30),
    ("0x" + "f" * 17, "0x" + "f" * 17), ("true", True), ("True", True), ("yes", "yes"),
    ("no", "no"), ("on", "on"), ("null", None), ("~", None), ("", None),
    ("2025-06-01", "2025-06-01"),
    ("12:30:45", "12:30:45"), ("x:y", "x:y"), ("a # b", "a"), ("a#b", "a#b"), ("[a, 1]", ["a", 1]),
    ("{a: b}", {"a": "b"}), ("|\n  x\n  y", "x\ny\n"), (">-\n  x\n  y", "x y"),
    ("\n- a\n- b", ["a", "b"]),
    ("&a x\nw: *a", "x"), ("あ：い、「う」", "あ：い、「う」"), ("😀", "😀"),
    # Neither the end of a line nor forbidden, to YAML 1.2.
    ("a\u2028b\x85c", "a\u2028b\x85c"), ('"a \u2029 b"', "a \u2029 b"),
    ('"\x00\x1b\x7f\x9b"', "\x00\x1b\x7f\x9b"), ("a\ufeffb\uffff", "a\ufeffb\uffff"),
    ("\ue000\u2028", "\ue000\u2028"), ('"a\\udc00b"', "a\ufffdb"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "expected"), YAML_VALUES)
def test_yaml_is_read_as_hugo_reads_it(written: str, expected: object) -> None:
    read = value(f"---\nv: {written}\n---\n")
    assert (read, type(read)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", 1.0),
        ("1e3", 1000.0),
        ("12345678901234567890", 1.2345678901234567e19),
        ('"\\ud800"', "\ud800"),
        ('"a\\/b"', "a/b"),
        ("null", None),
    ],
)
def test_a_number_of_json_is_a_float(written: str, expected: object) -> None:
    read = value(f'{{"v": {written}}}')
    assert (read, type(read)) == (expected, type(expected))


# Front matter that is refused: the line that is told, and a part of the reason.
BROKEN = [
    ("+++\na = 1\nb = \nc = 3\n+++\n", 3, "Invalid value"),
    ("\n\n+++\na = 1\nb = \n+++\n", 5, "Invalid value"),
    ("+++\r\na = 1\r\nb = \r\n+++\r\n", 3, "Invalid value"),
    ("+++\na = 1\na = 2\n+++\n", 3, "Cannot overwrite"),
    ("+++\na = 9223372036854775808\n+++\n", 1, "out of range"),
    ("+++\na = [{b = -9223372036854775809}]\n+++\n", 1, "out of range"),
    ("+++\na = 1e999\n+++\n", 1, "out of range"),
    ("---\na: 1\nb: 'x\n---\n", 4, "end of stream"),
    ("---\na: 1\nb: c: d\n---\n", 3, "mapping values are not allowed"),
    ("---\na: x\u2028b: c\n---\n", 2, "mapping values are not allowed"),
    ("---\na: 1\nb: 2\na: 3\n---\n", 4, "there twice"),
    ("---\na: {b: 1, b: 2}\n---\n", 2, "there twice"),
    ("---\njust text\n---\n", 1, "not a mapping"),
    ("---\n- a\n---\n", 1, "not a mapping"),
    ("---\na: *b\n---\n", 2, "undefined alias"),
    ('---\na: "\\ud800x"\n---\n', 2, "surrogate"),
    ("---\na: &a {b: c}\n<<: *a\n---\n", 3, "merge key"),
    ("---\na: !!python/object:os.system x\n---\n", 2, "could not determine a constructor"),
    ("---\na: !!bool x\n---\n", 1, "not of its type"),
    ('---\na: !!int ""\n---\n', 1, "not of its type"),
    ("---\na: !!timestamp x\n---\n", 1, "not of its type"),
    ('---\na: "\\Uffffffff"\n---\n', 1, "not of its type"),
    ('{"a": 1,\n"b": x}', 2, "Expecting value"),
    ('{"a": 1,}', 1, "Expecting property name"),
    ('{"a": NaN}', 1, "NaN is not JSON"),
    ('{"a": -Infinity}', 1, "-Infinity is not JSON"),
    ('{"a": 1e999}', 1, "out of range"),
    ('{"a": "\n"}', 1, "Invalid control character"),
    ("{{< list >}}", 1, "Expecting property name"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "problem"), BROKEN)
def test_broken_front_matter_is_refused_with_its_line(text: str, line: int, problem: str) -> None:
    refused = refusal(text)
    assert refused.key == "refused.front_matter"
    assert problem in str(refused.details["problem"])
    assert refused.line == line


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("", "refused.no_front_matter", 1),
        ("# title", "refused.no_front_matter", 1),
        ("\n\n++\na = 1\n", "refused.no_front_matter", 3),
        ("\u3000+++\na = 1\n+++\n", "refused.no_front_matter", 1),
        ("\ufeff\ufeff+++\na = 1\n+++\n", "refused.no_front_matter", 1),
        ("\n\ufeff+++\na = 1\n+++\n", "refused.no_front_matter", 1),
        ("\n+++\na = 1\n", "refused.front_matter_not_closed", 2),
        ("+++\na = 1\n +++\n", "refused.front_matter_not_closed", 1),
        ("---\na: 1\n+++\n", "refused.front_matter_not_closed", 1),
        ('{"a": "}', "refused.front_matter_not_closed", 1),
        ("+++\na = '" + "x" * MAX_LENGTH + "'\n+++\n", "refused.front_matter_too_long", 1),
    ],
)  # fmt: skip
def test_a_text_without_whole_front_matter_is_refused(text: str, key: str, line: int) -> None:
    refused = refusal(text)
    assert (refused.key, refused.line) == (key, line)


@pytest.mark.parametrize(
    "text",
    [
        "+++\na = " + "[" * 7000 + "]" * 7000 + "\n+++\n",
        "+++\na = " + "{a = " * 3000 + "}" * 300 + "\n+++\n",
        "+++\n" + "a." * 8000 + "b = 1\n+++\n",
        "+++\n[" + "a . " * 3900 + "b]\n+++\n",
        "---\na: " + "[" * 8000 + "]" * 8000 + "\n---\n",
        "---\na: " + "{a: " * 4000 + "\n---\n",
        "---\na:\n " + "- " * 8000 + "\n---\n",
        '{"a":' + "[" * 8000 + "]" * 8000 + "}",
        '{"a":' * 2500 + "1" + "}" * 2500,
    ],
    ids=lambda text: str(text)[:12],
)
def test_deep_nesting_is_refused_soon(text: str) -> None:
    begun = time.process_time()
    assert refusal(text).details["problem"] == "nested too deeply"
    assert time.process_time() - begun < 2


def test_aliases_of_aliases_are_not_written_out() -> None:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 50)]
    begun = time.process_time()
    split("---\n" + "\n".join(lines) + "\n---\n")
    assert time.process_time() - begun < 2
