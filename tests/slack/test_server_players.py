"""A person who is played, answered by a real slack-bolt app, in Socket Mode and by HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.slack.bot import talking
from tests.slack.clients import app_of, connected, served
from tests.slack.conftest import Town
from tests.slack.server import NoAnswer, NotOffered, Player


@pytest.fixture(params=["socket", "http"])
async def ann(town: Town, request: pytest.FixtureRequest) -> AsyncIterator[Player]:
    """Ann in #general, and an app that answers."""
    slack = town.slack
    slack.app.domains = frozenset({"example.com"})
    slack.app.events |= {"message.im"}
    app = talking(app_of(slack, town.token))
    async with (connected if request.param == "socket" else served)(app, slack):
        yield slack.player(town.ann, town.general)
        await slack.settled()
        assert not slack.complaints


async def test_a_command_is_answered_to_one_person_alone(ann: Player, town: Town) -> None:
    seen = await ann.types("/matome gpu")
    assert (seen.private, seen.text) == (True, "*gpu*\nOpen\nShare")
    boss = town.slack.player(town.boss, town.general)
    assert not any("gpu" in one.text for one in boss.screen())
    assert any("gpu" in one.text for one in ann.screen())
    with pytest.raises(NotOffered):
        await boss.clicks(seen, "Open")


async def test_an_answer_may_come_with_the_acknowledgement(ann: Player) -> None:
    assert (await ann.types("/matome at once")).text == "at once"


async def test_a_button_changes_its_message(ann: Player) -> None:
    seen = await ann.clicks(await ann.types("/matome gpu"), "Open")
    assert (seen.text, seen.edited, seen.private) == ("opened", True, True)


async def test_a_button_that_is_not_there_is_not_offered(ann: Player) -> None:
    seen = await ann.types("/matome gpu")
    with pytest.raises(NotOffered, match="no button 'Close' among"):
        await ann.clicks(seen, "Close")


async def test_what_is_shared_is_seen_by_all(ann: Player, town: Town) -> None:
    seen = await ann.clicks(await ann.types("/matome gpu"), "Share")
    assert (seen.text, seen.private) == ("shared", False)
    assert (await town.slack.player(town.boss, town.general).sees("shared")).message is seen.message
    assert await town.slack.changes.until(lambda: not town.general.ephemeral, 5)
    assert [one.text for one in ann.screen()] == ["shared"]


async def test_a_dialog_is_filled_in_and_submitted(ann: Player) -> None:
    dialog = await ann.types("/matome dialog")
    assert dialog.fields == ["Query", "Tags"]
    assert await ann.loads(dialog, "gp", "Tags") == ["gp-tag"]
    wrong = await ann.submits(dialog, Query="wrong")
    assert wrong.errors == {"query": "not that"}
    seen = await ann.submits(dialog, {"query": "right"}, Tags="gp")
    assert seen.text == "got right gp"
    with pytest.raises(NotOffered, match="not open"):
        await ann.submits(dialog, Query="again")


async def test_a_dialog_is_checked_before_it_is_sent(ann: Player) -> None:
    dialog = await ann.types("/matome dialog")
    with pytest.raises(NotOffered, match="Query has to be filled in"):
        await ann.submits(dialog)
    with pytest.raises(NotOffered, match="0 to 20 characters"):
        await ann.submits(dialog, Query="x" * 21)
    with pytest.raises(NotOffered, match="'Nothing'"):
        await ann.submits(dialog, Nothing="x")


async def test_a_dialog_is_pushed_changed_and_closed(ann: Player) -> None:
    dialog = await ann.types("/matome dialog")
    pushed = await ann.submits(dialog, Query="more")
    assert (pushed.text, pushed.dialog.previous_id) == ("Title\none more", dialog.dialog.id)
    await ann.closes(pushed)
    changed = await ann.submits(dialog, Query="other")
    assert (changed.text, changed.dialog is dialog.dialog) == ("Title\nanother", True)
    await ann.closes(changed)
    again = await ann.types("/matome dialog")
    await ann.closes(again)
    assert (await ann.dm.sees("never mind")).shown.by_app


async def test_shortcuts(ann: Player) -> None:
    assert (await ann.shortcut("Search")).fields == ["Query", "Tags"]
    said = ann.writes("a word")
    assert (await ann.message_shortcut("look", said)).text == "looked at a word"
    with pytest.raises(NotOffered, match="no shortcut 'look'"):
        await ann.shortcut("look")


async def test_direct_messages_and_mentions(ann: Player, town: Town) -> None:
    assert (await ann.dm.says("gpu")).text == "you said gpu"
    seen = await ann.mentions("hello")
    assert (seen.text, seen.shown.is_reply) == ("you called", True)
    seen = await ann.in_thread(seen).mentions("again")
    assert seen.shown.thread_ts == min(town.general.messages)
    assert [one.text for one in ann.replies(seen)][::2] == ["you called", "you called"]
    impatient = replace(ann, patience=0.05)
    with pytest.raises(NoAnswer):
        await impatient.says("nobody is called")


async def test_commands_are_not_for_threads(ann: Player) -> None:
    seen = await ann.mentions("hello")
    with pytest.raises(NotOffered, match="threads"):
        await ann.in_thread(seen).types("/matome gpu")
    with pytest.raises(NotOffered, match="no command"):
        await ann.types("/other gpu")


async def test_the_home_is_opened(ann: Player) -> None:
    seen = await ann.opens_home()
    assert (seen.text, seen.labels) == ("welcome\nMore", ["More"])
    assert (await ann.clicks(seen, "More")).text == "more of it"
    assert (await ann.opens_home()).text == "welcome\nMore"


async def test_a_link_is_unfurled(ann: Player, town: Town) -> None:
    said = ann.writes("look: <https://example.com/a>")
    assert (await ann.sees("a post")).message is said
    assert town.slack.journal.of("unfurl")
    ann.writes("look: <https://example.org/a>")
    await town.slack.settled()
    assert len(town.slack.journal.of("unfurl")) == 1
