"""Whether a comment can be understood by itself, or leans on another one that it answers.

Everything here takes normalised text: ？ is ?, ＞ is >, and Latin letters are small.
"""

import re

from bot.content.patterns import QUOTE_MARK

# How a comment begins that points to another one, answers it, agrees, objects, thanks, corrects
# or goes on. Each list is regular expressions, parted by spaces or ends of lines.
_POINTING = r"""
    これ それ あれ この その あの ここ(?!数|\d) そこ あそこ こう そう ああ こんな そんな あんな
    こいつ そいつ あいつ こっち そっち あっち こちら そちら 彼 当人 本人 隣の 上[のに記で] 下の
    前の人 前のコメ 前の投 元コメ 元のコ 元の投 親コ 親の 親投 コメント主 別のコメ 他のコメ
    ほかのコメ みんなのコメ 他の人[がも] [俺僕私]が言 投稿者じゃ 俺は投稿者 \d+について
"""
_INTERJECTIONS = r"""
    うん うむ ううん うーん うーむ うわ(?!さ) うお うぉ うげ うへ ええ えっ えー えと え[、,?!]
    へー へえ へぇ ほう ほー ふーん ふむ はい いいえ いえ いや(?![らし]) あー あっ あ[、,] おー
    おお おっ おい(?!し) わお わー わあ やあ まあ まぁ ま[、,] さて ねえ ねぇ
"""
_ANSWERS = r"""
    なるほど 確か たしか 同意 同感 同じ 似た 賛成 反対 異議 了解 納得 正解 正論 全く[だそ同]
    全くもって まったく[そ同だも] まさに まさしく ほんと 本当[かだそ] 本当に?[ねそこ]
    (?:マジ|まじ)[でかそなだ、] わか[るっんら] 分か[るっんら] だよ だね だな だろ でしょ です
    もちろん 当然 当たり前 違[うくい] ちがう 間違 誤解 ダメ 無理 不正解 嘘 うそ 皮肉[だで?] 冗談
    釣り ネタ [俺僕私]も 俺だって 俺たちも 自分も うちも 我々も みんなも 素朴な 質問 もし[そこ]
    もし的外れ 大丈夫 (?:たぶん|多分|実際に?)[そ違誤]
"""
_PRAISE = r"""
    ありがと サンキュ 感謝 どういたし どうも ごめん すまん すまない すみません 申し訳 失礼 お疲れ
    おめで いいね いいな [い良]い[質指考点ア話例] 良かった よかった よく言
    面白い[ねな視指質考点コケ] すごい[ねな!。] 最高[!。だ] めっちゃ[いす面良好]
    素晴らしい[!。ねな仕記プ]
"""
_GOING_ON = r"""
    でも そし すると そも だったら だけど けど けれど しかし ただ(?!の) とはいえ と言っても
    といっても だって だから だと なので なのに なら じゃ では つまり というか ていうか てか って
    むしろ 逆に あと ちなみに さらに 加えて 例えば たとえば なぜなら 要するに 要は もう一[つ度]
    リンク ソース(?!コ) 引用 訂正 追記 補足 編集 返信 参考 文脈 別の言い方 言い換え 言いたい
    こうなっ
"""
_SPOKEN_TO = r"""
    君 きみ キミ あなた アナタ あんた お前 おまえ みんな[、,] 誰か op[^a-z]
"""
_ENGLISH = r"""
    this that these those its? it's he she they his her their you your yes yep yeah no nope nah
    not ok okay agreed? same exactly thanks? sorry but so and or also because well then true right
    wrong sure i\ agree me\ too what why how who when where which is are do does did fyi ps btw
    edit tl;?dr lol huh wow hmm oh ah hey hi
"""


def _any_of(*lists: str) -> str:
    return "|".join(re.split(r"(?<!\\)\s+", " ".join(lists).strip()))


_JAPANESE = _any_of(_POINTING, _INTERJECTIONS, _ANSWERS, _PRAISE, _GOING_ON, _SPOKEN_TO)
_OPENER = re.compile(rf"[\W_]*(?:{_JAPANESE}|(?:{_any_of(_ENGLISH)})\b)")

