"""What Discord is sent of the whole archive, against `matome export`."""

from collections.abc import Iterator, Mapping

from adapters.discord.limits import LIMITS
from adapters.discord.render import body, rendered
from adapters.discord.validate import message_findings
from benchmarks.bench import Bench
from benchmarks.discord_reading import MENTIONS, read, texts
from benchmarks.figures import Row
from benchmarks.platform_pages import Form, Sent, measured
from bot.locales import Texts
from bot.view import Action, View


def measure(bench: Bench) -> Iterator[Row]:
    """Differences, limits broken and mentions over the whole archive."""
    yield from measured(bench, DISCORD)


def _sent(view: View, codes: Mapping[Action, str], spoken: Texts) -> Sent:
    message = body(rendered(view, codes, spoken))
    found = [read(text) for text in texts(message)]
    mentions = [mark.text for reading in found for mark in reading.marks if mark.kind in MENTIONS]
    over = [str(finding) for finding in message_findings(message)]
    return Sent([reading.text for reading in found], over, mentions)


DISCORD = Form("discord", LIMITS, _sent)
