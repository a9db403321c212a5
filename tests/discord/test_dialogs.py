"""Forms as dialogs: opened, filled in, wrong, late, forged; over the real wire."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from bot.app import opened_bot
from bot.chat.floods import Floods
from bot.intent import AddDigest
from bot.settings import Settings
from bot.view import Action
from storage.index.reader import IndexReader
from tests.discord.asking import fields, opened
from tests.discord.running import logged_in
from tests.discord.scene import Scene
from tests.discord.server import bits, opened_discord
from tests.discord.stage import read

ADD = "追加"


async def listed(scene: Scene) -> str:
    return read((await scene.play(scene.boss).types("/digest list")).text)


async def test_a_digest_is_changed_by_a_dialog(scene: Scene) -> None:
    boss, settings, modal = await opened(scene, time="9:30", tags="GPU")
    assert fields(modal) == {
        "時刻": "9:30",
        "タグ": "GPU",
        "除くタグ": "",
        "件数": "5",
        "曜日": "毎日",
    }
    seen = await boss.submits(modal, 時刻="7時半", 件数="3", タグ="")
    assert seen.edited
    assert seen.shown is settings.shown
    assert "設定を変更しました" in read(seen.text)
    assert "毎日 7:30" in await listed(scene)
    assert fields(await boss.clicks(seen, "変更"))["件数"] == "3"
    assert not scene.discord.refusals


async def test_a_digest_is_added_by_a_dialog(scene: Scene) -> None:
    boss = scene.play(scene.boss)
    modal = await boss.clicks(await boss.types("/digest list"), ADD)
    assert fields(modal)["時刻"] == "9:00"
    assert modal.modal is not None
    assert modal.modal["title"] == "配信を追加"
    seen = await boss.submits(modal, タグ="gpu、rust", 曜日="平日")
    assert seen.private
    assert "#GPU #Rust" in read(seen.text)
    assert "平日 9:00" in await listed(scene)


async def test_a_second_dialog_has_menus_for_all_else(scene: Scene) -> None:
    role = scene.discord.add_role(scene.guild, "readers")
    boss, settings, _ = await opened(scene, time="9:30")
    modal = await boss.clicks(settings, "ほかの設定")
    assert fields(modal) == {
        "タイムゾーン": "Asia/Tokyo",
        "新着なし": "archive",
        "言語": "ja",
        "ロール": "",
        "公開": "no",
    }
    seen = await boss.submits(modal, 新着なし="skip", ロール=role)
    assert f"知らせるロール：{role.id}" in read(seen.text)
    assert "新着がない日：送らない" in read(seen.text)
    again = await boss.clicks(seen, "ほかの設定")
    assert fields(again)["ロール"] == str(role.id)
    seen = await boss.submits(again, ロール=[])
    assert "知らせるロール" not in read(seen.text)
    assert not scene.discord.refusals


async def test_a_dialog_speaks_the_language_of_who_opens_it(scene: Scene) -> None:
    scene.boss.locale = "en-GB"
    boss = scene.play(scene.boss)
    modal = await boss.clicks(await boss.types("/digest list"), "Add")
    assert fields(modal)["Time"] == "9:00"
    seen = await boss.submits(modal, Time="8:15", Weekdays="mon,wed")
    assert "8:15" in read(seen.text)


async def test_the_command_alone_opens_the_dialog_at_once(scene: Scene) -> None:
    boss, settings, _ = await opened(scene, time="9:30")
    modal = await boss.types("/digest edit")
    assert fields(modal)["時刻"] == "9:30"
    seen = await boss.submits(modal, 時刻="10:00")
    assert seen.private
    assert seen.shown is not settings.shown
    assert "毎日 10:00" in await listed(scene)


async def test_of_two_who_change_a_digest_at_once_neither_is_lost(scene: Scene) -> None:
    boss, _, first = await opened(scene, time="9:30")
    owner = scene.play(scene.owner)
    second = await owner.types("/digest edit")
    await asyncio.gather(boss.submits(first, 時刻="8:00"), owner.submits(second, 件数="3"))
    shown = fields(await owner.types("/digest edit"))
    assert (shown["時刻"], shown["件数"]) == ("8:00", "3")


async def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(scene: Scene) -> None:
    boss, settings, modal = await opened(scene, time="9:30")
    told = await boss.submits(modal, 時刻="いつか", タグ="GPV", 件数="4")
    assert told.private
    assert not told.edited
    shown = read(told.text)
    assert "時刻：" in shown
    assert "タグ：" in shown
    assert "毎日 9:30" in await listed(scene)
    again = await boss.clicks(told, "入力しなおす")
    assert fields(again) | {"除くタグ": "", "曜日": "毎日"} == fields(again)
    assert fields(again) | {"時刻": "いつか", "タグ": "GPV", "件数": "4"} == fields(again)
    seen = await boss.submits(again, 時刻="8:00", タグ="GPU")
    # The answer takes the place of the complaint.
    assert seen.edited
    assert "#GPU" in read(seen.text)
    assert "件数：4" in read(seen.text)
    assert settings.shown is not seen.shown


async def test_what_is_too_long_for_a_button_is_not_lost_either(scene: Scene) -> None:
    boss, _, modal = await opened(scene)
    typed = ",".join(f"とても長いタグ{number}" for number in range(15))
    told = await boss.submits(modal, タグ=typed)
    assert fields(await boss.clicks(told, "入力しなおす"))["タグ"] == typed


async def test_only_managers_open_dialogs_and_submit_them(scene: Scene) -> None:
    boss, settings, modal = await opened(scene, time="9:30")
    assert modal.modal is not None
    ann = scene.play(scene.ann)
    code = modal.modal["custom_id"]
    refused = await ann.presses(settings, code)
    assert refused.modal is None
    assert "管理" in read(refused.text)
    assert "管理" in read((await ann.submits(modal, 時刻="10:00")).text)
    # The right is lost while the dialog is open.
    scene.discord.forbid(scene.channel, scene.boss, "manage_channels")
    told = await boss.submits(modal, 時刻="10:00")
    assert "管理" in read(told.text)
    assert not told.edited
    seen = await scene.play(scene.owner).types("/digest list")
    assert "毎日 9:30" in read(seen.text)


async def test_a_forged_or_old_dialog_is_answered_kindly(scene: Scene) -> None:
    boss, _, modal = await opened(scene)
    assert modal.modal is not None
    for code in ("nonsense", "1fda~AAAAAA", "0old~AAAAAA", "x" * 100):
        forged = replace(modal, modal={**modal.modal, "custom_id": code})
        seen = await boss.submits(forged)
        assert seen.private
        assert "ボタン" in read(seen.text)
    label = {"type": 18, "label": "色"}
    old = {"type": 4, "custom_id": "colour:AAAAAA", "value": "red", "required": False}
    for components in (
        [{**label, "component": old}],
        [{"type": 1, "components": [{**old, "label": "色"}]}],
    ):
        forged = replace(modal, modal={**modal.modal, "components": components})
        assert "バージョン" in read((await boss.submits(forged)).text)


async def test_a_complaint_that_cannot_be_kept_for_later_is_an_answer_all_the_same(
    scene: Scene, settings: Settings
) -> None:
    boss = scene.play(scene.boss)
    modal = await boss.clicks(await boss.types("/digest list"), ADD)
    assert isinstance(settings.state, Path)
    settings.state.unlink()
    typed = ",".join(f"とても長いタグ{number}" for number in range(15))
    assert "番号" in (await boss.submits(modal, タグ=typed)).text


async def test_in_direct_messages_a_dialog_changes_the_answer(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.says("help")
    [code] = (await scene.bot.chat.codes_of([Action(AddDigest(personal=True))])).values()
    settings = await ann.presses(seen, code)
    modal = await ann.clicks(settings, "変更")
    done = await ann.submits(modal, 時刻="6:45")
    assert done.edited
    assert "毎日 6:45" in read(done.text)


async def test_a_dialog_that_was_open_is_answered_after_a_restart(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_discord() as discord:
        boss = discord.add_user("boss")
        guild = discord.add_guild("readers", owner=discord.add_user("owner"))
        discord.join(guild, boss, discord.add_role(guild, "staff", bits("manage_channels")))
        player = discord.player(boss, discord.add_channel(guild, "general"))
        patient = Floods(requests=sys.maxsize)
        async with (
            logged_in(discord) as first,
            opened_bot(settings, index, [first.platform]) as bot,
        ):
            await first.listens(bot.chat)
            modal = await player.clicks(await player.types("/digest add"), "変更")
            # The library would keep it for as long as the process lives, once it is answered.
            await player.types("/digest list")
            assert not first.client._connection._view_store._modals
        async with (
            logged_in(discord) as second,
            opened_bot(settings, index, [second.platform], floods=patient) as bot,
        ):
            await second.listens(bot.chat)
            seen = await player.submits(modal, 時刻="7:15")
            assert "毎日 7:15" in read(seen.text)