# A sentence in quotation marks at the beginning is mostly another comment's; a name is none.
_QUOTED = re.compile(
    r"\s*(?:「(?=[^」]{10})(?:[^」]*[ぁ-ん]|[^」]{24})|『(?=[^』]{10})(?:[^』]*[ぁ-ん]|[^』]{24})"
    "|[\"'’”“‘](?=[^\"'’”“‘]{10})(?:[^\"'’”“‘]*[ぁ-ん]|[^\"'’”“‘]{24}))"
)

# In the first clause (and a word set before it) whatever is pointed to cannot have been named yet:
# 個人的にはそれは…
_CLAUSE = re.compile("(?:[^、,。.!?\n]{1,4}[、,])?[^、,。.!?\n]{0,24}")
_POINTING_INSIDE = re.compile(
    "(?<=[がはも])そう|それ(?!ぞれ|なり)|その(?!うち|他|まま|もの)|そんな|そこ(?!そこ)|そいつ|そうい|"
    "(?<!で)あれ(?!ば|これ)|これ(?!から|まで)|この|こいつ|こうい|彼|本人|同意|同感|賛成|反論|前のコメ|上の"
)
# Elsewhere near the beginning only what names what was said: この話, その主張, …と言うけど.
_SAID_BEFORE = re.compile(
    "[こそ]の(?:話|件|意見|主張|議論|説明|例|点|質問|指摘|情報|場合|方法|人)|[てと]言(?:う|ってる)けど"
)
_NEAR = 40

# Wherever it stands: somebody is spoken to, another comment is spoken of, or quoted further down.
# Each begins with a fixed character, which lets the search skip quickly.
_ANSWERING = re.compile(
    "君(?<![一-鿿々]君)(?:[はがのもにをとらっ、,。?]|たち|次第)|貴方|あなた|あんた|お前|おまえ|"
    "キミ[はがのもに]|親コメ|元コメ|元のコメ|上のコメ|前のコメ|このコメ|そのコメ|他のコメ|ほかのコメ|"
    "別のコメ|みんなのコメ|コメント主|このスレ|親投稿|返信|前の人|他の人も言|言ってない|混同して|"
    "聞こえたらごめん|に質問|編集:|edit:|op(?<![a-z]op)[はがのもにを]|、>|。>|:>|: >|\n[ \t]*>"
)

_INTERROGATIVE = re.compile(
    r"[\W_]*(?:何(?!年|十|百|千|度|回)|なに|なん|なぜ|どう|どこ|どれ|どの|どっち|どちら|どんな|"
    "いつ|誰|だれ|いくら|いくつ)"
)
_SENTENCE_END = re.compile(r"(?<=[。!?\n])[。!?\n」』)\s]*")
# A question mark that is no part of an address.
_QUESTION = re.compile(r"\?(?![a-z0-9_%-]+[=&])")
_SHORT_QUESTION = 20


def stands_alone(text: str) -> bool:
    """Whether a comment says something to who has read no other.

    It does not where it begins with a quote or with an answering word, points to what was said
    before, speaks to somebody, or only asks back. Only the words are looked at: an answer that
    gives no sign of being one is not noticed.
    """
    return not (
        QUOTE_MARK.match(text)
        or _OPENER.match(text)
        or _QUOTED.match(text)
        or _points_back(text)
        or _ANSWERING.search(text)
        or _asks_back(text)
    )


def asks(text: str) -> bool:
    """Whether there is a question in a text."""
    return "?" in text and _QUESTION.search(text) is not None


def _points_back(text: str) -> bool:
    clause = _CLAUSE.match(text)
    return (
        clause is not None and _POINTING_INSIDE.search(clause[0]) is not None
    ) or _SAID_BEFORE.search(text, 0, _NEAR) is not None


def _asks_back(text: str) -> bool:
    """Whether it only asks, or opens with a short question or with one for what, why or how."""
    if not asks(text):
        return False
    sentences = [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]
    first = sentences[0]
    if first.endswith("?") and (len(first) <= _SHORT_QUESTION or _INTERROGATIVE.match(first)):
        return True
    return all(sentence.endswith("?") for sentence in sentences)
