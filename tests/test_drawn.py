"""The pictures of Discord and Slack leave nothing out, and show what is sent now."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from adapters.discord.dialogs import dialog as discord_dialog
from adapters.discord.messages import message_of
from adapters.discord.render import body as discord_body
from adapters.discord.render import rendered as discord_rendered
from adapters.slack.dialogs import dialog as slack_dialog
from adapters.slack.home import search_field
from adapters.slack.messages import posted
from adapters.slack.render import rendered as slack_rendered
from benchmarks import discord_reading, slack_reading
from bot.chat.context import Frame
from bot.chat.forms import form_of
from bot.intent import AddDigest
from bot.settings import SAMPLE_ARCHIVE
from bot.view import Posting
from docs.pictures.chromium import stamp_of, stamped
from docs.pictures.nodes import UnknownError, node, written
from docs.pictures.scenes import COMMAND, ON_DISCORD, ON_SLACK, SCENES, SHOWN, of_payload
from docs.pictures.stage import LIMITS, TEXTS, Stage, opened_stage
from docs.pictures.times import discord_time, slack_time
from tests.commands import ROOT, Matome
from tests.views import EVERYTHING

COMMANDS = (COMMAND, "/matome", "tags", "help", "2025-06", "メモリ 帯域", "kubernets",
            "https://news.ycombinator.com/item?id=99000106")  # fmt: skip
TIME = re.compile(r"<t:(\d+):(\w)>")
DATE = re.compile(r"<!date\^(\d+)\^([^|]+)\|[^>]*>")
CODES = {action: f"1h{number}~AAAAAA" for number, action in enumerate(EVERYTHING.actions())}
NOW = {"time": "9:30", "tags": "GPU, AI", "without": "", "posts": "5", "weekdays": "毎日",
       "zone": "Asia/Tokyo", "quiet_day": "say", "role": "42"}  # fmt: skip


class _Seen(HTMLParser):
    """The words of a page without the space between them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = ""

    def handle_data(self, data: str) -> None:
        self.words += "".join(data.split())


def seen(platform: str, body: Any) -> str:
    """What the drawing of a payload shows."""
    reader = _Seen()
    reader.feed(written(of_payload(platform, body)))
    reader.close()
    return reader.words.replace("\u200b", "")


def said_on_discord(body: Any) -> str:
    """What Discord's clients show of a message, as the figures read it."""
    return "".join(_said_on_discord(body))


def _said_on_discord(body: Any) -> Iterator[str]:
    for one in discord_reading.components(body):
        if "content" in one:
            text = discord_reading.read(one["content"]).text
            text = TIME.sub(lambda found: discord_time(int(found[1]), found[2]), text)
            yield "".join(text.split())
        for name in ("label", "placeholder"):
            yield "".join(one.get(name, "").split())


def said_on_slack(body: Any) -> str:
    """The same of a message of Slack."""
    return "".join(_said_on_slack(body["blocks"]))


def _said_on_slack(blocks: Any) -> Iterator[str]:
    for block in blocks:
        alone = {"blocks": [_in_tokyo(block)]}
        for reading in (*slack_reading.readings(alone), *_labels(alone)):
            yield "".join(reading.text.split())


def _labels(message: Any) -> Iterator[slack_reading.Reading]:
    """What is seen of what is pressed; the options of a menu show once it is opened."""
    for element in slack_reading.elements(message):
        for name in ("text", "placeholder"):
            if name in element:
                yield slack_reading.read_object(element[name])


def _in_tokyo(value: Any) -> Any:
    """A payload whose times are as the reader of the drawing sees them."""
    if isinstance(value, str):
        return DATE.sub(lambda found: slack_time(int(found[1]), found[2]), value)
    if isinstance(value, list):
        return [_in_tokyo(one) for one in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _in_tokyo(one) for name, one in value.items()}
    if shown.get("type") == "date":
        shown["fallback"] = slack_time(shown["timestamp"], shown["format"])
    return shown


SAID = {"discord": said_on_discord, "slack": said_on_slack}


@pytest.fixture(params=sorted(LIMITS))
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """The sample archive in a channel of each platform."""
    async with opened_stage(request.param, tmp_path) as opened:
        yield opened


async def test_all_that_is_sent_is_drawn(stage: Stage) -> None:
    platform = stage.channel.name
    sent = [await stage.asked(command) for command in COMMANDS]
    await stage.digest((*ON_DISCORD, *ON_SLACK[:1]), SHOWN)
    sent += await stage.unfolded(ON_DISCORD[0])
    sent.append(await stage.shown_digest())
    for message in sent:
        said = SAID[platform](message.body)
        assert said
        assert seen(platform, message.body) == said


async def test_an_answer_is_drawn_from_what_render_prints(stage: Stage, tmp_path: Path) -> None:
    platform = stage.channel.name
    asked = (await stage.asked(COMMAND)).body
    matome = Matome(str(SAMPLE_ARCHIVE), tmp_path / "data", tmp_path)
    ran = await asyncio.to_thread(matome, "render", "--as", platform, COMMAND)
    assert asked == json.loads(ran.out)


def test_the_lines_of_render_become_a_page(tmp_path: Path) -> None:
    matome = Matome(str(SAMPLE_ARCHIVE), tmp_path / "data", tmp_path)
    lines = matome("render", "--as", "slack", "--all", "tags").stdout
    command = [sys.executable, "-m", "docs.pictures", "--as", "slack"]
    drawn = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, check=True)
    page = drawn.stdout.decode()
    assert page.count('<div class="message">') == len(lines.splitlines()) > 1
    assert "ハードウェア" in page


