"""What becomes of a digest: previews, sending one now, its status, and reading it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.console.platform import NAME
from bot.chat.announce import Announcer
from bot.chat.context import Frame
from bot.chat.views.deliveries import cause_text, delivery_item
from bot.digest.firing import Firing, fire_due
from bot.errors import Forbidden, NotYet, StateError, TargetGone, TryLater, UserError
from bot.intent import (
    AddDigest,
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    Intent,
    ListDigests,
    PauseDigest,
    PreviewDigest,
    ReadDigest,
    RemoveDigest,
    SendDigest,
    ShowDigest,
)
from bot.locales import LANGUAGES, Texts
from bot.outbox import Cause, NewRow, Op, Outcome, Result, Row
from bot.taken_down import TakenDown
from bot.view import Item, Limits, Moment, View
from storage.index.reader import IndexReader
from tests.chat.conftest import NEW, labels, of_kind
from tests.chat.desk import Desk
from tests.chat.test_answers import heading, titles, words
from tests.chat.test_digests import SUNDAY_NINE, moments, refusal, text
from tests.fitted import over
from tests.limits import ALL_LIMITS

LATE = timedelta(hours=12)
GONE = TargetGone("delivery.gone", what="C1")
# How a row ended says it.
ENDED = (Cause.PAUSED, Cause.REMOVED)
TITLES = ["GPUの話 その13", "GPUの話 その12", "別の話"]


@pytest.fixture
def firing(desk: Desk, reader: IndexReader) -> Firing:
    """What fires the digests of the desk's platform."""

    async def get_stores() -> object:
        return desk.stores

    return Firing([NAME], reader, get_stores, LATE, desk.clock)  # type: ignore[arg-type]


async def rows_of(desk: Desk) -> Sequence[Row]:
    """The digests of the only subscription, the newest first."""
    return await desk.stores.outbox.history((await desk.only()).id, 50)


async def end(desk: Desk, outcome: Outcome | None = Outcome.DONE, cause: str | None = None) -> None:
    """Let all that is ready end so, or be tried again."""
    outbox, now = desk.stores.outbox, desk.clock.at
    lease = timedelta(minutes=1)
    found = await outbox.claim(NAME, desk.town.pace, desk.town.channel, now, 50, lease, "worker")
    assert found.claims
    again = None if outcome else now + timedelta(minutes=5)
    await outbox.settle(
        [Result(claim, outcome, f"m{claim.row.id}", again, cause=cause) for claim in found.claims],
        now,
    )


async def test_a_preview_is_what_is_sent_then(desk: Desk, firing: Firing) -> None:
    await desk.say("/digest add 9:30 posts:2 language:English")
    preview = await desk.say("/digest preview")
    assert preview.blocks[0] == (await desk.say("/digest preview")).blocks[0]
    assert titles(preview) == TITLES[:2]
    assert heading(preview) == "Digest of Sat, 21 November"
    await desk.say("/digest now")
    (row,) = await rows_of(desk)
    hidden = TakenDown(desk.stores.hidden.all)
    announcer = Announcer(
        desk.talk.chat._library, desk.talk.codes, firing.get_stores, desk.clock, hidden.look_again
    )
    # The terminal's own limits are no narrower than those of the preview.
    sent = (await announcer.compose(row, desk.town)).view
    assert titles(sent) == titles(preview)
    assert text(sent) == text(preview) == "別の話　💬 2"
    assert heading(sent) == heading(preview)


