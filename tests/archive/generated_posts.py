"""Posts for the judge, made by a seed: whole ones, ones with odd shortcodes, and broken ones."""

from collections.abc import Sequence
from random import Random

_USERS = ("simonw", "a", "re-entrant", "x_y", "Z9")
_BODIES = (
    "短い感想。",
    "一行目<br>二行目",
    "＞ 引用<br><br>返事",
    "",
    "コード `x = {{ y }}` と {{ z }}",
    "List<int> と <k, v> の話",
    "改行 \\n のつもり、C:\\\\temp",
    "https：／／example．org/…",
    "a\u2028b\u200bc\x85d",
    "{{/* no */}} {{",
    "> }} >} %}} /",
)
_TIMES = ("2025/06/01 18:59:45", "2025-02-14T23:55:10")
_COLOURS = ("", "#45d325", "#FF5733", "red")
_SUMMARIES = ("もっとコメントを表示（1）", "もっと読む", "もっとコメントを表示")

# What shortcode syntax is made of, and what looks like it.
_PIECES: tuple[str, ...] = (
    "{{<", "{{%", ">}}", "%}}", "{{</*", "*/>}}", "{{", "}}", "/", "/>}}", "=", '"', "`", "\\",
    '\\"', "\\`", " ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\v", "\f", " / ", " /details",
    "/list", "/foo", "-", ".", "_", ",", "é", "１", "²",
    "Ⅳ", "々", "details", "Details", "matomeQuote", "list", "comment", "ref", "nosuch",
    "body", "summary", "limit", "0", "007", "-0", "1.50", ".5", "-.0", "1e3", "true", "'",
    '"x"', "`x`", 'body="x"', "body=x", "body=`x`", 'body=\\"x\\"', 'summary="s"', "limit=2",
    "<!--more-->", "<!--", "-->", "\ufeff", "\x00", "\x85", "\u2028", "<br>", "9" * 20, "0" * 40,
    "details.inline ", "{{< details >}}", "{{< /details >}}", "{{</details>}}", "{{< list >}}",
    "{{% /details %}}", '{{< details summary="s" />}}', "{{< comment >}}", "{{< /comment >}}",
)  # fmt: skip


def whole(random: Random) -> str:
    """A post as the archive has them, in one of the three formats of front matter."""
    return front_matter(random) + body(random)


def front_matter(random: Random) -> str:
    """Front matter with nothing odd about it."""
    draft = random.choice(("true", "false"))
    day = f"2025-0{random.randint(1, 9)}-{random.randint(10, 28)}T00:00:00"
    title = random.choice(("題名！", "It's fine: GPU #1", "「引用」と C\\\\t"))
    tags = random.sample(("GPU", "Hacker News", "HackerNews", "C++", "日本語"), 3)
    listed = ", ".join(f'"{tag}"' for tag in tags)
    form = random.randrange(3)
    if form == 0:
        return (
            f"+++\ndate = '{day}'\ndraft = {draft}\ntitle = \"{title}\"\ntags = [{listed}]\n+++\n"
        )
    if form == 1:
        return f'---\ndate: "{day}"\ndraft: {draft}\ntitle: "{title}"\ntags: [{listed}]\n---\n'
    return f'{{"date": "{day}", "draft": {draft}, "title": "{title}", "tags": [{listed}]}}\n'


def body(random: Random) -> str:
    """Comments and folds as the archive has them."""
    parts = ["\n> 題名\n\n引用元：[u](https://news.ycombinator.com/item?id=1)\n\n"]
    parts += [_comment(random) for _ in range(random.randrange(3))]
    for _ in range(random.randrange(3)):
        closing = random.choice(("{{</details>}}", "{{< /details >}}"))
        parts.append(f'{{{{< details summary="{random.choice(_SUMMARIES)}">}}}}\n')
        parts += [_comment(random) for _ in range(random.randrange(3))]
        parts.append(closing + "\n")
    parts.append('[記事一覧へ]({{% ref "/posts/" %}})\n')
    return "\n".join(parts)


