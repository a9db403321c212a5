"""The rows of which shares and threads are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.chat.context import Context
from bot.chat.threads import Thread
from bot.chat.unfolding import Message
from bot.intent import OpenThread, Refresh, Said
from bot.outbox import NewRow, Op, PostVersion, Row, delivery_key


@dataclass(frozen=True, slots=True)
class ThreadHome:
    """The message under which a thread is: by the key of its row, or by its name at the platform.

    `row` is that of a message of the outbox, `share` one that is to be written first.
    """

    key: str
    reference: str | None = None
    row: Row | None = None
    share: NewRow | None = None


@dataclass(frozen=True, slots=True)
class Press:
    """What the rows that follow from a press have in common; `now` is in UTC."""

    context: Context
    now: datetime

    def row(self, key: str, op: Op, said: Said, within: timedelta) -> NewRow:
        """A row that somebody waits for, in the language of the place."""
        return NewRow(
            key=key,
            platform=self.context.platform,
            op=op,
            said=said,
            language=self.context.public.texts.language,
            ready_at=self.now,
            deadline=self.now + within,
            workspace=self.context.workspace,
            asked=True,
        )


def thread_rows(
    press: Press,
    home: ThreadHome,
    thread: Thread,
    title: str,
    messages: Sequence[Message],
    posts: Sequence[PostVersion],
    within: timedelta,
) -> Iterator[NewRow]:
    """The rows that bring messages into a thread one after the other, behind what it has.

    Before them what has to be there first; behind them the message above the thread is made anew,
    so that it says that they are there even if nobody lives to see it.
    """
    if home.share is not None:
        yield home.share
    on_key = home.key if home.reference is None else None
    if thread.row is None:
        opening = press.row(thread.key, Op.THREAD, OpenThread(title), within)
        yield _of(home, replace(opening, on_key=on_key, message=home.reference))
    after = thread.last
    for message in messages:
        said = message.said
        place = (said.post, said.section, said.comment, said.offset)
        attempt = (message.attempt,) if message.attempt else ()
        key = delivery_key("comments", thread.key, *place, *attempt)
        row = press.row(key, Op.POST, said, within)
        yield _of(home, replace(row, on_key=thread.key, after_key=after, posts=posts))
        after = key
    if home.row is not None or home.share is not None:
        shown = press.row(delivery_key("unfolded", after), Op.EDIT, Refresh(home.key), within)
        yield _of(home, replace(shown, on_key=on_key, message=home.reference, after_key=after))


def _of(home: ThreadHome, row: NewRow) -> NewRow:
    """A row in the language of the message that it belongs to."""
    return row if home.row is None else replace(row, language=home.row.language)
