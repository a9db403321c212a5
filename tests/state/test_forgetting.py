"""Who was forgotten, or left, is nowhere: every column of every table is looked through."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import cast, func, insert, select
from sqlalchemy import types as sql_types

from bot.intent import ShowComments, Stopped, Welcome
from bot.outbox import Op
from bot.subscription import Place
from storage.state.database import State, open_state
from storage.state.handled import StoredHandledEvents
from storage.state.installations import StoredInstallations
from storage.state.subscriptions import StoredSubscriptions
from storage.state.tables import METADATA, PACE
from storage.state.upkeep import GRACE, StoredUpkeep
from tests.state.samples import DAY, HOUR, MADE, NOW, fill, note_had, put_row, subscription

# What stands in no other text; a name is that of a person, the others belong to it.
PERSON, DIRECT = "U-MARKED-PERSON", "D-MARKED-PERSON"
GUILD, CHANNEL, THREAD = "G-MARKED", "C-MARKED", "H-MARKED"
KEEP = 365 * DAY


async def traces(state: State, text: str) -> list[str]:
    """The columns of all tables in which a text stands anywhere."""
    found = []
    async with state.reading() as connection:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                holds = cast(column, sql_types.Text).contains(text)
                query = select(func.count()).select_from(table).where(holds)
                if await connection.scalar(query):
                    found.append(f"{table.name}.{column.name}")
    return found


async def person_everywhere(state: State, platform: str) -> None:
    """Somebody who has used all that there is, on a platform, and others who are like them."""
    workspace, direct = f"{GUILD}9", f"{DIRECT}"
    shared, place = Place(platform, "C1", workspace), Place(platform, direct)
    subscriptions = StoredSubscriptions(state)
    ours = subscription("shared", shared, creator=PERSON)
    theirs = subscription("own", place, personal=True, creator=PERSON)
    for one in (ours, theirs):
        await subscriptions.add(one, PERSON, 50)
        for what in ("edit", "pause", "resume"):
            await subscriptions.change(one, PERSON, what, "GPU", NOW)
    removed = subscription("removed", place, personal=True, creator=PERSON)
    await subscriptions.add(removed, PERSON, 50)
    await subscriptions.remove("removed", PERSON, NOW)
    await note_had(state, place, ["a", "b"])
    message = f"{direct}/1"
    done: dict[str, Any] = {"platform": platform, "outcome": "done", "done_at": NOW}
    await put_row(state, "digest", target=direct, subscription="own", reference=message, **done)
    await put_row(state, "next", platform=platform, target=direct, subscription="own")
    await put_row(state, "edit", op=Op.EDIT, target=None, message=message, **done)
    await put_row(state, "thread", op=Op.THREAD, target=None, message=message, **done)
    shown = ShowComments("a", 0, 1, 0, None)
    await put_row(state, "in it", target=None, on_key="thread", said=shown, **done)
    for name, reason in (("told", "gone"), ("told too", "forbidden")):
        notice = Stopped("shared", reason, person=PERSON)
        where = f"{direct}/{name}"
        await put_row(state, name, op=Op.TELL, said=notice, target="C1", reference=where, **done)
    hello: dict[str, Any] = {"said": Welcome(), "target": "C1", "workspace": workspace, **done}
    await put_row(state, "hello", op=Op.TELL, reference=f"{direct}/3", **hello)
    async with state.writing() as connection:
        await connection.execute(
            insert(PACE).values(scope=f"{platform}:{direct}", free_at=NOW + HOUR)
        )


@pytest.mark.parametrize("platform", ["discord", "slack", "console"])
async def test_who_was_forgotten_is_nowhere(state: State, platform: str) -> None:
    await fill(state)
    await person_everywhere(state, platform)
    assert len(await traces(state, "MARKED-PERSON")) > 8
    await StoredSubscriptions(state).forget_person(platform, PERSON, DIRECT)
    assert await traces(state, "MARKED-PERSON") == []
    # The digest of all, and that its channel was told, are the others'.
    assert await traces(state, f"{GUILD}9") == ["outbox.workspace", "subscription.workspace"]


async def test_others_are_as_they_were(state: State) -> None:
    await fill(state)
    await person_everywhere(state, "discord")
    await person_like(state, "discord")
    before = await traces(state, "OTHER")
    await StoredSubscriptions(state).forget_person("discord", PERSON, DIRECT)
    assert await traces(state, "OTHER") == before


async def person_like(state: State, platform: str) -> None:
    """Somebody whose names begin like those of the one who is forgotten."""
    other, direct = f"{PERSON}-OTHER", f"{DIRECT}-OTHER"
    one = subscription("like", Place(platform, direct), personal=True, creator=other)
    await StoredSubscriptions(state).add(one, other, 50)
    await note_had(state, one.place, ["a"])
    notice = Stopped("shared", "gone", person=other)
    done: dict[str, Any] = {"platform": platform, "outcome": "done", "reference": f"{direct}/1"}
    await put_row(state, "other", op=Op.TELL, said=notice, target="C1", **done)
    async with state.writing() as connection:
        await connection.execute(insert(PACE).values(scope=f"{platform}:{direct}", free_at=NOW))


async def test_the_file_does_not_hold_who_was_forgotten(path: Path) -> None:
    """Also not where rows were, nor in its log: what was deleted is written over at once."""
    async with open_state(path) as state:
        await person_everywhere(state, "discord")
    assert held(path, "MARKED-PERSON")
    async with open_state(path) as state:
        await StoredSubscriptions(state).forget_person("discord", PERSON, DIRECT)
        assert not held(path, "MARKED-PERSON")


async def test_who_reads_meanwhile_does_not_keep_others_from_being_forgotten(path: Path) -> None:
    async with open_state(path) as state, open_state(path) as another:
        await person_everywhere(state, "discord")
        async with another.reading() as connection:
            await connection.execute(select(PACE))
            async with asyncio.timeout(30):
                await StoredSubscriptions(state).forget_person("discord", PERSON, DIRECT)
        assert await traces(state, "MARKED-PERSON") == []
        await StoredUpkeep(state).forget_expired(NOW, KEEP)
        assert not held(path, "MARKED-PERSON")


def held(path: Path, text: str) -> Sequence[str]:
    """The files of a state that hold a text."""
    files = path.parent.glob(f"{path.name}*")
    return [file.name for file in files if text.encode() in file.read_bytes()]


async def workspace_everywhere(state: State, platform: str) -> None:
    """A workspace in which all that there is was used."""
    place = Place(platform, CHANNEL, GUILD)
    subscriptions = StoredSubscriptions(state)
    one = replace(subscription("theirs", place), wishes=replace(MADE.wishes, role="R-MARKED"))
    await subscriptions.add(one, PERSON, 50)
    await subscriptions.change(one, PERSON, "edit", "MARKED", NOW)
    await note_had(state, place, ["a"])
    done: dict[str, Any] = {"platform": platform, "outcome": "done", "done_at": NOW}
    here: dict[str, Any] = {"target": CHANNEL, "workspace": GUILD}
    message = f"{CHANNEL}/1"
    await put_row(state, "digest", subscription="theirs", reference=message, **here, **done)
    await put_row(state, "edit", op=Op.EDIT, target=None, message=message, **done)
    thread: dict[str, Any] = {"on_key": "digest", "target": None, "reference": THREAD}
    await put_row(state, "thread", op=Op.THREAD, **thread, **done)
    await put_row(state, "comments", on_key="thread", target=THREAD, **done)
    hello: dict[str, Any] = {**here, "reference": f"{CHANNEL}/2"}
    await put_row(state, "hello", said=Welcome(), **hello, **done)
    notice = Stopped("theirs", "gone", person=PERSON)
    await put_row(state, "told", op=Op.TELL, said=notice, target=CHANNEL, **done)
    async with state.writing() as connection:
        await connection.execute(insert(PACE).values(scope=f"{platform}:{CHANNEL}", free_at=NOW))


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_a_workspace_that_was_left_is_nowhere(state: State, platform: str) -> None:
    await fill(state)
    await workspace_everywhere(state, platform)
    upkeep = StoredUpkeep(state)
    await StoredInstallations(state).keep(platform, GUILD, "sealed", NOW)
    assert len(await traces(state, "MARKED")) > 8
    # What was granted goes at once, the rest may be wanted again.
    await StoredInstallations(state).delete(platform, GUILD)
    await upkeep.workspace_removed(platform, GUILD, NOW)
    await upkeep.forget_expired(NOW + GRACE - HOUR, KEEP)
    assert "subscription.target" in await traces(state, "MARKED")
    await upkeep.forget_expired(NOW + GRACE, KEEP)
    assert await traces(state, "MARKED") == []


async def test_what_has_its_time_is_gone_when_it_is_over(state: State) -> None:
    """Of what is kept for a time nothing is left a moment after it."""
    await fill(state)
    await person_everywhere(state, "discord")
    await StoredHandledEvents(state).take("slack MARKED", NOW + HOUR)
    later = NOW + KEEP + DAY + DAY
    await StoredUpkeep(state).forget_expired(later, KEEP)
    for gone in ("stored_code", "handled_event", "subscription_change", "pace", "workspace"):
        async with state.reading() as connection:
            rows = select(func.count()).select_from(METADATA.tables[gone])
            assert await connection.scalar(rows) == 0, gone
