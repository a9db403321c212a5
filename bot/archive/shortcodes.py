"""Hugo's shortcodes: a parser that takes and refuses what Hugo 0.168 does.

The rules are those of Hugo's `hugolib/shortcode.go`, and of Go's templates for what is printed of
an argument.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.archive.shortcode_tokens import Kind, ShortcodeError, Token, tokens_of

# Whether a shortcode has an inner part and must be closed: the blog's own templates, then those
# that Hugo brings along (without gist, tweet and twitter, which it removed). A name that is in
# neither is refused, as Hugo refuses it; Hugo looks templates up without regard to case.
BLOG_SHORTCODES: Mapping[str, bool] = {"matomequote": False, "details": True, "list": False}
HUGO_SHORTCODES: Mapping[str, bool] = {
    "comment": True,
    "figure": False,
    "highlight": True,
    "instagram": False,
    "param": False,
    "qr": True,
    "ref": False,
    "relref": False,
    "vimeo": False,
    "x": False,
    "youtube": False,
}
KNOWN_SHORTCODES: Mapping[str, bool] = {**HUGO_SHORTCODES, **BLOG_SHORTCODES}

# Deeper nesting than this is not a post; Hugo itself would follow it until its stack ends.
MAX_DEPTH = 100


@dataclass(slots=True)
class Shortcode:
    """A shortcode with its arguments (named or positional, never both) and what lies within.

    `name` is in lower case.
    """

    name: str = ""
    position: int = 0
    named: dict[str, str] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)
    inner: list["str | Shortcode"] = field(default_factory=list)


def parse(text: str) -> list[str | Shortcode]:
    """Split a page's text (without its front matter) into plain text and shortcodes, in order.

    Raises ShortcodeError for what Hugo refuses.
    """
    tokens = tokens_of(text)
    nodes: list[str | Shortcode] = []
    at = 0
    while tokens[at].kind is not Kind.END:
        if tokens[at].kind in (Kind.LEFT, Kind.WHOLE):
            shortcode, at = _take(tokens, at, 0)
            nodes.append(shortcode)
        else:
            nodes.append(tokens[at].text)
            at += 1
    return nodes


def _take(tokens: list[Token], at: int, depth: int) -> tuple[Shortcode, int]:
    """The shortcode whose left delimiter is at `at`, and the index behind its end."""
    start = tokens[at].position
    if depth > MAX_DEPTH:
        raise ShortcodeError("too_deep", start)
    shortcode = Shortcode(position=start)
    has_inner = False
    opened = False
    if tokens[at].kind is Kind.WHOLE:
        _, position, name, *_, arguments = tokens[at]
        shortcode.name = name.lower()
        shortcode.named.update(arguments)
        if shortcode.name not in KNOWN_SHORTCODES:
            raise ShortcodeError("unknown", position, name)
        has_inner = KNOWN_SHORTCODES[shortcode.name]
        opened = True
        at += 1
        if not has_inner:
            return shortcode, at
    while True:
        token = tokens[at]
        at += 1
        kind = token.kind
        if kind is Kind.ARGUMENT:
            shortcode.named[token.text] = token.value
            if shortcode.positional:
                raise ShortcodeError("mixed", token.position, token.text)
        elif kind is Kind.PARAM:
            following = tokens[at]
            if following.kind is Kind.VALUE:
                shortcode.named[token.text] = printed(following)
                at += 1
            elif following.kind is not Kind.END:
                shortcode.positional.append(printed(token))
            if shortcode.named and shortcode.positional:
                raise ShortcodeError("mixed", token.position, token.text)
        elif kind is Kind.NAME:
            shortcode.name = token.text.lower()
            if shortcode.name not in KNOWN_SHORTCODES:
                raise ShortcodeError("unknown", token.position, token.text)
            has_inner = KNOWN_SHORTCODES[shortcode.name]
        elif kind is Kind.WHOLE:
            nested, at = _take(tokens, at - 1, depth + 1)
            shortcode.inner.append(nested)
        elif kind is Kind.LEFT:
            following = tokens[at]
            if following.kind is Kind.RIGHT:
                raise ShortcodeError("no_name", token.position)
            if following.kind is Kind.CLOSE:
                continue
            if opened:
                nested, at = _take(tokens, at - 1, depth + 1)
                shortcode.inner.append(nested)
            opened = True
        elif kind is Kind.RIGHT:
            if not has_inner:
                return shortcode, at
        elif kind is Kind.TEXT:
            shortcode.inner.append(token.text)
        elif kind is Kind.CLOSE:
            if not has_inner:
                raise ShortcodeError("not_closable", token.position, shortcode.name)
            # Self-closing (`/>}}`), or the name and the delimiter of a closing tag.
            consumed = 1 if tokens[at].kind is Kind.RIGHT else 2
            return shortcode, min(at + consumed, len(tokens) - 1)
        elif kind is Kind.END:
            raise ShortcodeError("not_closed", start, shortcode.name)


_NUMBER = re.compile(r"[-+]?(?:([0-9]+)|[0-9]*\.[0-9]+)")


def printed(token: Token) -> str:
    """What a template prints of an argument: unquoted numbers lose leading zeros and signs."""
    text = token.text
    if token.quoted:
        return text
    number = _NUMBER.fullmatch(text)
    if number is None:
        return text
    if number[1] is None:
        value = float(text)
        # Go's parser calls it out of range; then the text stays.
        return text if math.isinf(value) else printed_float(value)
    if len(number[1].lstrip("0")) > 19:
        return text
    whole = int(text[:1].strip("0123456789") + (number[1].lstrip("0") or "0"))
    return str(whole) if -(2**63) <= whole < 2**63 else text


def printed_float(value: float) -> str:
    """A float as Go prints it: the fewest digits that tell it, never an exponent."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return format(Decimal(repr(value)), "f").removesuffix(".0")
