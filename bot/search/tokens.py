"""What the full-text index holds of a text: its tokens, in no order and with repetitions.

A run of Japanese gives each pair of neighbouring characters and each kanji by itself; other scripts
give whole words, and two words that only a hyphen, a dot or a space parts give their joined form as
well, so that Wi-Fi, Wi Fi and WiFi meet in `wifi`. What an operator asks for (user, tag, highlight)
is a token too, marked by a private-use character that no text can contain.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import add

# Raised whenever the tokens of a text change, so that every index is built anew.
SEGMENTER_VERSION = 2

JAPANESE = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\u1100-\u11ff\uac00-\ud7af\U00020000-\U0003ffff"
)
WORD_ENDING = rf"[+#]{{1,3}}(?![^\W_{JAPANESE}]|[+#])"  # c++, c#
WORD = rf"[^\W_{JAPANESE}]+(?:{WORD_ENDING})?"
JOINER = r"[-‐‑–._' ]"

_RUN = re.compile(f"[{JAPANESE}]+")
_CHAIN = re.compile(rf"{WORD}(?:{JOINER}{WORD})*")
_WORD_CHARACTER = re.compile(rf"[^\W_{JAPANESE}]")
_JOINER = re.compile(JOINER)
_KATAKANA_WORD = re.compile("[\u30a1-\u30fa][\u30a1-\u30fa\u30fc]+[\u30a1-\u30fa]")
_KANJI = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# What the tokenizer of the full text takes for the end of a token.
_CUTTING = re.compile(r"[\x00-\x22\x24-\x2a\x2c-\x2f\x3a-\x5e\x60\x7b-\x7f]")

# A longer word is noise (a hash, a base64 blob); its beginning is enough to find it.
MAX_WORD = 40

# Pairs that stand in more than one comment of fifty (counted over 131,487 comments), the rarest
# first: they tell little, and going through their long lists takes time.
COMMON_PAIRS = (
    "めたレベ気が人たパープトかけほど違っ前のかはかのめっンがどこどれい人はどくいとでなしれら取りがどあと設定見るまくのサがそをしけたて思センそこ人の別のゃっ世界全体"
    "ラウつのばいに関もん性が人に全に今はイスダー者がはまペーチャ受けトラ高いクセ言語はいルは単に個人ンクうこ見えトリ以上での経験アクが出りにの話リッれだシンスに人は"
    "出すすぐ最高価値クラウンに見ンのゲーいやのデごい時になにメーやり重要すれ作る能性ベル完全に対ラッにと知っァイすべマーーはてあ要がのとーバ一つ結果かりうし何かるみ"
    "ドルれでせてらははもスがここと同分で普通変わスでたし結局要だ特につも最近りがベーのスちの違いなが知らバッたな場合きて白いのプアメロッに使る必どんずってきコメダメ"
    "アッルにとこカーソフ見たネッリカ今のるわ少なとっセスンをによりすンジ俺のやす好きルー企業あれフィキュ解決に入るべの一もい使い技術もそはこドを前ににあの問仕事出し"
    "人間ィンへのは全間違ーにかかがすしょクリえたくさオーフトとなけだ関係見つェクポー最初なもタイォーといルがはあ例えかし入れ使わ書いソーよくーン当にスのでしグラ難し"
    "方法もなワー面白ロジのこリス持ったっが多情報しれ気に大きルでンタのたメリ会社こうツーのアんと理由いくーの理解ーをたとどねいつェアるねなこ一番を持ケーさんブランプ"
    "もねバイまりつか多いトはわなーシ分のしくらねはず俺はープンテプラゃうけですぎの方スをトで作っ意味どのうだわかありを作らのけて彼らてはそんなりうねれにめてーザつけ"
    "れっ簡単イト多くまだ記事ルの全然開発本当ランスタログーがる人めるるたえなのも実際が必エンザーいでイルディょっンドらしかにファトにきだ新しルをけなとをテムさせわけ"
    "うけちょうか可能ジェトの使えたくきたデルユーもうれをがいシスわれてみトがのをフォサイはそクト見てのコだし機能えばモデててリンごく時間サー要な思っくのスクアプ人が"
    "ほとみんとがリーバーにすウェプリークにつとんにもまでレーュージで言ういこただせるついかる違うけじたこンスメンうのとにはなうい分か全部んどけるめにくれくらうよステ"
    "てのたちべきうんデーいにの人がなトをしかいねとだ感じ方がショ使うらいを見んじ他のともップたりたかるなームローうとョンんて考えにしコンマジ言っやっもあージれがっち"
    "えてたけのかてくすごるだもっいるコーティなのなかあったの良いいだいたターゃんいしろうればとはータではて言自分同じためるしうにライてこものたよいっんでングどうしな"
    "るっートよりを使ースいのきな問題もしいい的に使っれなてもだろいううなール必要のにていられのがプロくなックットントいとインれはくてとし的なるこなってたこのだねその"
    "れたてなだかるけえるらなかもストードいてたらいけちゃだとそういよたんっといかようきるならんなかっるとなくいんかななる思うれていなしいだっれるこれと思みたされには"
    "るかがあになとかよねのはでもなんできるよしたたいそれるんるのゃなあるだけじゃことったするからだよけどしててるんだないって"
)
_COMMONNESS = {COMMON_PAIRS[at : at + 2]: at for at in range(0, len(COMMON_PAIRS), 2)}
ENOUGH_TOKENS = 3

TITLE = "\ue000"
TAG = "\ue001"
USER = "\ue002"
HIGHLIGHT = "\ue003"
# Stands for a post itself, and before the tokens of its title and tags in its own document.
POST = "\ue004"


def tokens(normalised: str) -> list[str]:
    """The tokens of a normalised text."""
    found = _KANJI.findall(normalised)
    for run in _RUN.findall(normalised):
        found += map(add, run, run[1:])
    for chain in _CHAIN.findall(normalised):
        parts = chain_words(chain)
        found += parts
        if len(parts) > 1:
            found += map(add, parts, parts[1:])
    return found


def vocabulary(normalised: str) -> Iterator[str]:
    """The words of a text that a typing error can be mended with, repetitions included.

    Katakana words, without a final long-vowel mark, and the words of other scripts than Japanese.
    """
    yield from _KATAKANA_WORD.findall(normalised)
    for chain in _CHAIN.findall(normalised):
        yield from chain_words(chain)


def chain_words(chain: str) -> list[str]:
    """The words of a run like "state-of-the-art"."""
    if chain.isalnum():
        return [chain[:MAX_WORD]]
    return [word[:MAX_WORD] for word in _JOINER.split(chain) if word]


def tag_key(normalised: str) -> str:
    """The form in which two spellings of a tag are the same: without what only joins words."""
    return _JOINER.sub("", normalised) or normalised


def marked(mark: str, normalised: str) -> str:
    """A token that stands for a tag or a user; what the index would cut it at is written out."""
    return mark + _CUTTING.sub(lambda found: f"_{ord(found[0]):x}", normalised)


def telling(found: Iterable[str]) -> list[str]:
    """The tokens of a term that are worth asking for: the rare ones, and if need be the rarest of
    the common ones.

    Which documents hold all tokens is hardly another question, and takes several times as long.
    """
    distinct = list(dict.fromkeys(found))
    rare = [token for token in distinct if token not in _COMMONNESS]
    common = sorted((t for t in distinct if t in _COMMONNESS), key=_COMMONNESS.__getitem__)
    return rare + common[: max(0, ENOUGH_TOKENS - len(rare))]


@lru_cache(maxsize=8192)
def is_word_character(char: str) -> bool:
    """Whether a character is part of a word of another script than Japanese."""
    return _WORD_CHARACTER.match(char) is not None


def is_kanji(char: str) -> bool:
    """Whether a character has a token of its own."""
    return _KANJI.fullmatch(char) is not None
