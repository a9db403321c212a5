"""What the bot says of its own accord: digests, notices, welcomes, and all of them corrected."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from adapters.console.limits import LIMITS
from adapters.console.platform import CHANNEL, NAME
from benchmarks.town import Recorder, Town, digest_row, open_town, recorder
from bot.chat.sizes import ruler_of
from bot.errors import TargetGone
from bot.hiding import show_anew
from bot.intent import (
    AddDigest,
    DigestSettings,
    OpenPost,
    PauseDigest,
    ReadDigest,
    Said,
    Search,
    ShowDigest,
    Stopped,
    Unfold,
    Welcome,
)
from bot.model import post_key
from bot.outbox import NewRow, Op, Outcome, delivery_key
from bot.running.syncing import index_path, synchronise
from bot.subscription import EVERY_DAY, Due, Place, Subscription, Times, Wishes
from bot.view import Action, Buttons, Effect, Item, Limits, Posting, Run, View
from storage.index.reader import IndexReader, open_reader
from tests.blog import Blog, raw_post
from tests.chat.sharing import talking, words
from tests.conftest import settings_of

GPU = post_key("2025_06_10_gpu_memory")
WIFI = post_key("2025_06_02_wifi")
NOW = datetime(2025, 7, 1, tzinfo=UTC)

SUBSCRIPTION = Subscription(
    id="abc",
    place=Place(NAME, CHANNEL),
    times=Times(time(9, 30), EVERY_DAY, "Asia/Tokyo"),
    wishes=Wishes(role="@news"),
    creator="alice",
    created_at=NOW,
    due=Due(NOW + timedelta(days=1), date(2025, 7, 2)),
)


@pytest.fixture
def place() -> Recorder:
    return recorder()


@pytest.fixture
async def town(index: IndexReader, tmp_path: Path, place: Recorder) -> AsyncIterator[Town]:
    async with open_town(tmp_path / "town.sqlite3", index, place) as opened:
        await opened.stores.subscriptions.add(SUBSCRIPTION, "alice", 10)
        yield opened


def row(key: str, said: Said, op: Op = Op.POST, **changes: object) -> NewRow:
    now = datetime.now(UTC)
    made = NewRow(key, NAME, op, said, "ja", now, now + timedelta(hours=1), CHANNEL)
    return replace(made, **changes)  # type: ignore[arg-type]


async def said(town: Town, place: Recorder, new: NewRow) -> Posting:
    """How a row was posted."""
    await town.stores.outbox.put([new], datetime.now(UTC))
    done = await town.done(new.key)
    assert done.outcome is Outcome.DONE
    assert done.reference is not None
    return place.shown[done.reference]


def pressed(view: View) -> dict[str, Action]:
    """The buttons that stand in rows, by what they say."""
    return {
        button.label: button.action
        for block in view.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
        if button.action is not None
    }


def digest(**changes: object) -> NewRow:
    """The digest of the subscription."""
    now = datetime.now(UTC)
    made = digest_row("d1", [GPU, WIFI], now)
    return replace(made, **{"subscription": "abc", "due_at": now, **changes})  # type: ignore[arg-type]


async def test_a_digest_notifies_its_role_and_leads_to_its_posts_and_settings(
    town: Town, place: Recorder
) -> None:
    posting = await said(town, place, digest())
    assert (posting.mention, posting.silent) == ("@news", False)
    buttons = pressed(posting.view)
    assert Action(ReadDigest(1), Effect.OPEN) in buttons.values()
    assert Action(DigestSettings("abc"), Effect.OPEN) in buttons.values()
    opened = {action.intent for action in posting.view.actions()}
    assert {OpenPost(GPU, 1), OpenPost(WIFI, 1)} <= opened
    assert "遅延" not in posting.view.summary
    tags = ("GPU", "ハードウェア", "Hacker News", "ネットワーク")
    assert posting.topics == ("まとめ", "ダイジェスト", "ニュース", "digest", "news", *tags)


@pytest.mark.parametrize("nothing", ["no posts", "no role", "hidden"])
async def test_without_posts_or_a_role_nobody_is_notified(
    town: Town, place: Recorder, nothing: str
) -> None:
    new = digest()
    if nothing == "no posts":
        new = digest(said=ShowDigest("2025-07-01", 0, "none"), posts=())
    elif nothing == "no role":
        new = digest(subscription=None)
    else:
        for post in (GPU, WIFI):
            await town.stores.hidden.hide(post, 0, NOW)
    posting = await said(town, place, new)
    assert (posting.mention, posting.silent) == (None, True)


@dataclass(slots=True)
class Tight(Recorder):  # it holds as much as it is told
    held: Limits = LIMITS

    @property
    def limits(self) -> Limits:
        return self.held


async def test_a_digest_leaves_room_for_the_mention_of_its_role(
    town: Town, place: Recorder
) -> None:
    await said(town, place, digest())
    row = await town.stores.outbox.row("d1")
    assert row is not None
    tight = Tight(place.screen, place.texts, place.now)
    whole = (
        ruler_of(LIMITS).sizes((await town.announcer.compose(row, tight)).view.blocks).characters
    )
    costs = replace(LIMITS.text_costs, mention=100)
    for characters in range(whole - 60, whole + 200, 20):
        tight.held = replace(LIMITS, characters=characters, text_costs=costs)
        posting = await town.announcer.compose(row, tight)
        assert posting.mention == "@news"
        assert ruler_of(tight.held).sizes(posting.view.blocks).characters + 100 <= characters


async def test_a_digest_that_comes_late_says_so_and_one_that_is_made_anew_later_does_not(
    town: Town, place: Recorder
) -> None:
    now = datetime.now(UTC)
    late = await said(town, place, digest(due_at=now - timedelta(minutes=16)))
    assert "遅延" in late.view.summary
    in_time = await said(town, place, digest(key="d2", due_at=now - timedelta(minutes=14)))
    assert "遅延" not in in_time.view.summary
    await made_anew(town, "d1")
    assert "遅延" in place.views(CHANNEL)[0].summary


async def made_anew(town: Town, key: str) -> None:
    now = datetime.now(UTC)
    await town.stores.outbox.refresh([key], now, now + timedelta(hours=1))
    await town.done(delivery_key("refresh", key))


async def test_that_a_digest_was_stopped_says_why_and_how_it_goes_on(
    town: Town, place: Recorder
) -> None:
    stopped = Stopped("abc", "forbidden", "SEND_MESSAGES", "alice")
    posting = await said(town, place, row("s1", stopped, Op.TELL))
    assert place.posted["dm:alice"][0].posting == posting
    text = words(posting.view)
    assert "SEND_MESSAGES" in text
    assert "09:30" in text
    assert "Asia/Tokyo" in text
    # Whom it concerns is meant to notice.
    assert not posting.silent
    assert Action(PauseDigest("abc", resume=True), Effect.OPEN) in posting.view.actions()
    gone = await said(town, place, row("s2", Stopped("abc", "gone"), Op.TELL))
    assert "見つかりません" in words(gone.view)
    unknown = await said(town, place, row("s3", Stopped("removed", "forbidden"), Op.TELL))
    assert "投稿できません" in words(unknown.view)
    assert list(unknown.view.actions()) == []


async def test_a_place_that_cannot_be_asked_about_is_told_of_still(
    town: Town, place: Recorder
) -> None:
    place.open.clear()
    place.refusing = TargetGone("delivery.gone", what=CHANNEL)
    now = datetime.now(UTC)
    new = row("s1", Stopped("abc", "forbidden", person="alice"), Op.TELL)
    await town.stores.outbox.put([new], now)
    town.dispatcher.kick()
    with pytest.raises(TimeoutError):
        # It has been composed, and waits at the platform's door.
        await town.done("s1", 0.2)
    place.refusing = None
    place.open.set()
    assert (await town.done("s1")).outcome is Outcome.DONE
    (posted,) = place.posted["dm:alice"]
    assert "投稿できません" in words(posted.posting.view)


async def test_notices_and_welcomes_come_once(town: Town, place: Recorder) -> None:
    now = datetime.now(UTC)
    welcome = row(delivery_key("welcome", NAME, CHANNEL), Welcome())
    notice = row(delivery_key("stopped", "abc"), Stopped("abc", "gone", person="alice"), Op.TELL)
    for _ in range(3):
        await asyncio.gather(
            *[town.stores.outbox.put([new], now) for new in (welcome, notice) for _ in range(3)]
        )
        for new in (welcome, notice):
            await town.done(new.key)
    (posted,) = place.posted[CHANNEL]
    assert len(place.posted["dm:alice"]) == 1
    buttons = pressed(posted.posting.view)
    assert buttons["このチャンネルに毎日届ける"] == Action(AddDigest(), Effect.OPEN)
    examples = [action.intent for action in buttons.values()]
    assert any(isinstance(intent, Search) for intent in examples)
    assert posted.posting.silent


async def test_a_correction_changes_digest_share_and_thread(
    blog: Blog, tmp_path: Path, place: Recorder
) -> None:
    def write(word: str) -> None:
        comments = [f"最初の{word}な意見", f"次の{word}な意見"]
        blog.post("post", raw_post(f"{word}な題名", comments, item=1))

    key = post_key("post")
    settings = settings_of(blog.root, tmp_path / "data")
    write("古風")
    await synchronise(settings)
    async with (
        open_reader(index_path(settings)) as reader,
        open_town(tmp_path / "town.sqlite3", reader, place) as town,
    ):
        number = (await town.digest("d1", [key])).id
        person = talking(town, place)
        await person.act(Action(OpenPost(key), Effect.SHARE))
        await person.act(Action(Unfold(key, digest=number), Effect.THREAD))

        def everything() -> str:
            return "".join(words(shown.view) for shown in place.shown.values())

        assert everything().count("最初の古風な意見") == 3
        write("新式")
        await synchronise(settings)
        keys = await town.stores.outbox.showing(key, None)
        assert len(keys) == 3
        assert await show_anew(town.stores.outbox, [key], datetime.now(UTC)) == 3
        for changed in keys:
            await town.done(delivery_key("refresh", changed))
        assert "古風" not in everything()
        assert everything().count("最初の新式な意見") == 3
        assert len(place.shown) == 3


async def test_a_shared_list_is_made_anew_without_what_was_hidden(
    town: Town, place: Recorder
) -> None:
    person = talking(town, place)
    await person.act(Action(Search("gpu"), Effect.SHARE))
    assert "GPUのメモリは遅い" in titles(place)
    shared = await town.stores.outbox.by_id(1)
    assert shared is not None
    assert await town.stores.outbox.showing(GPU, None) == [shared.key]
    await town.stores.hidden.hide(GPU, 0, NOW)
    await made_anew(town, shared.key)
    assert "GPUのメモリは遅い" not in titles(place)
    assert "古いGPUを売って" in titles(place)


async def test_what_was_hidden_a_moment_before_is_not_posted(town: Town, place: Recorder) -> None:
    assert await town.hidden.hidden() == {}
    await town.stores.hidden.hide(GPU, 0, NOW)
    await said(town, place, digest())
    assert "GPUのメモリは遅い" not in titles(place)


def titles(place: Recorder) -> str:
    """The words of all entries in the channel."""
    items = [b for view in place.views(CHANNEL) for b in view.blocks if isinstance(b, Item)]
    return "".join(
        run.text
        for item in items
        for text in (item.title, *item.lines)
        for run in text
        if isinstance(run, Run)
    )
