"""What the pictures show: the day's digest in a channel, answers, and on Slack a thread.

All that is written here is what the clients put around the bot's own messages.
"""

import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.chat.views.digest import day_name
from docs.pictures import discord, slack
from docs.pictures.discord_dialog import Dialog
from docs.pictures.nodes import Node, box, node, span, written
from docs.pictures.stage import DAY, TEXTS, TIME, Message, Stage, opened_stage

CHANNEL = "tech-news"
COMMAND = "/matome gpu"
# The discussion whose post is opened.
POST = "https://news.ycombinator.com/item?id=99000003"
# The posts of the day, of which so many are shown with a comment.
ON_DISCORD = (
    "2025_08_12_postgres_queue",
    "2025_07_22_riscv_laptop_review",
    "2025_08_05_css_only_games",
    "2025_07_15_self_hosted_mail",
)
# The first one is unfolded, since it has few comments.
ON_SLACK = (
    "2025_08_12_postgres_queue_again",
    "2025_07_22_riscv_laptop_review",
    "2025_08_05_css_only_games",
    "2025_07_15_self_hosted_mail",
)
SHOWN = 2
# When the digest came, somebody asked, and somebody let the comments be unfolded.
SENT, ASKED, UNFOLDED = f"{TIME.hour}:{TIME:%M}", "9:41", "9:42"
CAPTION = (
    "ボットが実際に送るペイロードから描いた図です（drawn from the payloads that the bot sends）"
)
_LOOKS = Path(__file__).parent


async def discord_channel(stage: Stage) -> tuple[Node, ...]:
    """A channel of Discord with the digest of the day, and an answer for one person."""
    await stage.digest(ON_DISCORD, SHOWN)
    return (
        box("top", span("hash", "#"), CHANNEL, span("topic", "海外テックの議論のまとめ")),
        box("day", f"{DAY.year}年{DAY.month}月{DAY.day}日"),
        box("message", *_by(SENT), (await stage.shown_digest()).drawn()),
        _alone(await stage.asked(COMMAND)),
        box("field", span("plus", "+"), f"#{CHANNEL} へメッセージを送信"),
        box("caption", CAPTION),
    )


async def discord_post(stage: Stage) -> tuple[Node, ...]:
    """A post as it is opened on Discord, for one person."""
    return (_alone(await stage.asked(POST)), box("caption", CAPTION))


def _alone(answer: Message) -> Node:
    """An answer of Discord that only who asked sees."""
    asked = box(
        "command",
        span("face", "Y"),
        span("who", "yuki"),
        "さんが",
        span("slash", "/matome"),
        "を使用しました",
    )
    only = box(
        "only",
        span("eye"),
        "これらはあなただけに表示されています　•　",
        span("dismiss", "メッセージを閉じる"),
    )
    return box("message alone", asked, *_by(ASKED), answer.drawn(), only)


async def slack_channel(stage: Stage) -> tuple[Node, ...]:
    """A channel of Slack with the digest, an answer for one person, and the digest's thread."""
    await stage.digest(ON_SLACK, SHOWN)
    replies = await stage.unfolded(ON_SLACK[0])
    count = f"{len(replies)} 件の返信"
    bar = box(
        "replies", span("face", "ま"), node("b", count), span("last", f"最終返信：今日 {UNFOLDED}")
    )
    only = box("only", span("eye"), "あなただけに表示されています")
    answer = (await stage.asked(COMMAND)).drawn()
    channel = (
        box("top", span("hash", "#"), CHANNEL, span("topic", "海外テックの議論のまとめ")),
        box("day", node("span", day_name(DAY, TEXTS))),
        box("message", *_by(SENT), (await stage.shown_digest()).drawn(), bar),
        box("message", only, *_by(ASKED), answer),
        box("field", f"#{CHANNEL} へのメッセージ"),
    )
    thread = (
        box("top", "スレッド", span("topic", f"#{CHANNEL}"), span("close", "×")),
        box("divided", count),
        *(box("message", *_by(UNFOLDED), reply.drawn()) for reply in replies),
        box("field", "返信する…"),
    )
    return (
        box("panes", box("pane", *channel), box("pane", *thread)),
        box("caption", CAPTION),
    )


def _by(at: str) -> tuple[Node, Node]:
    """Who wrote a message, and when."""
    name = box("by", node("b", "matome"), span("app", "アプリ"), span("at", at))
    return box("avatar", "ま"), name


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture shows of a platform; the `width` of its page is in CSS pixels."""

    platform: str
    width: int
    play: Callable[[Stage], Awaitable[tuple[Node, ...]]]


# The pictures by their names in docs/.
SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "discord": Scene("discord", 720, discord_channel),
        "discord-post": Scene("discord", 720, discord_post),
        "slack": Scene("slack", 1120, slack_channel),
    }
)


def of_payload(platform: str, body: Mapping[str, Any]) -> Node:
    """A line of `matome render`; files are no part of it, so words stand for pictures."""
    if platform == "slack":
        return slack.Message(body).drawn()
    if "custom_id" in body:
        return Dialog(body).drawn()
    names = [file["filename"] for file in body.get("attachments", ())]
    return discord.Message(body, dict.fromkeys(names, b"")).drawn()


async def page(scene: Scene) -> str:
    """The whole page of a picture, as HTML."""
    with tempfile.TemporaryDirectory() as directory:
        async with opened_stage(scene.platform, Path(directory)) as stage:
            shown = await scene.play(stage)
    return html_of(scene.platform, *shown)


def html_of(platform: str, *shown: Node) -> str:
    """A page in the look of a platform."""
    look = (_LOOKS / f"{platform}.css").read_text("utf-8")
    inner = "\n".join(map(written, shown))
    return (
        '<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8">'
        f"<title>matome</title><style>\n{look}</style></head>\n<body>\n{inner}\n</body></html>\n"
    )
