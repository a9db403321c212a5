"""What a person meets first: the welcome, an empty box, help, and a digest of their own."""

from bot.app import opened_stores
from bot.outbox import delivery_key
from bot.settings import Settings
from storage.index.reader import IndexReader
from tests.discord.scene import Scene, opened_scene
from tests.discord.server import Player, Seen, opened_discord
from tests.discord.server.channels import dm_with
from tests.discord.server.world import Channel, Guild, Message
from tests.discord.stage import read


def from_bot(place: Channel) -> list[Message]:
    return [one for one in place.messages.values() if one.author.bot]


async def first_words(scene: Scene, place: Channel) -> Seen:
    """What the bot says of its own accord in a place."""
    assert await scene.discord.changes.until(lambda: bool(from_bot(place)), 30)
    [message] = from_bot(place)
    return Seen(message)


async def comes_back(scene: Scene, guild: Guild) -> None:
    """The bot is thrown out and invited again."""
    noted = scene.connected.noted
    before = len(noted.left)
    scene.discord.remove_bot(guild)
    assert await noted.changes.until(lambda: len(noted.left) > before, 30)
    scene.discord.invite_bot(guild)
    await scene.connected.has_heard()


async def test_a_new_server_is_greeted_once_with_a_way_to_a_digest(
    index: IndexReader, settings: Settings
) -> None:
    async with (
        opened_discord() as discord,
        opened_scene(discord, index, settings, looks=True) as scene,
    ):
        new = discord.add_guild("new", owner=scene.boss, locale="ja")
        discord.join(new, scene.ann)
        hall = discord.add_channel(new, "hall")
        await comes_back(scene, new)
        welcome = await first_words(scene, hall)
        await comes_back(scene, new)
        assert "はじめまして" in read(welcome.text)
        assert any("例" in label or "GPU" in label for label in welcome.labels)
        refused = await scene.play(scene.ann).at(hall).clicks(welcome, "このチャンネルに毎日届ける")
        assert refused.private
        assert "管理" in read(refused.text)
        made = await scene.play(scene.boss).at(hall).clicks(welcome, "このチャンネルに毎日届ける")
        assert made.private
        assert "次回" in read(made.text)
        assert len(from_bot(hall)) == 1


async def test_a_server_to_which_it_was_invited_before_its_first_start_is_greeted_once(
    index: IndexReader, settings: Settings
) -> None:
    async with opened_discord() as discord:
        invited = discord.add_guild("readers", owner=discord.add_user("owner"), locale="ja")
        hall = discord.add_channel(invited, "hall")
        for name in ("ann", "boss"):
            discord.add_user(name)
        async with opened_scene(discord, index, settings, looks=True) as scene:
            assert "はじめまして" in read((await first_words(scene, hall)).text)
        async with (
            opened_scene(discord, index, settings, looks=True) as scene,
            opened_stores(settings) as stores,
        ):
            strange = await scene.bot.arrivals.found("discord", {str(invited.id)}, lambda _: True)
            assert not strange
            assert not await stores.outbox.there(
                {delivery_key("welcome", "discord", invited.id, 1)}
            )
        assert len(from_bot(hall)) == 1


async def test_where_it_may_not_write_the_owner_is_greeted(
    index: IndexReader, settings: Settings
) -> None:
    async with (
        opened_discord() as discord,
        opened_scene(discord, index, settings, looks=True) as scene,
    ):
        new = discord.add_guild("new", owner=scene.boss, locale="en-US")
        hall = discord.add_channel(new, "hall")
        discord.forbid(hall, discord.bot, "send_messages")
        await comes_back(scene, new)
        welcome = await first_words(scene, dm_with(discord, scene.boss))
        assert "はじめまして" in read(welcome.text) or "Hello" in welcome.text
        assert not hall.messages


async def test_an_empty_box_offers_where_to_begin(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    offered = await ann.completes("/matome", "query", "")
    assert {"最新", "タグ", "ヘルプ"} <= set(offered)
    for word in offered:
        assert (await ann.types("/matome", query=word)).private
    scene.ann.locale = "en-US"
    for word in await ann.completes("/matome", "query", ""):
        assert word.isascii()
        assert (await ann.types("/matome", query=word)).private


async def test_help_in_direct_messages_leads_to_a_personal_digest_and_out_of_it(
    scene: Scene,
) -> None:
    ann = scene.direct(scene.ann)
    offered = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    made = await ann.submits(await ann.clicks(offered, "追加"))
    assert "次回" in read(made.text)
    listed = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    assert "9:00" in read(listed.text)
    asked = await ann.clicks(await ann.says("help"), "自分のデータを削除")
    done = await ann.clicks(asked, "削除")
    assert "削除しました" in read(done.text)
    empty = await ann.clicks(await ann.says("help"), "自分に毎日届ける")
    assert "まだ配信はありません" in read(empty.text)


async def test_a_digest_opens_for_all_and_its_settings_for_who_may(scene: Scene) -> None:
    ann, boss = scene.play(scene.ann), scene.play(scene.boss)
    await boss.types("/digest add", time="9:30")
    await boss.types("/digest now")
    digest = await first_words(scene, scene.channel)
    refused = await ann.clicks(digest, "設定")
    assert refused.private
    assert "管理" in read(refused.text)
    shown = await boss.clicks(digest, "設定")
    assert shown.private
    assert "9:30" in read(shown.text)
    opened = await ann.clicks(digest, "開く")
    assert opened.private
    await reads_on(ann, opened)
    assert "1/3" in (await ann.clicks(digest, "まとめて読む")).labels


async def reads_on(person: Player, post: Seen) -> None:
    """The comments take the post's place, and give it back."""
    comments = await person.clicks(post, "コメントを読む")
    assert comments.edited
    assert (await person.clicks(comments, "記事に戻る")).text == post.text
