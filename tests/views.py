"""A view with every kind of block, for the tests of what shows views."""

from datetime import UTC, datetime

from bot.intent import Newest, OpenPost, Search
from bot.view import (
    Action,
    Button,
    Buttons,
    Choice,
    Divider,
    Effect,
    Heading,
    Image,
    Item,
    Moment,
    Option,
    Paragraph,
    Quote,
    Run,
    View,
)

AT = datetime(2025, 6, 10, 9, 59, tzinfo=UTC)
POST = "rFyQGRNWniE"
OPEN = Action(OpenPost(POST))
NEWEST = Action(Newest())
LONG = Action(Search("長い質問" * 40), Effect.OPEN)

EVERYTHING = View(
    "すべて",
    (
        Heading((Run("GPUのメモリは遅い？", link="https://blog.example/gpu/"),)),
        Paragraph((Run("2025年6月10日　💬 28　#GPU"),), quiet=True),
        Quote(
            POST,
            12,
            "alice",
            AT,
            "#45d325",
            (
                Run("メモリ帯域が「足りない」、ということ。\n"),
                Run("引用の行\n", quoted=True),
                Run("答えは"),
                Run("x =  1", code=True),
                Run("です。https://example.org/a", link=None),
            ),
        ),
        Quote(POST, 13, "", None, None, ()),
        Quote(POST, 14, "bob", AT, None, (Run("続きの本文"),), continues=True, cut=True),
        Item(
            (Run("題名に"), Run("一致", bold=True)),
            ((Run("#3 bob　"), Moment(AT)), (Run("抜粋の一行"),)),
            Button("開く", OPEN),
            "#ff5c38",
        ),
        Item((Run("押せない題名"),), ((Run("説明"),),)),
        Image("thumbnails/blue.jpg", "青い絵"),
        Divider(),
        Buttons(
            (
                Button("◀ 前へ", NEWEST),
                Button("2/5"),
                Button("次へ ▶", LONG, primary=True),
                Button("原文", url="https://news.ycombinator.com/item?id=1"),
            )
        ),
        Choice("最近のタグ", (Option("GPU", NEWEST, "12件"), Option("AI", OPEN))),
    ),
    NEWEST,
)
