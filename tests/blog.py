"""Small archives of posts, written as the blog's author writes them."""

import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

# Files get times long past, each a second after the one before: a sync trusts those.
FIRST_TIME_NS = 1_700_000_000_000_000_000


class Quote(NamedTuple):
    """A comment as its shortcode has it."""

    body: str
    user: str = "alice"
    at: str = "2025/06/01 10:00:00"
    colour: str = ""


class Fold(NamedTuple):
    """Comments that are folded away."""

    comments: Sequence[str | Quote]
    summary: str = "もっとコメントを表示（1）"


def item_url(item: int) -> str:
    """The address of a Hacker News discussion."""
    return f"https://news.ycombinator.com/item?id={item}"


def raw_post(
    title: str = "題名",
    comments: Iterable[str | Quote | Fold] = ("こんにちは",),
    *,
    tags: Iterable[str] = ("GPU",),
    date: str = "2025-06-01T00:00:00",
    item: int | None = 1,
    draft: bool = False,
) -> str:
    """The text of a raw post."""
    listed = ", ".join(f'"{tag}"' for tag in tags)
    parts = [
        f"+++\ndate = '{date}'\nmonths = '{date[:7].replace('-', '/')}'\n"
        f"draft = {str(draft).lower()}\ntitle = '{title}'\ntags = [{listed}]\n"
        f"featureimage = 'thumbnails/blue.jpg'\n+++\n",
        f"> {title}\n",
        f"引用元：[{item_url(item)}]({item_url(item)})\n" if item is not None else "",
    ]
    for comment in comments:
        if isinstance(comment, Fold):
            parts.append(f'{{{{< details summary="{comment.summary}">}}}}\n')
            parts += [_shortcode(folded) for folded in comment.comments]
            parts.append("{{</details>}}\n")
        else:
            parts.append(_shortcode(comment))
    return "\n".join(parts) + '\n[記事一覧へ]({{% ref "/posts/" %}})\n'


def _shortcode(comment: str | Quote) -> str:
    quote = Quote(comment) if isinstance(comment, str) else comment
    return (
        f'{{{{<matomeQuote body="{quote.body}" userName="{quote.user}" '
        f'createdAt="{quote.at}" color="{quote.colour}">}}}}\n'
    )


def page(
    title: str = "題名",
    comments: Iterable[str | Quote] = ("こんにちは",),
    *,
    tags: Iterable[str] = ("GPU",),
    month: str = "2025/06",
    item: int = 1,
) -> str:
    """The text of a rendered page."""
    quotes = [Quote(comment) if isinstance(comment, str) else comment for comment in comments]
    written = "\n\n".join(f"{quote.user} {quote.at}\n\n{quote.body}" for quote in quotes)
    meta = " ".join([month, *tags])
    return (
        f"メインコンテンツへスキップ\n\n{title}\n\n·3 分\n{meta}\n\n{title}\n\n"
        f"引用元:{item_url(item)}\n\n{written}\n\n記事一覧へ\n\n"
        "海外テックの反応まとめ\n著者\n海外テックの反応まとめ\n海外の反応をまとめます。\n"
    )


@dataclass(slots=True)
class Blog:
    """An archive in a directory."""

    root: Path
    _time: "itertools.count[int]" = field(default_factory=itertools.count)

    def write(self, path: str, text: str | bytes, *, mtime_ns: int | None = None) -> Path:
        """Write a file below the root; its time is later than any before, but long past."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        self.touch(path, mtime_ns=mtime_ns)
        return file

    def touch(self, path: str, *, mtime_ns: int | None = None) -> None:
        """Give a file another time."""
        time = FIRST_TIME_NS + next(self._time) * 1_000_000_000 if mtime_ns is None else mtime_ns
        os.utime(self.root / path, ns=(time, time))

    def post(self, slug: str, text: str | bytes, *, month: str = "2025_06") -> str:
        """Write a raw post; returns its path in the archive."""
        path = f"content/posts/{month}/{slug}/index.md"
        self.write(path, text)
        return path
