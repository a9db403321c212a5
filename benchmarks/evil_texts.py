"""Texts that mean harm, and an archive that has them everywhere."""

import json
from collections.abc import Sequence
from pathlib import Path

ITEM = "https://news.ycombinator.com/item?id=1"

EVIL: tuple[str, ...] = (
    # Mentions, and what looks like a part of Discord.
    "@everyone", "@here", "<@1>", "<@!1>", "<@&1>", "<#1>", "</matome:1>", "</digest add:1>",
    "<id:customize>", "<id:browse>", "<:a:1>", "<a:b:1>", ":smile:", "<t:0>", "<t:0:R>",
    "<t:1749549540:f>", "<@1", "@\u200beveryone", "＠everyone <@１>",
    # Markdown of every kind.
    "**bold**", "__under__", "*i*", "_i_", "***x***", "~~s~~", "||spoiler||", "||open", "`code`",
    "``co`de``",
    "```<br>block<br>```", "```ansi<br>\x1b[31mred<br>```", "```open<br># big", "`open",
    "# big", "## b", "### c", "-# small", "- list", "* list", "1. list", "> quote", ">>> all",
    "＞引用<br># big<br>- list", "＞# big", "＞- list", "**", "_", "\\", "\\\\", "¯\\_(ツ)_/¯",
    "[words](https://evil.example)", "[a](<https://evil.example>)", "[a](javascript:alert(1))",
    "[https://bank.example](https://evil.example)", "[a]( https://evil.example)",
    "https://a.example/b_c_d", "<https://a.example>", "javascript:alert(1)", "steam://run/1",
    "discord://-/channels/1", "https://discord.com/channels/1/2", "https://evil.example/）(x)",
    # Signs that are not seen, that turn the direction, or that flood.
    "\u202eesrever", "\u2066isolate", "\u200f\u200e\u061cmarks", "אבג #1 شيء", "a\u200bb\u200cc",
    "\ufeff", "\u3164", "\u115f\u1160\uffa0", "\u2800\u2800", "\u034f\u17b4\u180b", "\U000e0041",
    "Z" + "\u0335\u0336\u0301\u0489" * 60, "\u0e4a" * 80, "\x1b[31mred\x1b[0m", "\x00\x07\x08",
    "a\u2028b\u2029c", "a\x0bb\x0cc\x85d", "👩\u200d👩\u200d👧 ❤\ufe0f 🏴\U000e0067\U000e007f",
    # What looks like something of ours.
    "**#2 alice**　<t:1749549540:f>", "#2 alice　2025年6月10日 9:59",
    "本文<br>**#2 alice**　9:59<br>偽",
    "本文<br>#2 alice<br>偽", "みんなに見せる", "スレッドに展開", "次へ", "元の議論", "-# 次へ",
    # Length.
    "x" * 10_000, "あ" * 10_000, "_" * 10_000, "#" * 5_000, "<@1>" * 2_000, "\\" * 5_000,
    "<br>" * 500 + "底",
)  # fmt: skip

SOURCES = (
    ITEM,
    "javascript:alert(1)",
    "https://evil.example/<@1>",
    "https://evil.example/ @everyone",
    "https://evil.example/" + "a" * 3_000,
    "discord://-/channels/@me",
    "https://news.ycombinator.com\u202e/item?id=1",
    "https://evil.example/[a](b)||c||",
)


def write_archive(root: Path, evil: Sequence[str]) -> None:
    """An archive with a post for each text, which has it in every field; its comments have all."""
    (root / "hugo.toml").parent.mkdir(parents=True, exist_ok=True)
    (root / "hugo.toml").write_text('baseURL = "https://blog.example/"\n', "utf-8")
    for number, text in enumerate(evil):
        source = SOURCES[number % len(SOURCES)]
        # Few have them all, since each of them is a long read.
        others = evil if number % 25 == 0 else evil[number : number + 3]
        post = _post(text, source, others)
        file = root / "content" / "posts" / "2025_06" / f"2025_06_01_evil{number}" / "index.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(post, "utf-8", errors="replace")


def _post(text: str, source: str, others: Sequence[str]) -> str:
    title, tag = _line(text), _line(text)[:200]
    comments = [_comment(one, one[:500]) for one in others]
    folded = [_comment(f"{one}。{one}", "alice") for one in others[:3]]
    summary = _parameter(_line(text)[:500])
    return "\n".join(
        [
            "+++",
            "date = '2025-06-01T00:00:00'",
            "months = '2025/06'",
            "draft = false",
            f"title = {json.dumps(title, ensure_ascii=False)}",
            f"tags = [{json.dumps(tag, ensure_ascii=False)}, {json.dumps('#' + tag)}]"
            if tag.isascii()
            else f"tags = [{json.dumps(tag, ensure_ascii=False)}]",
            "+++",
            "> 題名\n",
            f"引用元：[{source}]({source})\n",
            *comments,
            f'{{{{< details summary="{summary}">}}}}\n',
            *folded,
            "{{</details>}}\n",
            '[記事一覧へ]({{% ref "/posts/" %}})\n',
        ]
    )


def _line(text: str) -> str:
    return "".join(sign for sign in text.replace("<br>", " ") if sign not in "\x7f\x85")


def _parameter(text: str) -> str:
    """A text as the parameter of a shortcode, which it must not end itself."""
    text = text.replace('"', "”").replace("\x00", "")
    return f"{text}。" if text.endswith("\\") else text


def _comment(body: str, user: str) -> str:
    return (
        f'{{{{<matomeQuote body="{_parameter(body)}" userName="{_parameter(_line(user))}" '
        'createdAt="2025/06/01 10:00:00" color="">}}\n'
    )