def _comment(random: Random) -> str:
    return (
        f'{{{{<matomeQuote body="{random.choice(_BODIES)}" userName="{random.choice(_USERS)}"'
        f' createdAt="{random.choice(_TIMES)}" color="{random.choice(_COLOURS)}">}}}}\n'
    )


def odd(random: Random) -> str:
    """A valid post whose shortcodes are written as nobody writes them."""
    parts = [_odd_shortcode(random, 0) for _ in range(random.randint(1, 4))]
    return front_matter(random) + "\n".join(parts)


def _odd_shortcode(random: Random, depth: int) -> str:
    left, right = random.choice((("{{<", ">}}"), ("{{%", "%}}")))
    space = random.choice(("", " ", "\t", "\n", " \r\n "))
    kind = random.randrange(4 if depth < 3 else 2)
    if kind == 0:
        return f"{left}{space}{random.choice(('list', 'LIST'))} {_odd_value(random)}{space} {right}"
    if kind == 1:
        names = ["body", "userName", "createdAt", "color", "other-1", "summary"]
        random.shuffle(names)
        arguments = " ".join(
            f"{name}{random.choice(('=', '= ', ' =', ' = '))}{_odd_value(random)}"
            for name in names[: random.randrange(7)]
        )
        name = random.choice(("matomeQuote", "matomequote", "MatomeQuote"))
        return f"{left}{space}{name} {arguments}{random.choice((' ', chr(10)))}{right}"
    name = random.choice(("details", "Details", "comment"))
    inner = "".join(
        random.choice(("text ", "{{ x }}", "", "\n    ")) + _odd_shortcode(random, depth + 1)
        for _ in range(random.randrange(3))
    )
    opening = f"{left}{space}{name} summary={_odd_value(random)} "
    if not inner and random.random() < 0.5:
        return f"{opening}/{right}"
    left_2, right_2 = random.choice(((left, right), ("{{<", ">}}"), ("{{%", "%}}")))
    return (
        f"{opening}{right}{inner}{left_2}{space}/{space}{name}{random.choice(('', ' '))}{right_2}"
    )


def _odd_value(random: Random) -> str:
    text = random.choice((*_BODIES, "-007", "+1.50", "true", "12345678901234567890", "0.1e5"))
    form = random.randrange(4)
    if form == 0:
        return f"`{text}`"
    if form == 1:
        escaped = text.replace("\\", "").replace('"', '\\"')
        return f'"{escaped}\\"{escaped}"'
    if form == 2:
        return '\\"' + text.replace("\\", "").replace('"', "") + '\\"'
    plain = "".join(text.split())
    return plain if plain and plain[0] not in '"`\\' else "x"


def mutated(random: Random) -> str:
    """A post with a few characters of its shortcodes deleted, doubled, swapped or put in."""
    text = random.choice((whole, odd))(random)
    for _ in range(random.choice((1, 1, 2, 3))):
        start = text.find("{{", 1)
        spots = [at for at in range(max(start, 0), len(text)) if text[at] in '{}<>%"`=/\\']
        near = random.choice(spots) if spots and random.random() < 0.8 else len(text) // 2
        at = max(0, min(len(text), near + random.randint(-1, 1)))
        how = random.randrange(5)
        if how == 0:
            text = text[:at] + text[at + random.randint(1, 3) :]
        elif how == 1:
            text = text[: at + 1] + text[at : at + 1] + text[at + 1 :]
        elif how == 2:
            text = text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
        elif how == 3:
            text = text[:at] + random.choice(_PIECES) + text[at:]
        else:
            text = text[:at]
    return text


def pieced(random: Random) -> str:
    """A post whose text is random pieces of shortcode syntax."""
    pieces = [random.choice(_PIECES) for _ in range(random.randint(1, 9))]
    form = random.randrange(4)
    if form == 0:
        inside = "".join(pieces)
    elif form == 1:
        inside = "{{< details " + "".join(pieces) + " >}}x{{< /details >}}"
    elif form == 2:
        inside = "{{< matomeQuote " + " ".join(pieces) + " >}}"
    else:
        inside = '{{< details summary="s" >}}' + "".join(pieces) + "{{< / details >}}"
    return front_matter(random) + inside


