"""Which comments can be understood by who has read no other."""

import pytest

from bot.digest.standing import asks, stands_alone
from bot.search.text import normalise

ALONE = [
    "SQLiteは1台で足りるうちは最高のデータベースだと思う。",
    "何年も前にルーターを替えたら、家中の回線が速くなった。",
    "「Getting Started」の手順が古くて、最初のコマンドで止まる。",
    "Appleがメモリの値段を下げないのは、他に選択肢がないから。",
    "各社それぞれ事情があるので、一律の規制は難しいはずだ。",
    "規模が小さければ、であればこそ単純な構成がいい。",
    "いやらしい広告が増えたのは、単価が下がったせいだ。",
    "GPUの価格は3年で2倍になった。だから個人は中古を買うしかない。",
    "面白そうに見えて、実は10年前から研究されている分野だ。",
    "メールサーバーを自前で持つ意味はあるのか？ うちは3年やって、ないと結論した。",
    "Postgres handles this load on a single machine without any trouble.",
    "Hitting the disk on each request costs more than the query.",
    "ここ数年で中古のGPUの値段は半分になった。",
    "ソースコードを読むと、待ち時間は固定で30秒だ。",
    "暴君のような管理者がいるフォーラムは長続きしない。",
    "laptopは重いほど冷える。",
    "仕様は https://example.org/spec?id=44 にある。3章だけ読めばいい。",
]

LEANING = [
    "＞ 1台で足りる\nうちでは足りなかった。",
    "> it scales\nNo, it does not.",
    "　＞＞ 1台で足りる\nうちでは足りなかった。",
    "昔は速かった。\n＞ 今でも速い\nいや、遅い。",
    "それはSQLiteの問題ではなく、使い方の問題だよ。",
    "これ、去年うちの会社でも起きたやつだ。",
    "その設定は、再起動すると消える。",
    "この考え方は、分散システムでは通用しない。",
    "「そう」とは限らない。",
    "あれは広告のための機能だった。",
    "彼はコンパイラの専門家で、本も書いている。",
    "彼らの狙いは、広告の収入を守ることだ。",
    "同意。インデックスを張れば済む話だった。",
    "そうだね、インデックスを張れば済む話だった。",
    "ほんとそれ。インデックスを張れば済む話だった。",
    "マジでそう、インデックスを張れば済む話だった。",
    "うん、インデックスを張れば済む話だった。",
    "いや、インデックスを張っても遅いままだった。",
    "でも、インデックスを張っても遅いままだった。",
    "なるほど、インデックスを張ればいいのか。",
    "確かに、インデックスを張ればいいのかもしれない。",
    "ありがとう！インデックスを張ったら直ったよ。",
    "俺も同じで、インデックスを張ったら直ったよ。",
    "個人的にはそれは言い過ぎで、実際はもっと単純だと思う。",
    "みんながそうだとは思わないけど、うちでは遅かった。",
    "うちの部署でもこの話は毎年出るけど、結論は出ていない。",
    "データベースなら、君の言う方法でも動くはずだよ。",
    "インデックスの話なら、親コメントの言う通りだ。",
    "“書き込みは毎秒900で足りる”と言うけど、うちは足りない。",
    "「書き込みは毎秒900で足りる」と言うけど、うちは足りない。",
    "俺、これらの人たちから設計を学び始めたんだ。",
    "2については、論文の3章に反対の結果が載っている。",
    "コンテナなら安全って言うけど、鍵は結局ホストにある。",
    "I agree, the index was missing all along.",
    "標準が最初から完成していたとは言ってない。表は使えたと書いただけだ。",
    "配列の添字の件は、他の人も言う通り、ポインタの再発明でしかない。",
    "推薦の仕組みに詳しい人に質問です。何から調べるのがいいですか。",
    "なんで？インデックスを張れば済むと思うけど。",
    "どうやって復元の訓練をしているの？ 手順を知りたい。",
    "SQLiteで足りるのでは？ Postgresは大げさでは？",
    "Agreed, the index was missing all along.",
    "That is not what the benchmark measures.",
]


@pytest.mark.parametrize("body", ALONE)
def test_what_needs_no_other_comment_stands_alone(body: str) -> None:
    assert stands_alone(normalise(body))


@pytest.mark.parametrize("body", LEANING)
def test_what_answers_or_points_to_another_comment_does_not(body: str) -> None:
    assert not stands_alone(normalise(body))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("これで直る？", True),
        ("直る？でも遅い。", True),
        ("Does it work? Yes.", True),
        ("直った。", False),
        ("https://example.org/item?id=44 を読むといい。", False),
    ],
)
def test_a_question_is_told_from_an_address(body: str, expected: bool) -> None:
    assert asks(normalise(body)) is expected
