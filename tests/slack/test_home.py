"""App Home: what it shows to whom, and what its buttons open."""

import pytest

from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.slack.late import late
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import NotOffered, Player, Seen, Trouble, Way, opened_slack


async def dialog_of(player: Player) -> Seen:
    """The dialog for a digest of a channel."""
    await player.types("/matome digest", waits=False)
    return await player.sees(lambda seen: seen.view is not None and "時刻" in seen.fields)


async def test_the_first_visit_is_greeted(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.opens_home()
    assert "はじめまして" in seen.text
    assert "/matome digest" in seen.text
    assert "GPUのメモリは遅い？" in seen.text
    assert seen.fields == ["まとめを検索"]
    again = await ann.opens_home()
    assert "はじめまして" not in again.text
    assert "GPUのメモリは遅い？" in again.text
    assert again.dialog.id == seen.dialog.id
    # Everybody has a page of their own.
    assert "はじめまして" in (await scene.direct(scene.boss).opens_home()).text


async def test_english_for_whose_slack_is_english(scene: Scene) -> None:
    eve = scene.slack.add_user(scene.team, "eve", locale="en-US")
    seen = await scene.direct(eve).opens_home()
    assert "Hello, this is matome" in seen.text


async def test_presses_open_modals(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    home = await ann.opens_home()
    opened = await ann.clicks(home, "開く")
    assert opened.dialog.body["type"] == "modal"
    assert "メモリ帯域が足りない" in opened.text
    # Within it the next answer takes its place; the page stays.
    read = await ann.clicks(opened, "コメントを読む")
    assert read.dialog.id == opened.dialog.id
    assert home.dialog.open
    assert "tag:GPU" in (await ann.clicks(home, "ヘルプ")).text


async def test_searching_from_home(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    home = await ann.opens_home()
    found = await ann.chooses(home, "rust", "まとめを検索")
    assert found.dialog.body["type"] == "modal"
    assert "Rustで書き直した結果" in found.text
    # What makes no sense is answered all the same, and an address is one.
    assert "2025-13" in (await ann.chooses(home, "month:2025-13", "まとめを検索")).text
    link = "https://news.ycombinator.com/item?id=101"
    assert "メモリ帯域が足りない" in (await ann.chooses(home, link, "まとめを検索")).text


async def test_the_digests_that_somebody_may_manage(scene: Scene) -> None:
    ann, boss = scene.play(scene.ann), scene.play(scene.boss)
    closed = scene.slack.add_channel(scene.team, "closed", members=[scene.boss])
    await ann.submits(await dialog_of(ann), {"時刻": "8:00"})
    await boss.submits(await dialog_of(boss.at(closed)), {"時刻": "7:00"})
    seen = await ann.opens_home()
    assert "#general　毎日 8:00" in seen.text
    assert "#closed" not in seen.text
    seen = await boss.opens_home()
    assert "#general　毎日 8:00" in seen.text
    assert "#closed　毎日 7:00" in seen.text
    settings = await boss.clicks(seen, "設定")
    assert "毎日 8:00" in settings.text
    form = await boss.clicks(settings, "変更")
    assert form.dialog.previous_id == settings.dialog.id
    changed = await boss.submits(form, {"時刻": "10:00"})
    assert "毎日 10:00" in changed.text
    assert "#general　毎日 10:00" in (await ann.opens_home()).text


async def test_a_digest_for_a_channel(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    form = await ann.clicks(await ann.opens_home(), "チャンネルに毎日届ける")
    assert form.fields[:2] == ["チャンネル", "時刻"]
    with pytest.raises(NotOffered):
        await ann.submits(form)
    done = await ann.submits(form, {"チャンネル": scene.channel})
    assert "毎日 9:00" in done.text
    assert "#general　毎日 9:00" in (await ann.opens_home()).text


async def test_a_digest_of_ones_own(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    listed = await ann.clicks(await ann.opens_home(), "自分に毎日届ける")
    assert "まだ配信はありません" in listed.text
    form = await ann.clicks(listed, "追加")
    assert "毎日 9:00" in (await ann.submits(form)).text
    assert "自分　毎日 9:00" in (await ann.opens_home()).text


async def test_what_is_newer_stays(index: IndexReader, settings: Settings) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        ann = scene.direct(scene.ann)
        home = (await ann.opens_home()).dialog
        late = {"id": home.id, "type": "home", "hash": home.hash}
        newer = await ann.opens_home()
        shown = newer.dialog.hash
        event = {"type": "app_home_opened", "user": scene.ann.id, "tab": "home", "view": late}
        slack.tell(scene.team, "app_home_opened", {**event, "channel": ann.place.id})
        await ann.types("/matome help")
        await scene.connected.under_way.ended(10.0)
        assert [one.code for one in slack.refusals] == ["hash_conflict"]
        assert newer.dialog.hash == shown
        # Only the tab itself is the page.
        slack.tell(scene.team, "app_home_opened", {**event, "tab": "messages"})
        await ann.types("/matome help")
        await scene.connected.under_way.ended(10.0)
        assert newer.dialog.hash == shown


async def test_a_modal_that_comes_too_late_is_a_direct_message(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        ann = scene.direct(scene.ann)
        home = await ann.opens_home()
        late(slack, "views.open")
        told = await ann.clicks(home, "開く")
        assert "メモリ帯域が足りない" in told.text
        assert told.shown.channel is ann.place


async def test_a_late_answer_to_a_late_press_is_a_direct_message_too(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings, patience=0.0) as scene:
        ann = scene.direct(scene.ann)
        home = await ann.opens_home()
        late(slack, "views.open")
        told = await ann.clicks(home, "開く")
        assert "メモリ帯域が足りない" in told.text
        assert told.shown.channel is ann.place


async def test_a_page_while_slack_is_busy_comes_the_next_time(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        ann = scene.direct(scene.ann)
        slack.troubles.plan("views.publish", Trouble(Way.STATUS))
        await ann.opens_home(waits=False)
        await slack.settled()
        assert "はじめまして" in (await ann.opens_home()).text
