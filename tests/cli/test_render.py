"""`matome render`: what a command or a button would send."""

import asyncio
import json
import re
from typing import Any

import pytest

from adapters.discord.dialog_limits import dialog_findings
from adapters.discord.validate import message_findings
from adapters.slack.messages import builder_link
from adapters.slack.validate import message_findings as slack_findings
from benchmarks.discord_reading import components, read, texts
from benchmarks.slack_reading import elements, readings
from bot.chat.codes import Codes
from bot.intent import AddDigest, OpenPost, Unfold
from bot.model import post_key
from bot.view import Action, Effect
from tests.blog import Blog
from tests.codes import MemoryCodes
from tests.commands import Matome
from tests.pictures import png
from tests.views import AT

CODE = re.compile(r"(?<= )1\S+~[\w-]{6}")


def rendered(matome: Matome, *arguments: str) -> str:
    done = matome("render", "--as", "console", *arguments)
    assert (done.status, done.err) == (0, "")
    return done.out


def test_it_prints_what_the_chat_answers(indexed: Matome) -> None:
    assert rendered(indexed, "/matome gpu") == indexed("chat", stdin=b"/matome gpu\n").out


def test_a_code_is_a_command_too(indexed: Matome) -> None:
    codes = CODE.findall(rendered(indexed, "--codes", "/matome gpu"))
    assert "コメントを読む（2）" in rendered(indexed, codes[0])


def test_all_pages_follow_each_other(indexed: Matome) -> None:
    shown = rendered(indexed, "--all", "https://news.ycombinator.com/item?id=101")
    for text in ("メモリ帯域が足りない。", "NVIDIAのGPUを買った", "畳まれたコメント"):
        assert text in shown


def test_a_long_question_has_a_short_code_that_works_later(
    matome: Matome, small_blog: object
) -> None:
    assert matome("sync").status == 0
    question = " ".join(f"-長い言葉{number}" for number in range(15)) + " GPU"
    shown = rendered(matome, "--codes", question)
    (share,) = (code for code in CODE.findall(shown) if "*" in code)
    assert len(share.encode()) <= 100
    assert "検索結果" in rendered(matome, share)


def test_what_would_be_unfolded_is_shown_and_not_posted(indexed: Matome) -> None:
    code = code_of(Action(Unfold(post_key("2025_06_10_gpu_memory")), Effect.THREAD))
    shown = rendered(indexed, code)
    assert shown.index("メモリ帯域が足りない。") < shown.index("畳まれたコメント")
    assert "に投稿" not in shown


@pytest.mark.parametrize("line", ["/digest add 9:30", "/digest now abcdefgh"])
def test_nothing_is_changed_by_rendering(indexed: Matome, line: str) -> None:
    done = indexed("render", "--as", "console", line)
    assert done.status == 2
    assert "matome digest" in done.out


def test_what_cannot_be_understood_is_said_as_the_chat_does(indexed: Matome) -> None:
    done = indexed("render", "--as", "console", "colour:red")
    assert (done.status, done.err) == (2, "")
    assert done.out == indexed("chat", stdin=b"colour:red\n").out


def test_the_button_of_a_post_that_is_not_there_says_so(indexed: Matome) -> None:
    done = indexed("render", "--as", "console", code_of(Action(OpenPost("AAAAAAAAAAA"))))
    assert done.status == 2
    assert "アーカイブにありません" in done.out


def code_of(action: Action) -> str:
    return asyncio.run(Codes(MemoryCodes()).encode([action], AT))[action]


def test_the_platform_must_be_one_that_there_is(indexed: Matome) -> None:
    assert indexed("render", "gpu").status == 2
    assert indexed("render", "--as", "telegram", "gpu").status == 2


def bodies(matome: Matome, *arguments: str) -> list[dict[str, Any]]:
    done = matome("render", "--as", "discord", *arguments)
    assert (done.status, done.err) == (0, "")
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [finding for body in found for finding in message_findings(body)] == []
    return found


def test_what_discord_is_sent_is_a_json_object_a_message(indexed: Matome) -> None:
    [body] = bodies(indexed, "/matome gpu")
    assert body["flags"] == 1 << 15
    assert body["allowed_mentions"]["parse"] == []
    codes = [found["custom_id"] for found in components(body) if "custom_id" in found]
    assert bodies(indexed, "--codes", "/matome gpu") == [body]
    [post] = bodies(indexed, codes[0])
    assert "メモリ帯域が足りない。" in "".join(read(text).text for text in texts(post))