async def test_a_preview_changes_nothing(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    for _ in range(3):
        assert titles(await desk.do(PreviewDigest(kept.id))) == TITLES
    assert await rows_of(desk) == []
    assert await desk.stores.digests.had(kept.place, NEW) == frozenset()


async def test_a_digest_can_be_sent_now_once_for_two_presses(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    pressed = desk.as_person("mia", message="m7")
    said = await asyncio.gather(*(pressed.do(SendDigest(kept.id)) for _ in range(2)))
    assert "まもなく届きます。" in [view.summary for view in said]
    assert (await pressed.do(SendDigest(kept.id))).summary.startswith("さきほど送りました")
    (row,) = await rows_of(desk)
    assert (row.op, row.target, row.due_at, row.outcome) == (Op.POST, "C1", None, None)
    assert {post.post for post in row.posts} == NEW
    # The next one is due as it was, and has other posts.
    assert await desk.only() == kept
    assert set(titles(await desk.do(PreviewDigest(kept.id)))).isdisjoint(TITLES)


async def test_it_is_sent_once_a_minute_by_the_same_button_too(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    desk = desk.as_person("mia", message="m7")
    # Shortly before another minute begins.
    desk.clock.pass_by(timedelta(seconds=50))
    await desk.say("/digest now")
    desk.clock.pass_by(timedelta(seconds=59))
    assert (await desk.say("/digest now")).summary.startswith("さきほど送りました")
    desk.clock.pass_by(timedelta(seconds=1))
    assert (await desk.say("/digest now")).summary == "まもなく届きます。"
    assert len(await rows_of(desk)) == 2


async def test_nothing_is_sent_where_the_bot_cannot_post(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    desk.town.missing["C1"] = ["SEND_MESSAGES"]
    assert await refusal(desk, "/digest now") == "digest.cannot_post"
    assert await rows_of(desk) == []


async def test_with_nothing_new_it_is_as_somebody_wished(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:AI quiet:skip")
    kept = await desk.only()
    for line in ("/digest preview", "/digest now"):
        assert (
            await desk.say(line)
        ).summary == "いまは新しい記事がないため、届けるものがありません。"
    assert await rows_of(desk) == []
    assert "新しい記事がない日は届けない設定です。" in text(await desk.say("/digest status"))
    await desk.do(EditDigest(kept.id, quiet_day="say"))
    assert text(await desk.say("/digest preview")) == "新しい記事はありません。"
    await desk.do(EditDigest(kept.id, quiet_day="archive"))
    assert titles(await desk.say("/digest preview")) == ["同じ議論2", "同じ議論"]
    await desk.say("/digest now")
    assert len((await rows_of(desk))[0].posts) == 2


async def test_who_is_published_for_has_a_second_row(desk: Desk) -> None:
    await desk.say("/digest add 9:30 publish:yes")
    await desk.say("/digest now")
    await end(desk)
    desk.clock.pass_by(timedelta(seconds=1))
    found = await desk.stores.outbox.claim(
        NAME, desk.town.pace, desk.town.channel, desk.clock.at, 5, LATE / 72, "worker"
    )
    assert [claim.row.op for claim in found.claims] == [Op.PUBLISH]


async def test_another_time_is_not_due_on_a_day_that_had_its_digest(
    desk: Desk, firing: Firing
) -> None:
    await desk.say("/digest add 9:30")
    desk.clock.at = SUNDAY_NINE + timedelta(minutes=31)
    assert await fire_due(firing) == 1
    await desk.say("/digest edit time:12:00")
    due = (await desk.only()).due
    assert due is not None
    assert due.day.isoformat() == "2026-11-23"


async def test_the_status_says_when_the_next_one_comes_and_who_changed_what(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    await desk.stores.subscriptions.change(kept, "zoe", "edit", "件数：5", desk.clock.at)
    view = await desk.say("/digest status")
    assert heading(view) == "配信の状況：毎日 9:30"
    assert SUNDAY_NINE + timedelta(minutes=30) in moments(view)
    assert "まだ一度も届けていません" in text(view)
    assert "　zoe　変更　件数：5" in text(view)
    assert "　あなた　設定" in text(view)


async def test_the_status_says_how_deliveries_ended(desk: Desk) -> None:
    await desk.say("/digest add 9:30 quiet:say")
    endings: list[tuple[Outcome | None, str | None, str]] = [
        (Outcome.DONE, None, "届けました（3件）"),
        (Outcome.DONE, None, "新しい記事がないことを知らせました"),
        (Outcome.GONE, str(GONE), "届け先が見つかりませんでした"),
        (Outcome.FORBIDDEN, str(Forbidden(["SEND"])), "届け先に投稿する権限がありませんでした"),
        (Outcome.MISSED, str(TryLater("503")), "時間内に送れませんでした"),
        (Outcome.DROPPED, None, "表示できる記事がなくなったため、送りませんでした"),
        (Outcome.DROPPED, "removed", "ボットが外されていたため、送りませんでした"),
        (None, str(TryLater("503 Service Unavailable")), "送れていないため、再試行しています"),
    ]
    said: list[str] = []
    for outcome, cause, ended in endings:
        await desk.say("/digest now")
        await end(desk, outcome, cause)
        desk.clock.pass_by(timedelta(minutes=1))
        said.insert(0, ended)
    desk.clock.pass_by(timedelta(hours=1))
    await desk.say("/digest now")
    view = await desk.say("/digest status")
    items = [block for block in of_kind(view, Item) if isinstance(block, Item)]
    assert [words(item.title).strip() for item in items] == ["まもなく送ります", *said]
    assert all(isinstance(item.title[0], Moment) for item in items)
    assert [[words(line) for line in item.lines] for item in items if item.lines][-1] == [
        " / ".join(TITLES)
    ]
    assert any("（503 Service Unavailable）" in words(line) for line in items[1].lines)
    told = [[words(line) for line in item.lines] for item in items]
    assert any("削除されたか、ボットから見えない" in line for line in told[-3])
    assert any("足りない権限：SEND" in line for line in told[-4])
    assert any("（503）" in line for line in told[-5])
    assert heading(await desk.talk.press("読む")) == TITLES[0]


async def test_what_has_just_left_is_not_tried_again_yet(desk: Desk) -> None:
    await desk.say("/digest add 9:30 posts:1")
    await desk.say("/digest now")
    outbox, place = desk.stores.outbox, desk.town
    await outbox.claim(NAME, place.pace, place.channel, desk.clock.at, 1, timedelta(minutes=1), "w")
    (row,) = await rows_of(desk)
    assert "送信中です" in words(delivery_item(row, {}, Texts("ja")).title)
    again = replace(row, tries=2)
    assert "再試行しています" in words(delivery_item(again, {}, Texts("ja")).title)


async def test_the_status_tells_what_was_only_named(desk: Desk) -> None:
    await desk.say("/digest add 9:30 posts:1")
    await desk.say("/digest now")
    await end(desk, Outcome.DONE)
    (row,) = await rows_of(desk)
    assert isinstance(row.said, ShowDigest)
    named = replace(row, posts=row.posts[:1] * 3)
    assert "届けました（1件、「ほかの新着」に2件）" in words(
        delivery_item(named, {}, Texts("ja")).title
    )


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (str(Forbidden()), "届け先に投稿する権限がありません。"),
        (str(TryLater("it's away", 3.0)), "応答していません（it's away）。"),
        ("incident 0a1b2c3d: ValueError('x')", "番号 0a1b2c3d"),
        (str(TryLater("<html>" * 100))[:500], "応答していません（<html><html>"),
        (str(GONE), "届け先が見つかりません。"),
        (str(UserError("announcement.gone")), "この内容は表示できなくなりました。"),
        (
            str(NotYet("index.reading", percent=40)),
            "アーカイブの読み込みが終わるのを",
        ),
        (str(NotYet("index.fetching")), "アーカイブの読み込みが終わるのを"),
        (str(NotYet("index.unreadable")), "アーカイブの読み込みが終わるのを"),
        (str(StateError("state.failed", path="/data", cause="x")), "ボット側に問題があります。"),
        ("[Errno 28] No space left on device", "ボット側に問題があります。"),
    ],
)
def test_a_cause_is_told_in_plain_words(cause: str, said: str) -> None:
    assert said in cause_text(cause, Texts("ja"))


@pytest.mark.parametrize("cause", [each for each in Cause if each not in ENDED])
def test_each_cause_of_our_own_has_a_sentence(cause: Cause) -> None:
    for language in LANGUAGES:
        texts = Texts(language)
        said = cause_text(cause.value, texts)
        assert cause.value not in said
        assert said != texts("digest.cause.ours")


def test_an_operator_has_what_nobody_else_can_use() -> None:
    cause = str(StateError("state.failed", path="/data", cause="locked"))
    texts = Texts("en")
    assert cause_text(cause, texts, to_operator=True) == f"Cause: {cause}"
    assert cause not in cause_text(cause, texts)


async def test_what_a_pause_has_ended_says_so(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    await desk.say("/digest now")
    name = (await desk.only()).id
    await desk.do(PauseDigest(name))
    view = await desk.do(DigestStatus(name))
    (item,) = [block for block in of_kind(view, Item) if isinstance(block, Item)]
    assert words(item.title).strip() == "一時停止されたため、送りませんでした"
    assert [words(line) for line in item.lines] == [" / ".join(TITLES)]


async def test_the_status_is_turned_page_by_page(desk: Desk, firing: Firing) -> None:
    await desk.say("/digest add 9:30 quiet:say")
    for _ in range(23):
        desk.clock.pass_by(timedelta(days=1))
        await fire_due(firing)
    view = await desk.say("/digest status")
    seen = [block.title for block in of_kind(view, Item) if isinstance(block, Item)]
    while "次へ ▶" in labels(view):
        view = await desk.talk.press("次へ")
        assert "チャンネルに共有" not in labels(view)
        seen += [block.title for block in of_kind(view, Item) if isinstance(block, Item)]
    assert len(seen) == len(set(seen)) == 23


@pytest.mark.parametrize("stopped", [None, "gone", "forbidden"])
async def test_the_status_says_what_is_wrong(desk: Desk, stopped: str | None) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    if stopped:
        ended = replace(kept, due=None, stopped=stopped)
        await desk.stores.subscriptions.change(ended, None, "stop", "", desk.clock.at)
    desk.town.failing["C1"] = GONE
    # Nobody manages a channel that is gone, but who set it up can look, and put it right.
    assert "チャンネルが削除されたか" in text(await desk.do(DigestStatus(kept.id)))
    assert (await desk.do(RemoveDigest(kept.id))).summary.endswith("よろしいですか？")
    assert await refusal(desk.as_person("zoe"), DigestStatus(kept.id)) == "digest.not_manager"
    desk.town.failing.clear()
    desk.town.missing["C1"] = ["SEND_MESSAGES"]
    said = text(await desk.do(DigestStatus(kept.id)))
    assert "足りない権限：SEND_MESSAGES" in said
    assert ("配信を止めています" in said) is (stopped is not None)


async def test_a_digest_is_read_by_everybody_there(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    await desk.say("/digest now")
    (row,) = await rows_of(desk)
    bob = desk.as_person("bob")
    assert heading(await bob.do(ReadDigest(row.id))) == TITLES[0]
    assert heading(await bob.talk.press("次へ")) == TITLES[1]
    assert heading(await bob.say("もっと")) == TITLES[2]


async def test_a_digest_of_another_place_is_read_by_those_whose_it_is(desk: Desk) -> None:
    mine = desk.in_private("mia")
    await mine.do(AddDigest(personal=True))
    await mine.do(SendDigest((await desk.only()).id))
    (row,) = await rows_of(desk)
    for elsewhere in (mine, desk.as_person("mia")):
        assert heading(await elsewhere.do(ReadDigest(row.id))) == TITLES[0]
    for other in (desk.in_private("bob"), desk.as_person("bob")):
        assert await refusal(other, ReadDigest(row.id)) == "digest.all_gone"
    await mine.do(RemoveDigest((await desk.only()).id, sure=True))
    assert await refusal(desk.as_person("bob"), ReadDigest(row.id)) == "digest.all_gone"


@pytest.mark.parametrize("publish", ["no", "yes"])
async def test_a_digest_of_another_workspace_is_read_where_it_was_published(
    desk: Desk, publish: str
) -> None:
    here = desk.as_person("mia", workspace="G1")
    await here.do(AddDigest(publish=publish))
    await here.do(SendDigest((await desk.only()).id))
    row, *_ = await rows_of(desk)
    for near in (desk.as_person("bob"), desk.as_person("bob", "C9", workspace="G1")):
        assert heading(await near.do(ReadDigest(row.id))) == TITLES[0]
    far = desk.as_person("bob", "C9", workspace="G2")
    if publish == "yes":
        assert heading(await far.do(ReadDigest(row.id))) == TITLES[0]
    else:
        assert await refusal(far, ReadDigest(row.id)) == "digest.all_gone"


async def test_what_is_no_digest_cannot_be_read(desk: Desk) -> None:
    assert await refusal(desk, ReadDigest(999_999_999)) == "digest.all_gone"
    now = desk.clock.at
    other = NewRow("k", "elsewhere", Op.POST, ShowDigest("2026-11-21", 0), "ja", now, now + LATE)
    welcome = NewRow("w", NAME, Op.POST, ListDigests(), "ja", now, now + LATE)
    await desk.stores.outbox.put([other, welcome], now)
    for key in ("k", "w"):
        row = await desk.stores.outbox.row(key)
        assert row is not None
        assert await refusal(desk, ReadDigest(row.id)) == "digest.all_gone"


async def everything(desk: Desk) -> list[tuple[Intent, View]]:
    """Each answer about digests, on a server that has some and has been sent some."""
    adding = AddDigest(
        time="9:30", weekdays="月水金", zone="America/New_York",
        tags="GPU,Hacker News,AI,経済,長文", posts="10", role="R" * 100, publish="yes",
    )  # fmt: skip
    views: list[tuple[Intent, View]] = [(adding, await desk.do(adding))]
    name = (await desk.only()).id
    intents: list[Intent] = [
        adding,
        PreviewDigest(name),
        SendDigest(name),
        SendDigest(name),
        DigestStatus(name),
        DigestSettings(name),
        EditDigest(name, without="長文", tags="-"),
        PauseDigest(name),
        PauseDigest(name, resume=True),
        RemoveDigest(name),
        ListDigests(),
        ForgetMe(),
        ListDigests(personal=True),
        AddDigest(personal=True),
        ListDigests(personal=True),
        ReadDigest(1),
        RemoveDigest(name, sure=True),
        ForgetMe(sure=True),
        ListDigests(),
    ]
    return [*views, *[(intent, await desk.do(intent)) for intent in intents]]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
async def test_every_answer_keeps_the_limits(desk: Desk, limits: Limits, language: str) -> None:
    frame = Frame(Texts(language), limits)
    asking = desk.as_person("mia", frame=frame, public=frame)
    for intent, view in await everything(asking):
        assert over(view, limits) == [], intent
        assert view.summary
        await asking.talk.chat.codes_of(view.actions())