async def test_the_colour_of_a_comment_and_its_picture_are_drawn(tmp_path: Path) -> None:
    async with opened_stage("discord", tmp_path) as stage:
        opened = await stage.asked("https://news.ycombinator.com/item?id=99000001")
    shown = written(opened.drawn())
    assert "data:image/jpeg;base64," in shown
    assert re.search(r'class="container" style="border-left-color:#[0-9a-f]{6}"', shown)


def test_every_kind_of_block_is_drawn() -> None:
    for platform, body in _everything().items():
        assert seen(platform, body) == SAID[platform](body)


def _everything() -> dict[str, Any]:
    return {
        "discord": discord_body(discord_rendered(EVERYTHING, CODES, TEXTS)),
        "slack": slack_rendered(EVERYTHING, CODES, TEXTS).arguments(),
    }


def test_a_mention_is_drawn() -> None:
    posting = Posting(EVERYTHING, "ja", CODES, mention="42")
    assert "@読者" in seen("discord", message_of(posting, ()))
    group = Posting(EVERYTHING, "ja", CODES, mention="S0123ABC")
    assert "@readers" in seen("slack", posted(group).arguments())


async def test_dialogs_are_drawn() -> None:
    for platform in LIMITS:
        form = form_of(AddDigest(), "1fda~AAAAAA", NOW, Frame(TEXTS, LIMITS[platform]))
        is_slack = platform == "slack"
        body = slack_dialog(form, "T1/C1", TEXTS) if is_slack else discord_dialog(form).to_dict()
        shown = seen(platform, body)
        assert form.title in shown
        for field in form.fields[:5]:
            if not (is_slack and field.spec.name == "role"):
                assert "".join(field.label.split()) in shown
        assert "9:30" in shown
    assert TEXTS("slack.search") in seen("slack", {"blocks": [search_field(TEXTS)]})


@pytest.mark.parametrize(
    "component",
    [
        {"type": 13, "file": {"url": "attachment://a.txt"}},
        {"type": 2, "style": 4, "label": "danger", "custom_id": "a", "disabled": False},
        {"type": 11, "media": {"url": "https://example.org/a.png"}, "description": None},
        *(
            {"type": 10, "content": content}
            for content in (
                "*slanted*",
                "__underlined__",
                "~~struck~~",
                "||spoiler||",
                "@everyone",
                "<@1>",
                "<#1>",
                ":smile:",
                "https://example.org/",
                "- an entry",
                "1. an entry",
                "<t:1754984707:R>",
                "```py\n1\n```",
            )
        ),
    ],
)
def test_what_is_unknown_of_discord_is_refused(component: dict[str, Any]) -> None:
    with pytest.raises(UnknownError):
        of_payload("discord", {"components": [component]})


def _rich(*parts: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "video"},
        _rich({"type": "emoji", "name": "smile"}),
        _rich({"type": "text", "text": "a", "style": {"italic": True}}),
        _rich({"type": "text", "text": "a"}, kind="rich_text_list"),
        {"type": "section", "text": {"type": "plain_text", "text": ":smile:"}},
        {"type": "actions", "elements": [{"type": "datepicker"}]},
        *(
            {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
            for text in (
                "<@U1>",
                "<!channel>",
                "_slanted_",
                "~struck~",
                "`code`",
                ":smile:",
                "&gt; quoted",
                "<!date^1754984707^{ago}|then>",
            )
        ),
    ],
)
def test_what_is_unknown_of_slack_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(UnknownError):
        of_payload("slack", {"blocks": [block]})


def test_lines_are_drawn_as_the_clients_break_them() -> None:
    words = {"type": "text", "text": "a\n"}
    block = _rich(words)
    block["elements"].append({"type": "rich_text_quote", "elements": [words]})
    drawn = written(of_payload("slack", {"blocks": [block]}))
    assert '<div class="line">a</div><blockquote>a\n</blockquote>' in drawn
    text = {"type": 10, "content": "a\n\n> b\n> c\n```\nd\ne\n```\nf"}
    drawn = written(of_payload("discord", {"components": [text]}))
    line = '<div class="line">{}</div>'.format
    quote = f"<blockquote>{line('b')}{line('c')}</blockquote>"
    assert f"{line('a')}{line('')}{quote}<pre>d\ne</pre>{line('f')}" in drawn


def test_what_others_wrote_is_no_html() -> None:
    evil = "</div><script>alert(1)</script>\"'&amp;"
    assert seen("slack", {"blocks": [_rich({"type": "text", "text": evil})]}) == evil
    drawn = written(node("img", alt=evil))
    assert "<script" not in drawn
    assert drawn.count('"') == 2


def test_a_picture_keeps_its_stamp() -> None:
    picture = (ROOT / "docs" / "slack.png").read_bytes()
    assert stamp_of(stamped(picture, "a stamp")) == "a stamp"
    assert stamp_of(picture) not in (None, "a stamp")


def test_the_pictures_show_what_is_sent_now() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "docs.pictures", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.stdout + checked.stderr, checked.returncode) == ("", 0)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_the_pictures_are_no_burden_for_a_page(name: str) -> None:
    assert (ROOT / "docs" / f"{name}.png").stat().st_size < 300_000