def test_every_page_for_discord_is_a_line(indexed: Matome) -> None:
    pages = bodies(indexed, "--all", "https://news.ycombinator.com/item?id=101")
    assert len(pages) > 1
    shown = "".join(read(text).text for page in pages for text in texts(page))
    for text in ("メモリ帯域が足りない。", "NVIDIAのGPUを買った", "畳まれたコメント"):
        assert text in shown


@pytest.mark.parametrize("line", ["help", "tags", "months", "2025-06", "/digest list", "random"])
def test_every_answer_has_a_form_for_discord(indexed: Matome, line: str) -> None:
    assert bodies(indexed, line)


def test_a_thread_for_discord_is_a_line_a_message(indexed: Matome) -> None:
    code = code_of(Action(Unfold(post_key("2025_06_10_gpu_memory")), Effect.THREAD))
    shown = "".join(read(text).text for page in bodies(indexed, code) for text in texts(page))
    assert shown.index("メモリ帯域が足りない。") < shown.index("畳まれたコメント")


def test_what_cannot_be_understood_is_said_in_discords_form_too(indexed: Matome) -> None:
    done = indexed("render", "--as", "discord", "colour:red")
    assert (done.status, done.err) == (2, "")
    assert message_findings(json.loads(done.out)) == []


def test_pictures_for_discord_are_named_but_not_printed(matome: Matome, small_blog: Blog) -> None:
    small_blog.write("static/thumbnails/blue.jpg", png(blue=255))
    [body] = bodies(matome, "https://news.ycombinator.com/item?id=101")
    assert body["attachments"] == [{"id": 0, "filename": "picture1.png"}]
    [media] = [found["media"]["url"] for found in components(body) if "media" in found]
    assert media == "attachment://picture1.png"


def test_a_form_for_discord_is_its_dialog(indexed: Matome) -> None:
    code = code_of(Action(AddDigest(time="9:30"), Effect.FORM))
    done = indexed("render", "--as", "discord", code)
    assert (done.status, done.err) == (0, "")
    dialog = json.loads(done.out)
    assert dialog_findings(dialog) == []
    assert dialog["custom_id"] == code
    assert dialog["components"][0]["component"]["value"] == "9:30"


def test_the_terminal_says_how_to_do_without_a_form(indexed: Matome) -> None:
    code = code_of(Action(AddDigest(), Effect.FORM))
    done = indexed("render", "--as", "console", code)
    assert done.status == 2
    assert "/digest add 9:30" in done.out


def messages(matome: Matome, *arguments: str) -> list[dict[str, Any]]:
    """What Slack would be sent, with a link for each to look at it."""
    done = matome("render", "--as", "slack", *arguments)
    assert done.status == 0
    found = [json.loads(line) for line in done.out.splitlines()]
    assert [finding for message in found for finding in slack_findings(message)] == []
    assert done.err.splitlines() == [builder_link(message["blocks"]) for message in found]
    return found


def test_what_slack_is_sent_is_a_json_object_a_message(indexed: Matome) -> None:
    [message] = messages(indexed, "/matome gpu")
    codes = [element["value"] for element in elements(message) if "value" in element]
    assert messages(indexed, "--codes", "/matome gpu") == [message]
    [post] = messages(indexed, codes[0])
    assert "メモリ帯域が足りない。" in "".join(reading.text for reading in readings(post))


def test_slack_has_its_own_words_for_the_command_of_digests(indexed: Matome) -> None:
    help_in_slack = indexed("render", "--as", "slack", "/matome help").out
    assert "/matome digest" in help_in_slack
    assert "/digest" not in help_in_slack.replace("/matome digest", "")


def test_every_page_for_slack_is_a_line(indexed: Matome) -> None:
    pages = messages(indexed, "--all", "https://news.ycombinator.com/item?id=101")
    assert len(pages) > 1
    shown = "".join(reading.text for page in pages for reading in readings(page))
    for text in ("メモリ帯域が足りない。", "NVIDIAのGPUを買った", "畳まれたコメント"):
        assert text in shown


@pytest.mark.parametrize("line", ["help", "tags", "months", "2025-06", "/digest list", "random"])
def test_every_answer_has_a_form_for_slack(indexed: Matome, line: str) -> None:
    assert messages(indexed, line)
