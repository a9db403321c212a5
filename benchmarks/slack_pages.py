"""What Slack is sent of the whole archive, against `matome export`."""

from collections.abc import Iterator, Mapping

from adapters.slack.limits import LIMITS
from adapters.slack.render import rendered
from adapters.slack.validate import message_findings
from benchmarks.bench import Bench
from benchmarks.figures import Row
from benchmarks.platform_pages import Form, Sent, measured
from benchmarks.slack_reading import MENTIONS, alike, read_mrkdwn, readings, size
from bot.locales import Texts
from bot.view import Action, View


def measure(bench: Bench) -> Iterator[Row]:
    """Differences, limits broken and mentions over the whole archive."""
    yield from measured(bench, SLACK)


def _sent(view: View, codes: Mapping[Action, str], spoken: Texts) -> Sent:
    message = rendered(view, codes, spoken).arguments()
    found = readings(message)
    everything = [*found, read_mrkdwn(message["text"])]
    mentions = [mark.text for one in everything for mark in one.marks if mark.kind in MENTIONS]
    over = [str(finding) for finding in message_findings(message)]
    return Sent([one.text for one in found], over, mentions, size(message))


SLACK = Form("slack", LIMITS, _sent, alike)
