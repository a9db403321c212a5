"""Front matter: TOML, YAML or JSON at the head of a post, delimited as Hugo delimits it."""

import json
import math
import re
import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import yaml

from bot.errors import PostRefused

# A real post's is under a thousand characters; a parser is not fed megabytes of it.
MAX_LENGTH = 16 * 1024

FORMATS = {"+": "TOML", "-": "YAML", "{": "JSON"}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values by lower-cased key, and the text behind them, which starts in `body_line`."""

    values: Mapping[str, object]
    body: str
    body_line: int


def split(text: str) -> FrontMatter:
    """Take the front matter off a post.

    Raises PostRefused where there is none, or none that its format's parser reads.
    """
    # Hugo passes over one byte order mark, then over spaces.
    start = len(text) - len(text.removeprefix("\ufeff").lstrip(" \t\r\n\v\f"))
    mark = text[start : start + 1]
    if mark == "{":
        source, end = _json_object(text, start)
    elif mark in ("+", "-"):
        source, end = _fenced(text, start, mark)
    else:
        raise PostRefused("refused.no_front_matter", 1)
    if len(source) > MAX_LENGTH:
        raise PostRefused("refused.front_matter_too_long", _line(text, start), limit=MAX_LENGTH)
    values = _parse(source, mark, _line(text, start))
    # Of keys that differ in case only, Hugo takes the one that is not in lower case.
    ordered = sorted(values.items(), key=lambda item: str(item[0]) != str(item[0]).lower())
    return FrontMatter(
        {str(key).lower(): value for key, value in ordered}, text[end:], _line(text, end)
    )


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _fenced(text: str, start: int, mark: str) -> tuple[str, int]:
    """What stands between two fences; only a line's start is looked at, as in Hugo."""
    fence = mark * 3
    if not text.startswith(fence, start):
        raise PostRefused("refused.no_front_matter", _line(text, start))
    closing = re.compile(rf"(?<=[\r\n]){re.escape(fence)}(\r?\n)?").search(text, start + 3)
    if closing is None:
        raise PostRefused("refused.front_matter_not_closed", _line(text, start))
    return text[start + 3 : closing.start()], closing.end()


def _json_object(text: str, start: int) -> tuple[str, int]:
    """Hugo counts braces outside of strings, then leaves the rest to the parser."""
    level = 0
    in_string = False
    skip = False
    for position in range(start, min(len(text), start + MAX_LENGTH + 1)):
        char = text[position]
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif char == '"':
            in_string = not in_string
        elif not in_string and char in "{}":
            level += 1 if char == "{" else -1
            if level == 0:
                return text[start : position + 1], position + 1
    raise PostRefused("refused.front_matter_not_closed", _line(text, start))


def _parse(source: str, mark: str, line: int) -> Mapping[object, object]:
    kind = FORMATS[mark]
    try:
        if mark == "+":
            if _DOTTED.search(source):
                raise RecursionError
            values: object = tomllib.loads(source.replace("\r\n", "\n"), parse_float=_finite)
            _check_integers(values)
        elif mark == "-":
            values = yaml.load(source, Loader=_YamlLoader)  # noqa: S506 (a SafeLoader)
        else:
            # To Hugo every number of JSON is a float.
            values = json.loads(
                source, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_finite
            )
    except yaml.YAMLError as error:
        # The first line of the source is the rest of the fence's own line.
        mark_at = getattr(error, "problem_mark", None)
        at = line + (mark_at.line if mark_at is not None else 0)
        problem = getattr(error, "problem", None) or "?"
        raise PostRefused("refused.front_matter", at, format=kind, problem=problem) from error
    except ValueError as error:
        at = _error_line(error, line)
        problem = re.sub(r" \(at .*\)$", "", str(error))
        raise PostRefused("refused.front_matter", at, format=kind, problem=problem) from error
    except RecursionError as error:
        problem = "nested too deeply"
        raise PostRefused("refused.front_matter", line, format=kind, problem=problem) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        # What PyYAML lets through of `!!bool x`, `!!int ""` or "\Uffffffff".
        problem = "a value that is not of its type"
        raise PostRefused("refused.front_matter", line, format=kind, problem=problem) from error
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        problem = "not a mapping"
        raise PostRefused("refused.front_matter", line, format=kind, problem=problem)
    return values


