"""Setting digests up, by typing and pressing: what is kept, what is said, who may do it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.chat.digests.wishes import MOST_TAGS
from bot.errors import Forbidden, TargetGone, TryLater, UserError
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
    RemoveDigest,
    SendDigest,
)
from bot.locales import LANGUAGES, Texts
from bot.subscription import EVERY_DAY, Due, Place, QuietDay, Times, Wishes
from bot.view import Action, Divider, Effect, Moment, Paragraph, View
from storage.index.reader import IndexReader
from tests.chat.conftest import Conversation, labels
from tests.chat.desk import Desk
from tests.chat.test_answers import heading, titles, words
from tests.logged import events

SUNDAY_NINE = datetime(2026, 11, 22, 0, tzinfo=UTC)


def text(view: View) -> str:
    """What the paragraphs of a view say."""
    return "\n".join(words(block.text) for block in view.blocks if isinstance(block, Paragraph))


def moments(view: View) -> list[datetime]:
    """The times that the paragraphs of a view name."""
    paragraphs = [block for block in view.blocks if isinstance(block, Paragraph)]
    return [run.at for block in paragraphs for run in block.text if isinstance(run, Moment)]


async def refusal(desk: Desk, asked: Intent | str) -> str:
    """The key of what is said in place of an answer; it can be said in both languages."""
    with pytest.raises(UserError) as raised:
        await (desk.say(asked) if isinstance(asked, str) else desk.do(asked))
    for language in LANGUAGES:
        assert len(Texts(language).of(raised.value)) < 400
    return raised.value.key


async def test_a_channel_gets_a_digest_every_morning(desk: Desk) -> None:
    view = await desk.say("/digest add")
    kept = await desk.only()
    assert kept.place == Place("console", "C1", "G1")
    assert kept.times == Times(time(9), EVERY_DAY, "Asia/Tokyo")
    assert kept.wishes == Wishes()
    assert (kept.creator, kept.personal, kept.stopped) == ("mia", False, None)
    assert kept.due == Due(SUNDAY_NINE, date(2026, 11, 22))
    assert heading(view) == "毎日 9:00"
    assert view.summary.startswith("配信を設定しました")
    assert moments(view) == [SUNDAY_NINE]
    (change,) = await desk.stores.subscriptions.changes(kept.id, 5)
    assert (change.person, change.what, change.at) == ("mia", "add", desk.clock.at)


async def test_setting_up_shows_what_would_be_sent(desk: Desk) -> None:
    view = await desk.say("/digest add")
    below = view.blocks[view.blocks.index(Divider()) :]
    assert titles(View("", below)) == ["GPUの話 その13", "GPUの話 その12", "別の話"]
    assert heading(View("", below)) == "11月21日（土）のまとめ"


@pytest.mark.parametrize("what", ["index", "state"])
async def test_what_is_set_up_is_told_where_it_cannot_be_shown_what_would_be_sent(
    desk: Desk, reader: IndexReader, tmp_path: Path, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    if what == "index":
        await reader.close()
    else:
        with closing(sqlite3.connect(tmp_path / "digests.sqlite3")) as state:
            state.execute("DROP TABLE seen_post")
    view = await desk.say("/digest add 9:30")
    kept = await desk.only()
    assert kept.due is not None
    assert kept.due.at in moments(view)
    assert Divider() not in view.blocks
    (event,) = events(caplog)
    assert event["event"] == "what a digest would have in it cannot be shown"


async def test_everything_can_be_wished_for(desk: Desk) -> None:
    await desk.say(
        "/配信 追加 時刻:9時半 曜日:平日 タイムゾーン:ニューヨーク タグ:ＧＰＵ、hacker-news "
        "除くタグ:経済 件数:３件 言語:英語 新着なし:送らない ロール:R77 公開:はい"
    )
    kept = await desk.only()
    assert kept.times == Times(time(9, 30), frozenset(range(5)), "America/New_York")
    assert kept.wishes == Wishes(
        ("GPU", "Hacker News"), ("経済",), 3, "en", QuietDay.SKIP, "R77", publish=True
    )
    assert kept.due is not None
    assert kept.due.day == date(2026, 11, 23)


async def test_the_language_is_that_of_the_channel(desk: Desk) -> None:
    context = desk.talk.context
    public = replace(context.public, texts=Texts("en"))
    await desk.as_person("mia", public=public).do(AddDigest())
    assert (await desk.only()).wishes.language == "en"


async def test_the_same_digest_twice_is_there_already(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:GPU")
    first = await desk.only()
    view = await desk.say("/digest add 9時半 tags:gpu")
    assert view.summary == "同じ配信がすでにあります。"
    assert await desk.only() == first
    await desk.say("/digest add 9:30 tags:AI")
    assert len(await desk.stores.subscriptions.every()) == 2


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("time:25:00", "digest.late_time"),
        ("time:99:99", "digest.bad_time"),
        ("いつか", "digest.bad_time"),
        ("zone:アトランティス", "digest.unknown_zone"),
        ("weekdays:someday", "digest.bad_weekdays"),
        ("posts:0", "digest.bad_posts"),
        ("posts:999", "digest.bad_posts"),
        ("posts:-1", "digest.bad_posts"),
        ("posts:3.5", "digest.bad_posts"),
        ("posts:many", "digest.bad_posts"),
        ("tags:GPV", "digest.near_tag"),
        ("tags:GPU,nonsense", "digest.unknown_tag"),
        ("tags:@everyone", "digest.unknown_tag"),
        ("tags:<!channel>", "digest.unknown_tag"),
        ("tags:**,``", "digest.unknown_tag"),
        ('tags:","', "digest.no_tags"),
        ("tags:GPU without:gpu", "digest.tag_both"),
        ("tags:" + ",".join(["GPU"] * (MOST_TAGS + 1)), "digest.too_many_tags"),
        ("language:klingon", "digest.bad_choice"),
        ("quiet:perhaps", "digest.bad_choice"),
        ("publish:maybe", "digest.bad_choice"),
        ('role:"a b"', "digest.bad_role"),
        ("channel:C9", "digest.not_manager"),
    ],
)
async def test_what_cannot_be_wished_for_is_explained(desk: Desk, line: str, key: str) -> None:
    assert await refusal(desk, f"/digest add {line}") == key
    assert await desk.stores.subscriptions.every() == []


@pytest.mark.parametrize(
    "field",
    ["time", "weekdays", "zone", "tags", "without", "posts", "language", "quiet_day", "role",
     "publish", "target"],
)  # fmt: skip
@pytest.mark.parametrize("sign", ["x", "9", "，", "@", "\n", "𠮷", "<"])
async def test_ten_thousand_characters_are_refused_briefly(
    desk: Desk, field: str, sign: str
) -> None:
    intent = AddDigest(**{field: sign * 10_000})  # type: ignore[arg-type]
    if not (sign * 10_000).strip():
        return
    with pytest.raises(UserError) as raised:
        await desk.do(intent)
    assert len(Texts("ja").of(raised.value)) < 400
    assert await desk.stores.subscriptions.every() == []


async def test_another_channel_is_named_by_who_may_manage_it(desk: Desk) -> None:
    await desk.do(AddDigest(target="C2"))
    assert (await desk.only()).place == Place("console", "C2", "G1")


async def test_a_channel_counts_to_its_own_server_wherever_it_is_named(desk: Desk) -> None:
    desk.town.workspaces["C2"] = "G2"
    await desk.do(AddDigest(target="C2"))
    assert (await desk.only()).place == Place("console", "C2", "G2")


async def test_a_server_has_so_many_and_no_more(desk: Desk) -> None:
    for hour in range(5):
        await desk.do(AddDigest(time=f"{hour}:00", target="C1" if hour % 2 else "C2"))
    assert await refusal(desk, "/digest add 20:00") == "chat.too_many_digests"
    assert len(await desk.stores.subscriptions.every()) == 5


@pytest.mark.parametrize(
    ("failure", "key"),
    [
        (TargetGone("delivery.gone", what="C1"), "digest.place_gone"),
        (Forbidden(["VIEW_CHANNEL"]), "digest.cannot_post"),
        (Forbidden(), "digest.not_allowed"),
        (TryLater("away"), "digest.try_later"),
    ],
)
async def test_what_the_platform_says_is_told(desk: Desk, failure: Exception, key: str) -> None:
    desk.town.failing["C1"] = failure
    assert await refusal(desk, "/digest add") == key


async def test_a_missing_right_is_named_before_anything_is_set_up(desk: Desk) -> None:
    desk.town.missing["C1"] = ["SEND_MESSAGES", "EMBED_LINKS"]
    with pytest.raises(UserError) as raised:
        await desk.say("/digest add")
    assert "SEND_MESSAGES, EMBED_LINKS" in Texts("ja").of(raised.value)
    assert await desk.stores.subscriptions.every() == []


def about(name: str) -> list[Intent]:
    """Everything that can be done with a digest."""
    return [
        EditDigest(name, posts="2"),
        DigestSettings(name),
        PauseDigest(name),
        PauseDigest(name, resume=True),
        RemoveDigest(name),
        RemoveDigest(name, sure=True),
        PreviewDigest(name),
        SendDigest(name),
        DigestStatus(name),
    ]


async def test_who_may_not_manage_the_channel_is_told_so(desk: Desk) -> None:
    await desk.say("/digest add")
    kept = await desk.only()
    reader = desk.as_person("bob")
    for intent in [*about(kept.id), AddDigest(), ListDigests()]:
        assert await refusal(reader, intent) == "digest.not_manager"
    for intent in about("")[1:]:
        line = {PauseDigest: "/digest pause", RemoveDigest: "/digest remove"}
        assert await refusal(reader, line.get(type(intent), "/digest")) == "digest.not_manager"
    assert await desk.only() == kept


async def test_a_digest_of_another_place_is_not_there(desk: Desk) -> None:
    zoe = desk.as_person("zoe", "C9", workspace="G9")
    await zoe.do(AddDigest())
    theirs = await desk.only()
    for intent in about(theirs.id):
        assert await refusal(desk, intent) == "digest.not_found"
    for name in ("nothing1", "x" * 32):
        for intent in about(name):
            assert await refusal(desk, intent) == "digest.not_found"
    assert await desk.only() == theirs
    # Zoe manages it from wherever she is.
    assert heading(await desk.as_person("zoe", "C1").do(DigestSettings(theirs.id))) == "毎日 9:00"


async def test_the_only_digest_need_not_be_named(desk: Desk) -> None:
    assert await refusal(desk, "/digest pause") == "digest.none_here"
    await desk.say("/digest add 9:30")
    assert (await desk.say("/digest pause")).summary.startswith("配信を一時停止しました")
    desk.clock.pass_by(timedelta(seconds=1))
    await desk.say("/digest add 10:00")
    assert await refusal(desk, "/digest resume") == "digest.which"
    first = (await desk.stores.subscriptions.every())[0].id
    assert (await desk.say(f"/digest resume {first}")).summary == "配信を再開しました。"
    for name in ("1", "9" * 1500, "all of them", "@everyone"):
        assert await refusal(desk, f"/digest pause {name}") == "digest.not_found"


async def test_what_was_set_stays_or_is_taken_away(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:GPU without:経済 posts:3 weekdays:平日 role:R7")
    before = await desk.only()
    view = await desk.say(f"/digest edit {before.id} posts:2")
    after = await desk.only()
    assert after == replace(before, wishes=replace(before.wishes, posts=2))
    assert view.summary.startswith("設定を変更しました")
    (change, _) = await desk.stores.subscriptions.changes(before.id, 5)
    assert (change.what, change.person, change.details) == ("edit", "mia", "件数：2")
    await desk.say("/digest edit time:- tags:- without:- weekdays:- role:- posts:-")
    kept = await desk.only()
    assert kept.times == Times(time(9), EVERY_DAY, "Asia/Tokyo")
    assert kept.wishes == Wishes()
    (change, *_) = await desk.stores.subscriptions.changes(before.id, 5)
    assert change.details == (
        "時刻：9:00 / 曜日：毎日 / 件数：5 / タグ：- / 除くタグ：- / 知らせるロール：-"
    )
    assert (await desk.say("/digest edit posts:5")).summary == "変更はありませんでした。"


async def test_another_time_is_due_on_the_same_day_unless_that_has_had_its_digest(
    desk: Desk,
) -> None:
    await desk.say("/digest add 9:30")
    await desk.say("/digest edit time:22:00")
    kept = await desk.only()
    assert kept.due == Due(datetime(2026, 11, 21, 13, tzinfo=UTC), date(2026, 11, 21))


async def test_a_pause_lasts_until_it_is_resumed(desk: Desk) -> None:
    await desk.say("/digest add")
    kept = await desk.only()
    view = await desk.do(PauseDigest(kept.id))
    assert (await desk.only()).due is None
    assert "一時停止中です" in text(view)
    assert {"再開", "削除"} <= set(labels(view))
    assert (await desk.do(PauseDigest(kept.id))).summary == "すでに止まっています。"
    desk.clock.pass_by(timedelta(days=3))
    assert moments(await desk.talk.press("再開")) == [SUNDAY_NINE + timedelta(days=3)]
    what = [change.what for change in await desk.stores.subscriptions.changes(kept.id, 5)]
    assert what == ["resume", "pause", "add"]
    assert "一時停止" in labels(await desk.do(PauseDigest(kept.id, resume=True)))


async def test_what_was_stopped_is_resumed_once_the_bot_can_post_again(desk: Desk) -> None:
    await desk.say("/digest add")
    kept = replace(await desk.only(), due=None, stopped="forbidden")
    await desk.stores.subscriptions.change(kept, None, "stop", "", desk.clock.at)
    assert "届け先に投稿できないため" in text(await desk.do(DigestSettings(kept.id)))
    desk.town.missing["C1"] = ["SEND_MESSAGES"]
    assert await refusal(desk, PauseDigest(kept.id, resume=True)) == "digest.cannot_post"
    desk.town.missing.clear()
    # As from the notice, which comes by direct message.
    await desk.in_private("mia").do(PauseDigest(kept.id, resume=True))
    assert (await desk.only()).stopped is None
    assert (await desk.only()).due is not None


async def test_removing_is_asked_for_twice(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    assert "「毎日 9:30」の配信を削除します" in (await desk.do(RemoveDigest(kept.id))).summary
    assert await desk.only() == kept
    assert (await desk.talk.press("削除する")).summary == "配信を削除しました。"
    assert await desk.stores.subscriptions.every() == []
    assert await refusal(desk, DigestSettings(kept.id)) == "digest.not_found"
    assert "まだ配信はありません" in (await desk.talk.press("配信の一覧")).summary


async def test_the_list_leads_to_the_settings(desk: Desk) -> None:
    assert "まだ配信はありません" in text(await desk.say("/digest"))
    await desk.say("/digest add 9:30 tags:GPU,AI")
    desk.clock.pass_by(timedelta(minutes=1))
    await desk.say("/digest add 12:00 weekdays:土日")
    view = await desk.say("/digest")
    assert titles(view) == ["毎日 9:30　#GPU #AI", "土日 12:00"]
    assert "チャンネルに共有" not in labels(view)
    assert heading(await desk.talk.press("設定")) == "毎日 9:30"


async def test_a_long_list_is_turned_page_by_page(desk: Desk) -> None:
    await desk.say("/digest add 0:00")
    first = await desk.only()
    for minute in range(1, 23):
        times = replace(first.times, at=time(0, minute))
        another = replace(first, id=f"another{minute}", times=times)
        await desk.stores.subscriptions.add(another, "mia", 100)
    seen = titles(await desk.say("/digest"))
    while "次へ ▶" in labels(desk.talk.view):
        seen += titles(await desk.talk.press("次へ"))
    assert len(seen) == len(set(seen)) == 23


async def test_the_settings_say_all_that_is_set(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:GPU without:経済 posts:3 quiet:say role:R7 publish:yes")
    kept = await desk.only()
    said = text(await desk.do(DigestSettings(kept.id))).splitlines()
    assert said == [
        "時刻：毎日 9:30　東京 (Asia/Tokyo, UTC+9)",
        "次回：",
        "タグ：#GPU",
        "除くタグ：#経済",
        "件数：3",
        "新着がない日：ないと知らせる",
        "言語：日本語",
        "知らせるロール：R7",
        "フォロワーへの公開：はい",
        f"ほかの設定を変えるには：/digest edit {kept.id} time:9:30 tags:GPU,AI posts:3",
    ]


async def test_another_time_can_be_chosen(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    kept = await desk.only()
    view = await desk.do(DigestSettings(kept.id))
    chosen = Action(EditDigest(kept.id, time="20:00"), Effect.REPLACE)
    assert chosen in set(view.actions())
    await desk.talk.act(chosen)
    assert (await desk.only()).times.at == time(20)


async def test_a_person_has_digests_of_their_own(desk: Desk) -> None:
    bob = desk.as_person("bob")
    view = await bob.do(ListDigests(personal=True))
    assert heading(view) == "自分への配信"
    await bob.talk.press("毎日 9:00 に届ける")
    kept = await desk.only()
    assert kept.place == Place("console", "dm:bob")
    assert (kept.personal, kept.creator) == (True, "bob")
    # Nobody else's business, whatever they manage.
    for intent in about(kept.id):
        assert await refusal(desk, intent) == "digest.not_found"
    # In direct messages they are what every command is about.
    private = desk.in_private("bob")
    assert titles(await private.say("digest")) == ["毎日 9:00"]
    await private.say("digest add 20:00")
    assert len(await desk.stores.subscriptions.of_person("console", "bob")) == 2
    assert await refusal(private, AddDigest(target="C1")) == "digest.channel_elsewhere"


async def test_direct_messages_and_help_offer_a_digest_of_ones_own(desk: Desk) -> None:
    private = desk.in_private("bob")
    for line in ("/matome", "help"):
        await private.say(line)
        assert heading(await private.talk.press("自分に毎日届ける")) == "自分への配信"
    assert "自分に毎日届ける" not in labels(await desk.say("/matome"))
    assert "自分に毎日届ける" in labels(await desk.say("help"))


async def test_who_wants_to_be_forgotten_is_asked_and_then_forgotten(desk: Desk) -> None:
    await desk.do(AddDigest(personal=True))
    await desk.do(AddDigest())
    assert "元には戻せません" in (await desk.do(ForgetMe())).summary
    assert len(await desk.stores.subscriptions.every()) == 2
    said = await desk.talk.press("すべて削除する")
    assert said.summary.startswith("あなたへの配信（1件）")
    kept = await desk.only()
    assert (kept.place.target, kept.creator) == ("C1", None)
    (change,) = await desk.stores.subscriptions.changes(kept.id, 5)
    assert change.person is None


async def test_who_takes_no_direct_messages_can_be_forgotten(desk: Desk) -> None:
    await desk.do(AddDigest())
    desk.town.failing["mia"] = TryLater("away")
    assert await refusal(desk, ForgetMe(sure=True)) == "digest.try_later"
    desk.town.failing["mia"] = Forbidden()
    await desk.do(ForgetMe(sure=True))
    assert (await desk.only()).creator is None


async def test_without_a_state_it_is_said(talk: Conversation) -> None:
    with pytest.raises(UserError, match=r"digest\.no_state"):
        await talk.ask("/digest list")


async def test_digests_are_completed_for_who_may_manage_them(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:GPU")
    name = (await desk.only()).id
    for line in ("/digest pause ", "/digest pause 9:", f"/digest pause {name[:3]}"):
        (found,) = [
            each
            for each in await desk.talk.chat.complete(line, desk.talk.context)
            if not each.line.endswith(":")
        ]
        assert (found.line, found.label) == (f"/digest pause {name}", "毎日 9:30　#GPU")
    bob = desk.as_person("bob").talk.context
    path = ("digest", "status")
    assert await desk.talk.chat.complete_option(path, "subscription", "", bob) == []
