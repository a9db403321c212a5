"""Where many ask at once, who came first is answered first."""

import asyncio

from bot.chat.codes import Codes
from bot.intent import Months, Random
from storage.index.reader import IndexReader
from tests.chat.conftest import CONTEXT, make_chat


async def test_answers_with_many_steps_are_not_overtaken_by_all_others(
    reader: IndexReader, codes: Codes
) -> None:
    chat, asked, answered = make_chat(reader, codes), 60, list[int]()

    async def ask(number: int) -> None:
        # A lucky dip takes three ways to the index, the months one.
        await chat.compose(Months() if number % 2 else Random(), CONTEXT.frame)
        answered.append(number)

    await asyncio.gather(*map(ask, range(asked)))
    overtaken = [place - number for place, number in enumerate(answered)]
    assert max(overtaken) < asked // 4
