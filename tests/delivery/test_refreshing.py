"""Messages that are made anew: one edit each, however often it is asked for."""

from datetime import timedelta

from bot.intent import Refresh
from bot.outbox import Op, Outcome, Result, delivery_key
from storage.state.outbox import StoredOutbox
from tests.delivery.rows import claimed, do_all, done, keys, row, showing
from tests.state.samples import DAY, HOUR, NOW

SECOND = timedelta(seconds=1)


async def test_a_message_is_made_anew_by_one_row_every_five_seconds(outbox: StoredOutbox) -> None:
    await outbox.put([row("a", language="en")], NOW)
    await do_all(outbox)
    for _ in range(3):
        await outbox.refresh(["a", "unknown"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    made = (claim.row.key, claim.row.op, claim.row.said, claim.row.message, claim.row.language)
    assert made == (delivery_key("refresh", "a"), Op.EDIT, Refresh("a"), "ref-a", "en")
    await outbox.settle([done(claim, reference=None)], NOW + SECOND)
    await outbox.refresh(["a"], NOW + 2 * SECOND, NOW + DAY)
    assert await keys(outbox, NOW + 5 * SECOND) == []
    (again,) = await claimed(outbox, NOW + 6 * SECOND)
    assert again.row.tries == 1
    assert again.row.deadline == NOW + DAY


async def test_an_edit_that_is_asked_for_while_it_is_sent_is_sent_again(
    outbox: StoredOutbox,
) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    await outbox.refresh(["a"], NOW + SECOND, NOW + HOUR)
    await outbox.settle([done(claim, reference=None)], NOW + SECOND)
    assert await keys(outbox, NOW + 5 * SECOND) == []
    (claim,) = await claimed(outbox, NOW + 6 * SECOND)
    await outbox.settle([done(claim, reference=None)], NOW + 6 * SECOND)
    assert await keys(outbox, NOW + HOUR / 2) == []


async def test_a_message_on_its_way_is_made_anew_once_it_is_there(outbox: StoredOutbox) -> None:
    await outbox.put([row("a"), row("b")], NOW)
    (claim,) = await claimed(outbox, count=1)
    await outbox.refresh(["a", "b"], NOW, NOW + HOUR)
    # What was not claimed yet is made as it should be anyhow.
    assert await keys(outbox, NOW + SECOND) == ["b"]
    await outbox.settle([done(claim)], NOW + SECOND)
    (edit,) = await claimed(outbox, NOW + SECOND)
    assert (edit.row.said, edit.row.message) == (Refresh("a"), "ref-a")


async def test_an_edit_keeps_the_longest_time_that_it_was_given(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    for deadline in (NOW + 30 * DAY, NOW + HOUR):
        await outbox.refresh(["a"], NOW, deadline)
    edit = await outbox.row(delivery_key("refresh", "a"))
    assert edit is not None
    assert edit.deadline == NOW + 30 * DAY


async def test_a_message_that_is_gone_is_not_edited_for_ever(outbox: StoredOutbox) -> None:
    await outbox.put([row("a")], NOW)
    await do_all(outbox)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    (claim,) = await claimed(outbox, NOW + SECOND)
    await outbox.settle([Result(claim, Outcome.GONE)], NOW)
    await outbox.refresh(["a"], NOW, NOW + HOUR)
    assert await keys(outbox, NOW + HOUR / 2) == []


async def test_a_post_leads_to_the_messages_that_show_it(outbox: StoredOutbox) -> None:
    rows = [
        row("sent", posts=showing("p", "q")),
        row("failed", posts=showing("p")),
        row("under way", posts=showing("p")),
        row("waits", posts=showing("p"), ready_at=NOW + HOUR),
    ]
    await outbox.put(rows, NOW)
    sent, failed, _ = await claimed(outbox)
    await outbox.settle([done(sent), Result(failed, Outcome.GONE)], NOW)
    assert await outbox.showing("p", None) == ["sent", "under way"]
    assert await outbox.showing("p", NOW + SECOND) == ["under way"]
    await outbox.show(sent.row.id, {"q": "1:new"})
    shown = await outbox.by_id(sent.row.id)
    assert shown is not None
    assert [post.version for post in shown.posts] == ["1:a", "1:new"]
