"""Queries as long as they may be, made to keep the bot busy: each is answered or refused soon."""

import time

import pytest

from bot.errors import UserError
from bot.search.query import MAX_LENGTH, MAX_TERMS, parse
from bot.search.search import find
from storage.index.reader import IndexReader

# Of the processor, in seconds; people may ask 20 in half a minute.
AT_MOST = 1.0

LONG = {
    "one katakana": "ア",
    "katakana with marks": "カタカナータ",
    "only marks": "ー",
    "two scripts": "GPUメモリ",
    "one letter": "a",
    "one kanji": "一",
    "digits": "1",
    "joined": "a-",
    "colons": "a:",
    "dots": "a.",
    "ligatures": "ﷺ",
    "combining": "e\u0301\u0302",
    "emoji": "👨‍👩‍👧‍👦",
    "quotes": '"',
    "open quotes": "「",
    "minus signs": "-",
    "hash signs": "#a",
    "operators": "in:title is:highlight ",
    "tags": "tag:a ",
    "users": "-user:a ",
    "dates": "after:2025-01-01 ",
    "links": "https://blog.example/posts/a/",
    "an item": "https://news.ycombinator.com/item?&id=",
    "slashes": "/",
    "halves": "\ud800",
    "SQL": "'\"; ",
    "index syntax": 'NEAR(a b)* ^"',
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("quoted", [False, True], ids=["words", "phrase"])
async def test_no_query_takes_long(index: IndexReader, name: str, *, quoted: bool) -> None:
    most = MAX_LENGTH - 2 * quoted
    text = (LONG[name] * MAX_LENGTH)[:most]
    await soon(index, f'"{text}"' if quoted else text)


@pytest.mark.parametrize(
    "word", ["の", "カタカナノゴサ", "メモリ帯域がボトルネックに", "memoryy", '"あい"']
)
async def test_many_words_do_not_either(index: IndexReader, word: str) -> None:
    await soon(index, " ".join([word] * MAX_TERMS))
    long = word * (MAX_LENGTH // MAX_TERMS // len(word) - 1)
    await soon(index, " ".join([long] * MAX_TERMS))


async def soon(index: IndexReader, text: str) -> None:
    """Ask, and look at how long the processor is busy with it."""
    assert len(text) <= MAX_LENGTH
    began = time.process_time()
    try:
        query = parse(text, "https://blog.example/")
        if query.link is None:
            await find(index, query)
    except UserError:
        """That is an answer too."""
    assert time.process_time() - began < AT_MOST