_TOML_VALUES: Sequence[str] = (
    '"x"', "'x'", '"""\nx\ny"""', "'''x'y'''", "1", "1.5", "1.0", "true", "2025-06-01",
    "2025-06-01T01:02:03", "2025-06-01T23:02:03+09:00", "2025-06-01 01:02:03Z", "[]", '["a", 1]',
    '["a", "a ", "A"]', "{ a = 1 }", '"\\u3042"', "inf", "1e3", "0x10", '"2025-06-01"',
    '"2025/06"', '"2025-06-01T00:00:00"', '"2025-06-01 10:20:30 +0900"', '""', "'", "x", "[1,", "",
    '"1"', '"t"', '"TRUE"', '"no"', "1_000",
)  # fmt: skip
_YAML_VALUES: Sequence[str] = (
    '"x"', "'x'", "x", "'it''s'", "1", "1.5", "01", "1_000", "true", "True", "yes", "no", "on",
    "null", "~", "", "2025-06-01", "2025-06-01T01:02:03", "2025-06-01T23:02:03+09:00", "[]",
    "[a, 1]", "\n  - a\n  - b c", "\n- a", "{a: 1}", "|\n  x\n  y", ">\n  x\n  y", '"\\u3042"',
    "x: y", "'x", "[a", "a # b", "#", "&a x", "*a", "!!str 1", "12:30:45", "0x10", "0o17", "1e3",
    ".5", "\tx", '"2025-06-01 10:20:30 +0900"', "2025-06-01 10:20:30", "@x", "`x`", "%x",
    "- x", "? x", "x:y", "-x", '"a\\/b"', "あ: い", "'t'",
)  # fmt: skip
_JSON_VALUES: Sequence[str] = (
    '"x"', "1", "1.5", "1.0", "1e3", "true", "null", "[]", '["a", 1]', '["a", "a"]', '{"a": "}"}',
    '"\\u3042"', '"2025-06-01"', '"2025-06-01T00:00:00"', '"2025-06-01T23:02:03+09:00"', '""',
    "'x'", "NaN", "x", '"a\nb"', '"\\x"', "[1,]", '"\\ud800"', '"a\\/b"', "01", '"t"', "-0", ".5",
)  # fmt: skip
_KEYS = ("title", "date", "draft", "tags", "months", "featureimage", "other", "Title", "a.b")


def odd_front_matter(random: Random) -> str:
    """A post whose front matter has odd values under the keys that are read, some broken."""
    form = random.randrange(3)
    mark, sign, values = (
        ("+++", " = ", _TOML_VALUES), ("---", ": ", _YAML_VALUES), ("", ": ", _JSON_VALUES)
    )[form]  # fmt: skip
    keys = ["title", "date", *random.choices(_KEYS, k=random.randrange(1, 4))]
    if random.random() < 0.8:
        keys = list(dict.fromkeys(keys))
    plain = {"title": '"題"', "date": '"2025-06-01T00:00:00"'}
    lines = []
    for key in keys:
        value = random.choice(values)
        if key in plain and random.random() < 0.6:
            value = plain[key]
        lines.append((f'"{key}"' if form == 2 else key) + sign + value)
    newline = random.choice(("\n", "\n", "\r\n"))
    if form == 2:
        text = "{" + newline + ("," + newline).join(lines) + newline + "}" + newline
    else:
        text = mark + newline + newline.join(lines) + newline + mark + newline
    text = random.choice(("", "", "", "\ufeff", "\n", " ")) + text
    if random.random() < 0.2:
        at = random.randrange(len(text))
        text = (
            text[:at]
            + random.choice(("", "\n", "+", "-", "{", "}", '"', " ", "\x00"))
            + text[at + 1 :]
        )
    return text + body(random)
