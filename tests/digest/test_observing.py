"""What the state learns of the archive, and two replicas of which one is behind."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.firing import STALE_GRACE, Firing, fire_due
from bot.digest.observing import CORRECTED_FOR, EDITED_AFTER, Observer, Whereabouts, holds
from bot.errors import StateError
from bot.intent import Publish, Refresh, ShowDigest
from bot.outbox import NewRow, Op, Outcome, PostVersion, Result, Row, delivery_key
from bot.ports import Index, Pace
from bot.running.syncing import index_path, synchronise
from bot.stores import Observation, Stores
from bot.subscription import Due, QuietDay, Subscription, Wishes
from storage.index.reader import IndexReader, open_reader
from storage.state.backup import back_up
from storage.state.restoring import restore
from tests.conftest import settings_of
from tests.digest.world import DAY, DUE, HOUR, NOW, World, key, keys, subscription

FAST = Pace(1000.0)


def observer(world: World, index: Index | None = None) -> Observer:
    """One that has not noted anything yet, as after a start."""
    return Observer(index or world.index, world.get_stores, world.clock)


async def noted(world: World) -> Observation:
    """Sync, and note what is there."""
    await world.sync()
    observation = await observer(world).note()
    assert observation is not None
    return observation


async def sent(world: World, name: str, *slugs: str) -> Row:
    """A message with posts, as it was sent just now."""
    versions = await world.index.versions_of(keys(*slugs))
    row = NewRow(
        key=name,
        platform="discord",
        op=Op.POST,
        said=ShowDigest("2026-11-20", len(slugs)),
        language="ja",
        ready_at=world.now,
        deadline=world.now + HOUR,
        target="C1",
        posts=[PostVersion(post, version) for post, version in versions.items()],
    )
    outbox = world.stores.outbox
    await outbox.put([row], world.now)
    claims = (
        await outbox.claim("discord", FAST, str, world.now, 10, timedelta(minutes=1), "w")
    ).claims
    await outbox.settle(
        [Result(claim, Outcome.DONE, f"M {claim.row.key}") for claim in claims], world.now
    )
    found = await outbox.row(name)
    assert found is not None
    assert found.outcome is Outcome.DONE
    return found


async def edits(world: World, names: Collection[str]) -> set[str]:
    """The messages that are to be edited."""
    found = {name: await world.stores.outbox.row(delivery_key("refresh", name)) for name in names}
    return {name for name, row in found.items() if row is not None and row.outcome is None}


async def test_new_corrected_and_removed_posts_are_noted_once(world: World) -> None:
    world.write("a")
    assert await noted(world) == Observation(True, new=frozenset(keys("a")))
    world.now += HOUR
    world.write("a")
    world.write("b")
    found = await noted(world)
    assert (found.new, found.corrected) == (frozenset(keys("b")), frozenset(keys("a")))
    assert await noted(world) == Observation(True)


async def test_what_was_noted_is_not_noted_again_before_it_changes(world: World) -> None:
    watching = observer(world)
    assert await watching.note() is not None
    assert await watching.note() is None
    world.write("a")
    await world.sync()
    found = await watching.note()
    assert found is not None
    assert found.new == frozenset(keys("a"))


def nothing_missed(subscription: Subscription, now: datetime) -> tuple[Sequence[NewRow], Due]:
    raise AssertionError(f"nothing was due: {subscription}")


async def test_what_a_restored_state_has_forgotten_is_noted_again(
    world: World, tmp_path: Path
) -> None:
    watching = observer(world)
    await watching.note()
    await back_up(world.state, tmp_path / "backup")
    world.write("a")
    await world.sync()
    await watching.note()
    await restore(world.state, tmp_path / "backup", world.now, nothing_missed, replace=True)
    found = await watching.note()
    assert found is not None
    assert found.new == frozenset(keys("a"))


async def test_messages_with_a_corrected_post_are_edited_and_no_others(world: World) -> None:
    for slug in ("a", "b"):
        world.write(slug)
    await noted(world)
    await sent(world, "with a", "a", "b")
    await sent(world, "without", "b")
    world.now += HOUR
    world.write("a")
    await noted(world)
    assert await edits(world, ("with a", "without")) == {"with a"}
    row = await world.stores.outbox.row(delivery_key("refresh", "with a"))
    assert row is not None
    assert (row.op, row.said, row.message) == (Op.EDIT, Refresh("with a"), "M with a")


async def test_messages_of_a_week_are_edited_and_no_older_ones(world: World) -> None:
    world.write("a")
    await noted(world)
    await sent(world, "old", "a")
    world.now += timedelta(seconds=1)
    await sent(world, "young", "a")
    world.now += CORRECTED_FOR
    world.write("a")
    await noted(world)
    assert await edits(world, ("old", "young")) == {"young"}


async def test_a_rebuilt_index_corrects_nothing(world: World) -> None:
    world.write("a")
    await noted(world)
    await sent(world, "m", "a")
    await synchronise(world.settings, rebuild=True)
    assert await observer(world).note() == Observation(True)
    assert await edits(world, ("m",)) == set()


async def test_what_another_reader_finds_in_the_same_files_is_no_correction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a")
    await noted(world)
    await sent(world, "m", "a")
    monkeypatch.setattr("storage.index.documents.READER_VERSION", 999)
    assert await observer(world).note() == Observation(True)
    assert await edits(world, ("m",)) == set()
    assert set(await world.stores.seen.current(keys("a"))) == set(keys("a"))


async def test_an_edit_is_asked_for_also_where_the_program_ends_before_it_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a")
    await noted(world)
    await sent(world, "m", "a")
    world.write("a")
    world.now += HOUR
    world.write("a")
    await world.sync()

    class KilledError(Exception):
        pass

    async def killed(*_: object) -> Observation:
        raise KilledError

    with monkeypatch.context() as death:
        death.setattr(world.stores.seen, "observe", killed)
        with pytest.raises(KilledError):
            await observer(world).note()
    row = await world.stores.outbox.row(delivery_key("refresh", "m"))
    assert row is not None
    # Nobody makes it before the correction could have been noted.
    assert row.ready_at == world.now + EDITED_AFTER
    again = await observer(world).note()
    assert again is not None
    assert again.corrected == frozenset(keys("a"))


async def test_a_post_that_comes_back_is_shown_again(world: World) -> None:
    world.write("a")
    await noted(world)
    await sent(world, "m", "a")
    file = world.blog.root / "content/posts/2025_06/a/index.md"
    text = file.read_text("utf-8")
    file.unlink()
    # A post that is gone may come back: messages are not taken apart for that.
    assert (await noted(world)).removed == frozenset(keys("a"))
    assert await edits(world, ("m",)) == set()
    world.blog.write("content/posts/2025_06/a/index.md", text)
    await noted(world)
    assert await edits(world, ("m",)) == {"m"}


async def test_it_is_noted_after_each_look_also_where_the_state_was_away(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []
    here = asyncio.Event()

    async def get_stores() -> Stores:
        if not here.is_set():
            raise StateError("state.failed", path="state", cause="gone")
        return world.stores

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            here.set()

    new = world.stores.seen.new_since

    async def is_new(slug: str) -> None:
        async with asyncio.timeout(20):
            while key(slug) not in await new(NOW - DAY):  # noqa: ASYNC110 (nothing else tells)
                await asyncio.sleep(0.01)

    world.write("a")
    await world.sync()
    watching = Observer(world.index, get_stores, world.clock)
    service = asyncio.create_task(watching.keep_noting(pause))
    await is_new("a")
    world.write("b")
    await world.sync()
    watching.look()
    await is_new("b")
    service.cancel()
    await asyncio.wait([service])
    assert pauses == [1, 2, 4]
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == [
        "WARNING"
    ]


# --- two replicas ------------------------------------------------------------------------------


@asynccontextmanager
async def replica(archive: Path, data: Path) -> AsyncIterator[IndexReader]:
    """The index of another replica."""
    settings = settings_of(archive, data)
    await synchronise(settings)
    async with open_reader(index_path(settings)) as index:
        yield index


async def test_a_replica_with_last_weeks_archive_corrects_nothing_and_sends_only_what_it_has(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for slug in ("a", "b"):
        world.write(slug)
    await noted(world)
    # The files with their times, as a backup or an image has them.
    shutil.copytree(world.blog.root, tmp_path / "old")
    message = await sent(world, "m", "a", "b")
    world.now = DUE.at
    world.write("a")
    world.write("c", 9)
    (world.blog.root / "content/posts/2025_06/2025_06_01_first/index.md").unlink()
    await noted(world)
    await world.add(subscription(wishes=Wishes(quiet_day=QuietDay.SAY)))
    stores = world.stores
    async with replica(tmp_path / "old", tmp_path / "replica") as old:
        watching = observer(world, old)
        observation = await watching.note()
        assert observation == Observation(accepted=False)
        # Nothing that it has is taken for news, and no message is put back.
        assert set(await stores.seen.current(keys("a", "b", "c"))) == set(keys("a", "b", "c"))
        versions = await world.index.versions_of(keys("a"))
        assert await stores.seen.current(keys("a")) == versions
        assert await edits(world, ("m",)) == {"m"}
        assert "older" in caplog.text
        # It does not fire before the others have had time to.
        behind = Firing(("discord",), old, world.get_stores, 12 * HOUR, world.clock)
        ahead = replace(behind, index=world.index)
        assert await fire_due(behind) == 0
        assert await fire_due(ahead) == 1
        (digest,) = await stores.outbox.history("s1", 10)
        assert digest.posts[0].post == key("c")
        # And delivers neither that digest nor the correction, but what is as it was.
        edit = await stores.outbox.row(delivery_key("refresh", "m"))
        assert edit is not None
        for row, by_old in ((digest, False), (edit, False), (message, False)):
            assert await holds(row, world.index, stores)
            assert await holds(row, old, stores) is by_old
            assert await watching.held(row) is Whereabouts.ELSEWHERE
        world.now += HOUR
        unchanged = await sent(world, "only b", "b")
        assert await holds(unchanged, old, stores)
        # Nobody else being there it goes on alone, with what it has.
        world.now = DUE.at + DAY + STALE_GRACE
        assert await fire_due(behind) == 1


async def test_what_a_sync_has_just_changed_is_sent_in_a_moment(world: World) -> None:
    watching = observer(world)
    for slug in ("a", "b"):
        world.write(slug)
    await world.sync()
    await watching.note()
    row = await sent(world, "m", "a", "b")
    edit = replace(row, said=Refresh("m"))
    assert await watching.held(row) is Whereabouts.HERE
    world.now += HOUR
    world.write("a")
    await world.sync()
    # The state does not know yet what this replica has, which has nothing older than others.
    assert await watching.held(row) is Whereabouts.NOT_NOTED
    assert await watching.held(edit) is Whereabouts.NOT_NOTED
    await watching.note()
    assert await watching.held(row) is Whereabouts.HERE
    assert await watching.held(edit) is Whereabouts.HERE
    (world.blog.root / "content/posts/2025_06/b/index.md").unlink()
    await world.sync()
    assert await watching.held(row) is Whereabouts.NOT_NOTED
    await watching.note()
    assert await watching.held(row) is Whereabouts.HERE


async def test_a_replica_that_is_as_new_as_the_state_goes_on(world: World, tmp_path: Path) -> None:
    world.write("a")
    await noted(world)
    async with replica(world.blog.root, tmp_path / "replica") as same:
        assert await observer(world, same).note() == Observation(True)
        row = await sent(world, "m", "a")
        assert await holds(row, same, world.stores)


async def test_a_post_that_is_gone_does_not_hold_a_message_up(world: World) -> None:
    world.write("a")
    await noted(world)
    row = await sent(world, "m", "a", "2025_06_01_first")
    (world.blog.root / "content/posts/2025_06/a/index.md").unlink()
    await noted(world)
    assert await holds(row, world.index, world.stores)


async def test_what_shows_no_posts_can_be_sent_from_anywhere(world: World) -> None:
    row = await sent(world, "m")
    assert await holds(row, world.index, world.stores)
    assert await holds(replace(row, said=Publish()), world.index, world.stores)
    assert await holds(replace(row, said=Refresh("unknown")), world.index, world.stores)