def _error_line(error: ValueError, line: int) -> int:
    if isinstance(error, json.JSONDecodeError):
        return line + error.lineno - 1
    # tomllib says where only in its message.
    found = re.search(r"\(at line (\d+)", str(error))
    return line + int(found[1]) - 1 if found else line


# A key of so many parts, for which tomllib takes the square of their number.
_DOTTED = re.compile(r"""(?:[\w"'-]{1,40}[ \t]*\.[ \t]*){200}""")


def _finite(text: str) -> float:
    """A float; a number too large for one is refused, though TOML's inf and nan are not."""
    number = float(text)
    if math.isinf(number) and "inf" not in text:
        raise ValueError(f"{text[:20]} is out of range")
    return number


def _check_integers(value: object) -> None:
    """TOML's integers have 64 bits; tomllib takes any."""
    if isinstance(value, dict):
        for inner in value.values():
            _check_integers(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_integers(inner)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("an integer is out of range")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


# What PyYAML takes for the end of a line, or refuses, and YAML 1.2 does not.
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HALF_A_PAIR = re.compile("[\ud800-\udbff](?![\udc00-\udfff])")


class _YamlLoader(yaml.SafeLoader):
    """YAML as Hugo's parser reads it: no timestamps, no yes/no, no base 60, no doubled keys.

    Strange characters are swapped for private ones that the source does not have, and back.
    """

    # Begins empty, so that only the resolvers below are known.
    yaml_implicit_resolvers = {}  # noqa: RUF012 (PyYAML's own way of declaring it)

    def __init__(self, source: str) -> None:
        strange = sorted(set(_STRANGE.findall(source)))
        private = (char for char in map(chr, range(0xE000, 0xF900)) if char not in source)
        swapped = dict(zip(strange, private, strict=False))
        self._back = str.maketrans({new: old for old, new in swapped.items()})
        super().__init__(source.translate(str.maketrans(swapped)))

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """The text of a scalar, in which escapes may stand for a character's halves."""
        text = str(super().construct_scalar(node))
        if text.isascii():
            return text
        if _HALF_A_PAIR.search(text):
            raise yaml.constructor.ConstructorError(
                None, None, "half of a surrogate pair", node.start_mark
            )
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.translate(self._back)

    def construct_number(self, node: yaml.ScalarNode) -> object:
        """A number; what does not fit into 64 bits stays text."""
        if node.tag.endswith(":int"):
            whole = self.construct_yaml_int(node)
            return whole if -(2**63) <= whole < 2**64 else node.value
        number = self.construct_yaml_float(node)
        return node.value if math.isinf(number) and "inf" not in node.value.lower() else number

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge keys (`<<`), of which a few make any number of keys, are not for posts."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "merge key", key.start_mark)

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """A mapping; a key that is there twice is refused."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"key {key.value!r} is there twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (
        "int",
        r"[-+]?(?:[1-9][0-9_]*|0[0-7_]*|0o[0-7_]*[0-7][0-7_]*"
        r"|0x[0-9a-fA-F_]*[0-9a-fA-F][0-9a-fA-F_]*|0b[01_]*[01][01_]*)",
        list("-+0123456789"),
    ),
    (
        "float",
        r"[-+]?(?:(?:[0-9][0-9_]*)?\.[0-9]+|[0-9][0-9_]*\.)(?:[eE][-+]?[0-9]+)?"
        r"|-?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
):
    _YamlLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first
    )
for _tag in ("int", "float"):
    _YamlLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _YamlLoader.construct_number)
