"""Everything that people ask in Slack: the command, buttons, direct messages, mentions."""

import pytest

from tests.slack.scene import Scene


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/matome", "家のWi-Fiを直す"),
        ("/matome gpu", "GPUのメモリは遅い？"),
        ("/matome ルーター 古い", "GPUを売って"),
        ("/matome https://news.ycombinator.com/item?id=103", "Rustで書き直した結果"),
        ("/matome <https://news.ycombinator.com/item?id=103>", "Rustで書き直した結果"),
        ("/matome tags", "ネットワーク"),
        ("/matome 2025-05", "Rustで書き直した結果"),
        ("/matome random", "コメント"),
        ("/matome help", "tag:GPU"),
        ("/matome 2025-13", "2025-13"),
        ("/matome もっと", "続き"),
        ("/matome digest list", "まだ配信はありません"),
    ],
)
async def test_a_command_is_answered_to_the_asker_alone(
    scene: Scene, line: str, expected: str
) -> None:
    seen = await scene.play(scene.ann).types(line)
    assert seen.private
    assert expected in seen.text


async def test_a_press_changes_the_private_answer(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await ann.types("/matome gpu")
    opened = await ann.clicks(seen, "開く")
    assert "メモリ帯域が足りない" in opened.text
    assert opened.shown is seen.shown
    assert opened.edited


async def test_a_direct_message_is_a_search(scene: Scene) -> None:
    ann = scene.direct(scene.ann)
    seen = await ann.says("gpu")
    assert not seen.private
    assert "GPUのメモリは遅い？" in seen.text
    opened = await ann.clicks(seen, "開く")
    assert opened.shown is seen.shown
    assert "メモリ帯域が足りない" in opened.text
    assert "tag:GPU" in (await ann.says("help")).text


async def test_a_mention_is_answered_in_its_thread(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    seen = await ann.mentions("gpu")
    assert "GPUのメモリは遅い？" in seen.text
    assert seen.shown.is_reply
    assert not seen.private
    opened = await ann.clicks(seen, "開く")
    assert opened.private
    assert opened.shown.thread_ts == seen.shown.thread_ts
    assert "メモリ帯域が足りない" in opened.text


async def test_the_post_of_somebodys_link(scene: Scene) -> None:
    ann = scene.play(scene.ann)
    said = ann.writes("見て <https://news.ycombinator.com/item?id=103|これ>")
    seen = await scene.play(scene.boss).message_shortcut("まとめを見る", said)
    assert seen.private
    assert "Rustで書き直した結果" in seen.text
    said = ann.writes("リンクなし")
    seen = await scene.play(scene.boss).message_shortcut("まとめを見る", said)
    assert "Hacker News" in seen.text


async def test_help_says_what_is_peculiar_to_slack(scene: Scene) -> None:
    seen = await scene.play(scene.ann).types("/matome help")
    assert "スレッドの中ではコマンドを使えません" in seen.text
    assert "/matome digest add|edit" in seen.text
    assert "/digest" not in seen.text
    seen = await scene.play(scene.ann).types("/matome digest list")
    assert "追加" in seen.text
    assert "/digest" not in seen.text  # it is asked for by the dialog


async def test_going_on_is_understood_wherever_somebody_asks(scene: Scene) -> None:
    scene.slack.link.repeats = 1
    ann = scene.play(scene.ann)
    assert "続き" in (await ann.types("/matome もっと")).text
    assert "続き" in (await ann.dm.says("もっと")).text
    assert "続き" in (await ann.mentions("もっと")).text
