"""Text as Slack's mrkdwn, where there can be no rich text: beside a button, and in small print.

mrkdwn has no way to write `*`, `_`, `~`, a backtick or `:` for itself. Where they may begin
something, signs that look alike stand for them; `&`, `<` and `>` are escaped as Slack wants it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from bot.chat.visible import visible
from bot.view import Moment, Run, Text

# What a character takes once it is escaped; a > at the beginning of a line takes one more.
ESCAPED: Mapping[str, int] = MappingProxyType({"&": 5, "<": 4, ">": 5, "＞": 2})
# Slack takes the wide forms for the narrow ones.
ALIKE: Mapping[str, str] = MappingProxyType(
    {"*": "\u2217", "＊": "\ufe61", "~": "\u223c", "`": "\u02cb", "｀": "\u02cb", "＿": "\u02cd"}
)
_ALIKE = str.maketrans(dict(ALIKE))
# An underline between letters begins nothing.
_UNDERLINE = re.compile(r"(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_EMOJI = re.compile(r":(?=[\w+'-]+:)")
_QUOTE_START = re.compile(r"^(?=[^\S\n]*(?:&gt;|＞))", re.MULTILINE)
# Stands for a bar in the words of a link, where one ends the address.
_BAR = "\u2223"
# Not seen, and begins no quote.
_STOP = "\u00ad"
# Makes bold what stands within a word, as all Japanese does.
_BESIDE_BOLD = "\u200b"

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_TARGET = re.compile(r"https?://[^\s<>\"\\`|]+", re.IGNORECASE)
LONGEST_ADDRESS = 3000
# Such as 2025年7月2日 and Jul 2, 2025, by the language of the reader's client.
_DAY, _DAY_AND_TIME = "{date_short}", "{date_short} {time}"


def escaped(text: str) -> str:
    """A visible text in which nothing is a mention, a link or a command, for `text` of a message.

    Looks such as *bold* stay what they are.
    """
    shown = visible(text)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def disarmed(text: str) -> str:
    """A text that shows as it is, but for signs that others stand for; not its line's beginning."""
    shown = _EMOJI.sub("\u2236", visible(text).translate(_ALIKE))
    return escaped(_UNDERLINE.sub("\u02cd", shown))


def leads_to(words: str, link: str | None) -> str | None:
    """Where words may lead, None where they may not.

    Words that look like an address lead nowhere else: nobody can hide another one behind them.
    """
    if link is None or len(link) > LONGEST_ADDRESS or visible(link) != link:
        return None
    if _TARGET.fullmatch(link) is None or not words.strip():
        return None
    is_itself = words.casefold() == link.casefold()
    return link if is_itself or _ADDRESS.search(words) is None else None


def date_format(moment: Moment) -> str:
    """The form of a point in time in Slack's own language of forms."""
    return _DAY_AND_TIME if moment.clock else _DAY


def fallback(moment: Moment) -> str:
    """A point in time for clients that cannot show it in the reader's zone: in UTC, and says so."""
    day = f"{moment.at.year:04}-{moment.at:%m-%d}"
    return f"{day} {moment.at:%H:%M} UTC" if moment.clock else day


def seconds(moment: Moment) -> int:
    """A point in time in whole seconds since 1970 (UTC)."""
    return int(moment.at.timestamp())


def timestamp(moment: Moment) -> str:
    """A point in time, which Slack shows in the reader's zone."""
    return f"<!date^{seconds(moment)}^{date_format(moment)}|{fallback(moment)}>"


def mrkdwn(text: Text) -> str:
    """The mrkdwn of a text.

    Code and quotes are shown as text: they would need signs that may stand within them.
    """
    written = "".join(_together(look, list(runs)) for look, runs in groupby(text, _look))
    return _QUOTE_START.sub(_STOP, written)


def bold_line(text: Text) -> str:
    """The mrkdwn of a text on one line, in bold, unless some of it is anyway."""
    line = " ".join(mrkdwn(text).split("\n")).strip()
    if not line or any(run.bold for run in text if isinstance(run, Run)):
        return line
    return f"*{line}*"


@dataclass(frozen=True, slots=True)
class _Look:
    """What is written together: words that look alike, or points in time."""

    is_moment: bool
    link: str | None
    bold: bool


def _look(run: Run | Moment) -> _Look:
    if isinstance(run, Moment):
        return _Look(True, None, False)
    return _Look(False, run.link, run.bold)


def _together(look: _Look, runs: Sequence[Run | Moment]) -> str:
    if look.is_moment:
        return "".join(timestamp(run) for run in runs if isinstance(run, Moment))
    words = "".join(visible(run.text) for run in runs if isinstance(run, Run))
    written = disarmed(words)
    target = leads_to(words, look.link)
    if target is not None and "\n" not in words:
        label = written.strip()
        before, _, behind = written.partition(label)
        shown = _QUOTE_START.sub(_STOP, label).replace("|", _BAR)
        written = f"{before}<{escaped(target)}|{shown}>{behind}"
    return "\n".join(map(_bold, written.split("\n"))) if look.bold else written


def _bold(line: str) -> str:
    """A line in bold, but for the space around it."""
    words = line.strip()
    if not words:
        return line
    before, _, behind = line.partition(words)
    return f"{before}{_BESIDE_BOLD}*{words}*{_BESIDE_BOLD}{behind}"
