"""Dialogs as people use them: opened, completed, filled in rightly and wrongly, late, anew."""

from datetime import time

import pytest

from adapters.slack.app import slack_app
from bot.settings import Settings
from bot.subscription import Place, Subscription
from storage.index.reader import IndexReader
from tests.slack.clients import served
from tests.slack.late import late
from tests.slack.scene import Scene, opened_scene
from tests.slack.server import Player, Seen, opened_slack
from tests.slack.server.filling import Value


async def subscriptions(scene: Scene) -> list[Subscription]:
    return list(await (await scene.get_stores()).subscriptions.every())


async def asked(scene: Scene, player: Player | None = None) -> Seen:
    """The dialog for a digest of the channel."""
    ann = player or scene.play(scene.ann)
    await ann.types("/matome digest", waits=False)
    return await ann.sees(lambda seen: seen.view is not None and "時刻" in seen.fields)


async def asked_for(player: Player, button: str) -> Seen:
    """The dialog behind a button of the only digest of the channel."""
    return await player.clicks(await player.types("/matome digest"), button)


async def test_a_digest_is_set_up_in_a_dialog(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await asked(scene)
    assert seen.text.startswith("配信を追加\n")
    assert seen.fields == [
        "時刻", "タグ", "除くタグ", "件数", "曜日", "タイムゾーン",
        "新着なし", "言語", "ユーザーグループ", "チャンネル",
    ]  # fmt: skip
    done = await ann.submits(seen, {"時刻": "9時半", "件数": "3", "新着なし": "送らない"})
    assert done.edited
    assert "配信を設定しました" in done.text
    assert "毎日 9:30" in done.text
    (kept,) = await subscriptions(scene)
    assert kept.place == Place("slack", f"{scene.team.id}/{scene.channel.id}", scene.team.id)
    assert (kept.times.at, kept.wishes.posts, kept.wishes.quiet_day.value) == (
        time(9, 30),
        3,
        "skip",
    )
    assert kept.creator == f"{scene.team.id}/{scene.ann.id}"


async def test_fields_are_completed_while_somebody_types(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await asked(scene)
    assert (await ann.loads(seen, "", "時刻"))[0] == "7:00"
    assert (await ann.loads(seen, "9時半", "時刻"))[0] == "9:30"
    assert await ann.loads(seen, "gp", "タグ") == ["GPU", "gp"]
    assert await ann.loads(seen, "そんなタグはない", "タグ") == ["そんなタグはない"]
    assert "GPU" in await ann.loads(seen, "", "除くタグ")
    (zone, *_) = await ann.loads(seen, "ニューヨーク", "タイムゾーン")
    assert "New_York" in zone or "ニューヨーク" in zone
    assert (await ann.loads(seen, "へいじつ", "曜日"))[-1] == "へいじつ"


async def test_what_is_wrong_stands_beside_its_field(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await asked(scene)
    wrong: dict[str, Value] = {"時刻": "25時99分", "タグ": ["gpuu"], "件数": "3"}
    refused = await ann.submits(seen, wrong)
    said = {key.partition(":")[0]: text for key, text in refused.errors.items()}
    assert said.keys() == {"time", "tags"}
    assert "25時99分" in said["time"]
    assert "GPU" in said["tags"]
    assert await subscriptions(scene) == []
    # All that was typed is there still.
    done = await ann.submits(refused, {"時刻": "9:30", "タグ": ["GPU"]})
    assert "毎日 9:30" in done.text
    (kept,) = await subscriptions(scene)
    assert (kept.wishes.wanted, kept.wishes.posts) == (("GPU",), 3)


async def test_a_user_group_is_named_by_its_id(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    refused = await ann.submits(await asked(scene), {"ユーザーグループ": "@here"})
    ((key, said),) = refused.errors.items()
    assert key.startswith("role:")
    assert "S0123ABCDEF" in said
    await ann.submits(refused, {"ユーザーグループ": "<!subteam^S0ABC|@gpu>"})
    (kept,) = await subscriptions(scene)
    assert kept.wishes.role == "S0ABC"


async def test_what_is_to_be_typed_is_said_as_it_is_typed_in_slack(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    for line in ("help", "digest status", "digest status x"):
        text = (await ann.types(f"/matome {line}")).text
        assert "/matome digest" in text
        assert "/digest" not in text.replace("/matome digest", "")
        assert "/配信" not in text


async def test_a_digest_for_another_channel(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    other = scene.slack.add_channel(scene.team, "other")
    await ann.submits(await asked(scene), {"チャンネル": other})
    (kept,) = await subscriptions(scene)
    assert kept.place.target == f"{scene.team.id}/{other.id}"


async def test_a_channel_without_the_bot_is_told_how_to_have_it(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    other = scene.slack.add_channel(scene.team, "other", bot=False)
    seen = await ann.submits(await asked(scene), {"チャンネル": other, "時刻": "9:30"})
    assert "/invite @matome" in seen.text
    assert await subscriptions(scene) == []
    # Nothing is to be typed twice.
    scene.slack.invite_bot(other)
    again = await ann.clicks(seen, "入力しなおす")
    done = await ann.submits(again)
    assert "毎日 9:30" in done.text


async def test_somebody_without_rights_there_sets_nothing_up(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    closed = scene.slack.add_channel(scene.team, "closed", members=[scene.boss])
    seen = await ann.submits(await asked(scene), {"チャンネル": closed})
    assert "チャンネルを管理できる人だけ" in seen.text
    assert "入力しなおす" in seen.labels
    assert await subscriptions(scene) == []


async def test_where_only_admins_may_a_member_sets_nothing_up(scene: Scene) -> None:
    scene.connected.platform.places.only_admins = True
    told = await scene.play(scene.ann).types("/matome digest")
    assert told.private
    assert "チャンネルを管理できる人だけ" in told.text
    await scene.play(scene.boss).submits(await asked(scene, scene.play(scene.boss)))
    (kept,) = await subscriptions(scene)
    assert kept.creator == f"{scene.team.id}/{scene.boss.id}"
    # Nor does somebody with the dialog of who may, whatever it carries.
    theirs = await asked_for(scene.play(scene.boss), "変更")
    theirs.dialog.user = scene.ann
    scene.slack.stacks[scene.ann.id] = [theirs.dialog]
    refused = await scene.play(scene.ann).submits(theirs, {"時刻": "8:00"})
    assert "管理できる人だけ" in refused.text or "見つかりません" in refused.text
    assert await subscriptions(scene) == [kept]


async def test_what_there_is_shown_and_changed(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    await ann.submits(await asked(scene), {"タグ": ["GPU"]})
    shown = await ann.types("/matome digest")
    assert shown.private
    assert "毎日 9:00" in shown.text
    form = await ann.clicks(shown, "変更")
    assert form.text.startswith("配信の設定を変更\n")
    changed = await ann.submits(form, {"タグ": [], "時刻": "8:00"})
    assert "毎日 8:00" in changed.text
    (kept,) = await subscriptions(scene)
    assert (kept.wishes.wanted, kept.times.at) == ((), time(8))


async def test_a_digest_of_ones_own_from_direct_messages(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await asked(scene, ann)
    assert "チャンネル" not in seen.fields
    assert "ユーザーグループ" not in seen.fields
    await ann.submits(seen)
    (kept,) = await subscriptions(scene)
    assert kept.personal


async def test_the_search_dialog_becomes_its_results(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await ann.shortcut("search")
    assert seen.fields == ["検索"]
    refused = await ann.submits(seen, {"検索": "month:2025-13"})
    (said,) = refused.errors.values()
    assert "2025-13" in said
    found = await ann.submits(refused, {"検索": "gpu"})
    assert found.edited
    assert found.dialog.id == seen.dialog.id
    assert "GPUのメモリは遅い？" in found.text
    opened = await ann.clicks(found, "開く")
    assert "メモリ帯域が足りない" in opened.text
    assert opened.dialog.id == seen.dialog.id
    # There is no channel to share anything in.
    assert "チャンネルに共有" not in opened.labels


async def test_a_dialog_opened_before_a_restart_is_answered(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack:
        async with opened_scene(slack, index, settings) as scene:
            seen = await asked(scene)
        async with opened_scene(slack, index, settings) as scene:
            ann = scene.play(scene.ann)
            assert "9時半" in await ann.loads(seen, "9時半", "時刻")
            done = await ann.submits(seen, {"時刻": "9時半"})
            assert "毎日 9:30" in done.text
            assert len(await subscriptions(scene)) == 1
        assert not slack.complaints


async def test_dialogs_over_signed_http(index: IndexReader, settings: Settings) -> None:
    async with opened_slack() as slack:
        async with opened_scene(slack, index, settings) as scene:
            events, connected = scene.connected.events, scene.connected
            assert events is not None
            secret = slack.app.signing_secret
            app = slack_app(events, connected.under_way, connected.api, signing_secret=secret)
            async with served(app, slack):
                ann = scene.play(scene.ann)
                seen = await asked(scene)
                assert (await ann.loads(seen, "gp", "タグ"))[0] == "GPU"
                refused = await ann.submits(seen, {"時刻": "25時99分"})
                assert len(refused.errors) == 1
                assert "毎日 8:00" in (await ann.submits(refused, {"時刻": "8:00"})).text
                assert (await scene.direct(scene.ann).opens_home()).fields == ["まとめを検索"]
                await slack.settled()
        assert not slack.complaints


async def test_a_slow_answer_shows_that_it_comes(index: IndexReader, settings: Settings) -> None:
    async with opened_slack() as slack:
        async with opened_scene(slack, index, settings, dialog_patience=0.0) as scene:
            ann = scene.play(scene.ann)
            seen = await ann.shortcut("search")
            waiting = await ann.submits(seen, {"検索": "gpu"})
            assert "考えています…" in waiting.text or "GPU" in waiting.text
            assert "GPUのメモリは遅い？" in (await ann.sees("GPUのメモリは遅い？")).text
            # It is too late to say it beside the field.
            seen = await ann.shortcut("search")
            await ann.submits(seen, {"検索": "month:2025-13"})
            told = await ann.sees("2025-13")
            assert "入力しなおす" in told.labels
            assert (await ann.clicks(told, "入力しなおす")).fields == ["検索"]
        assert not slack.complaints


async def test_a_dialog_that_comes_too_late_is_offered_again(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        ann = scene.play(scene.ann)
        late(slack, "views.open")
        told = await ann.types("/matome digest")
        assert told.private
        assert "もう一度" in told.text
        assert [one.code for one in slack.refusals] == ["expired_trigger_id"]
        assert (await ann.clicks(told, "入力する")).fields[0] == "時刻"


async def test_a_search_that_comes_too_late_is_offered_in_direct_messages(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_slack() as slack, opened_scene(slack, index, settings) as scene:
        ann = scene.play(scene.ann)
        late(slack, "views.open")
        told = await ann.shortcut("search")
        assert "もう一度" in told.text
        assert (await scene.direct(scene.ann).clicks(told, "入力する")).fields == ["検索"]


@pytest.mark.parametrize("metadata", ["", "{}", '{"code": "1fda~AAAAAA"}', '{"code": "1q"}'])
async def test_a_dialog_that_is_not_ours_is_answered_kindly(scene: Scene, metadata: str) -> None:
    ann = scene.play(scene.ann)
    seen = await asked(scene)
    seen.dialog.body["private_metadata"] = metadata
    told = await ann.submits(seen)
    assert "ヘルプ" in told.labels
    assert await subscriptions(scene) == []
