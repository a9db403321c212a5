"""`matome render`: what a command or a button would send."""

import asyncio
import re

from bot.chat.codes import Codes
from bot.intent import OpenPost
from bot.view import Action
from tests.codes import MemoryCodes
from tests.commands import Matome
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
    # What all would see stands in a frame.
    shared = rendered(matome, share)
    assert shared.startswith("── #端末 に投稿 ──")
    assert "検索結果" in shared


def test_what_cannot_be_understood_is_said_as_the_chat_does(indexed: Matome) -> None:
    done = indexed("render", "--as", "console", "colour:red")
    assert (done.status, done.err) == (2, "")
    assert done.out == indexed("chat", stdin=b"colour:red\n").out


def test_the_button_of_a_post_that_is_not_there_says_so(indexed: Matome) -> None:
    done = indexed("render", "--as", "console", codes_for("AAAAAAAAAAA"))
    assert done.status == 2
    assert "アーカイブにありません" in done.out


def codes_for(post: str) -> str:
    return asyncio.run(_code_of(Action(OpenPost(post))))


async def _code_of(action: Action) -> str:
    codes = await Codes(MemoryCodes()).encode([action], AT)
    return codes[action]


def test_the_platform_must_be_one_that_there_is(indexed: Matome) -> None:
    assert indexed("render", "gpu").status == 2
    assert indexed("render", "--as", "telegram", "gpu").status == 2
