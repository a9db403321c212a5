"""What a person gets for a line: lists, posts, searches, links, help."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot import remembering
from bot.app import opened_index
from bot.chat.codes import Codes
from bot.chat.floods import Floods
from bot.chat.views.help import EXAMPLES
from bot.errors import UserError
from bot.intent import Month, Newest, OpenPost, ReadComments, Search, Tags
from bot.locales import LANGUAGES, Texts
from bot.model import post_key
from bot.search.query import OPERATORS
from bot.view import (
    Action,
    Choice,
    Effect,
    Heading,
    Item,
    Limits,
    Moment,
    Paragraph,
    Quote,
    Run,
    Text,
    View,
)
from storage.index.reader import IndexReader
from tests.blog import Blog, raw_post
from tests.chat.conftest import Conversation, buttons_of, labels, make_chat, of_kind
from tests.conftest import settings_of
from tests.fitted import over
from tests.limits import ALL_LIMITS


def words(text: Text) -> str:
    """The words of a text; times are left out."""
    return "".join(run.text for run in text if isinstance(run, Run))


def titles(view: View) -> list[str]:
    """The titles of a list's entries."""
    return [words(block.title) for block in view.blocks if isinstance(block, Item)]


def heading(view: View) -> str:
    """The first heading."""
    (first, *_) = (block for block in view.blocks if isinstance(block, Heading))
    return words(first.text)


TURNING = ("次へ ▶", "◀ 前へ", "新着", "タグ", "月別", "ランダム", "ヘルプ")


def gpu(numbers: range) -> list[str]:
    return [f"GPUの話 その{number}" for number in numbers]


async def refusal(talk: Conversation, line: str) -> str:
    with pytest.raises(UserError) as raised:
        await talk.ask(line)
    return raised.value.key


@pytest.mark.parametrize("line", ["/matome", "/MATOME ", "", "  ", "new", "最新", "新着", "NEW"])
async def test_nothing_in_particular_gives_the_newest_posts(talk: Conversation, line: str) -> None:
    view = await talk.ask(line)
    assert (view.summary, heading(view)) == ("新着", "新着")
    assert titles(view) == gpu(range(13, 3, -1))
    assert any(
        "検索できます" in words(p.text)
        for p in of_kind(view, Paragraph)
        if isinstance(p, Paragraph)
    )
    # Of the last 30 days of the archive: nothing of May nor of the years before.
    (popular,) = of_kind(view, Choice)
    assert isinstance(popular, Choice)
    assert [(option.label, option.description, option.action) for option in popular.options] == [
        ("GPU", "14件", Action(Search("GPU"))),
        ("Hacker News", "14件", Action(Search("Hacker News"))),
    ]


async def test_a_post_in_a_list_shows_what_it_is_about(talk: Conversation) -> None:
    entry = (await talk.ask("/matome")).blocks[1]
    assert isinstance(entry, Item)
    assert entry.title == (
        Run("GPUの話 その13", link="https://blog.example/posts/2025_06/gpu_13/"),
    )
    assert [words(line) for line in entry.lines] == ["💬 2　2025年6月14日　#GPU　#Hacker News"]
    assert entry.button is not None
    assert entry.button.action == Action(OpenPost(post_key("gpu_13")))


async def test_lists_are_turned_page_by_page_and_back(talk: Conversation) -> None:
    await talk.ask("/matome")
    second = await talk.press("次へ")
    assert titles(second) == [
        *gpu(range(3, -1, -1)),
        "別の話",
        "同じ議論2",
        "同じ議論",
        "長い議論の記事",
    ]
    assert "次へ ▶" not in labels(second)
    assert titles(await talk.press("◀ 前へ")) == gpu(range(13, 3, -1))


@pytest.mark.parametrize("line", ["/matome", "gpu", "意見", "tags", "months", "2025-06"])
@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
async def test_the_way_back_leads_over_the_same_entries(
    talk: Conversation, reader: IndexReader, codes: Codes, line: str, limits: Limits
) -> None:
    talk.chat = make_chat(reader, codes, floods=Floods(requests=10_000))
    talk.framed(limits=limits)

    def entries() -> list[str]:
        shown = titles(talk.view) or labels(talk.view)
        return [entry for entry in shown if entry not in TURNING]

    await talk.ask(line)
    forward = [entries()]
    while any(label.startswith("次へ") for label in labels(talk.view)):
        await talk.press("次へ")
        forward.append(entries())
    back = [entries()]
    while any(label.startswith("◀ 前へ") for label in labels(talk.view)):
        await talk.press("◀ 前へ")
        assert over(talk.view, limits) == []
        back.insert(0, entries())
    assert back[0][: len(forward[0])] == forward[0][: len(back[0])]
    # Nothing is passed over on the way back; what fits together may be shown twice.
    assert {e for page in back for e in page} == {e for page in forward for e in page}


@pytest.mark.parametrize("line", ["/matome gpu", "gpu", "ＧＰＵ", "#GPU", "  /matome   G-P-U "])
async def test_a_tag_gives_its_posts_and_how_many_others_mention_it(
    talk: Conversation, line: str
) -> None:
    view = await talk.ask(line)
    assert heading(view) == "タグ GPU：14件"
    assert titles(view) == gpu(range(13, 3, -1))
    # Two comments of one further post; the draft does not count.
    mentioned = await talk.press("ほか本文に登場: 1件")
    assert heading(mentioned) == "「GPU -tag:GPU」の検索結果"
    assert titles(mentioned) == ["別の話", "別の話"]


async def test_a_tag_is_found_in_each_of_its_spellings(talk: Conversation) -> None:
    for line in ("hacker news", "HackerNews", "hacker-news"):
        assert heading(await talk.ask(line)) == "タグ Hacker News：14件"


async def test_a_word_to_leave_out_is_no_part_of_a_tag(talk: Conversation) -> None:
    # Without spaces and hyphens this would be the tag HackerNews.
    assert "見つかりません" in (await talk.ask("hacker -news")).summary


async def test_what_is_no_tag_is_searched_for(talk: Conversation) -> None:
    view = await talk.ask("番目の意見")
    assert heading(view) == "「番目の意見」の検索結果"
    assert len(titles(view)) == 10
    for line in ("tag:gpu sort:new", '"gpu"'):
        assert heading(await talk.ask(line)) == f"「{line}」の検索結果"


async def test_a_comment_that_was_found_is_shown_with_what_was_searched_for(
    talk: Conversation,
) -> None:
    view = await talk.ask("メモリ帯域")
    (entry,) = of_kind(view, Item)
    assert isinstance(entry, Item)
    assert words(entry.title) == "長い議論の記事"
    head, snippet = entry.lines
    assert words(head).startswith("#1 alice")
    assert any(isinstance(piece, Moment) for piece in head)
    assert [run.text for run in snippet if isinstance(run, Run) and run.bold] == ["メモリ帯域"]
    assert entry.button is not None
    assert entry.button.action == Action(ReadComments(post_key("long"), 1))


async def test_results_go_on_without_gaps_or_repetitions(talk: Conversation) -> None:
    view = await talk.ask("意見")
    seen = [button.action for button in buttons_of(view) if button.label in ("読む", "開く")]
    while "次へ ▶" in labels(view):
        view = await talk.press("次へ")
        seen += [button.action for button in buttons_of(view) if button.label in ("読む", "開く")]
    assert len(seen) == len(set(seen)) == 14 + 40


async def test_what_is_not_there_is_said_with_what_may_have_been_meant(talk: Conversation) -> None:
    view = await talk.ask("hackrnews")
    assert titles(view) == []
    assert "「hackrnews」は見つかりませんでした" in view.summary
    assert heading(await talk.press("Hacker News")) == "タグ Hacker News：14件"


@pytest.mark.parametrize("line", ["tags", "タグ", "/matome tags", "TAGS"])
async def test_all_tags_come_with_their_counts(talk: Conversation, line: str) -> None:
    view = await talk.ask(line)
    assert labels(view)[:5] == ["GPU 14", "Hacker News 14", "AI 2", "経済 1", "長文 1"]
    assert heading(await talk.press("AI")) == "タグ AI：2件"


@pytest.mark.parametrize("line", ["months", "月", "月別", "/matome months"])
async def test_the_months_come_with_their_counts(talk: Conversation, line: str) -> None:
    view = await talk.ask(line)
    assert labels(view)[:4] == ["2025年6月 · 14", "2025年5月 · 1", "2024年1月 · 2", "2023年1月 · 1"]
    assert titles(await talk.press("2024年1月")) == ["同じ議論2", "同じ議論"]


@pytest.mark.parametrize("line", ["2024-01", "2024年1月", "/matome 2024-1", "２０２４-０１"])
async def test_a_month_gives_its_posts(talk: Conversation, line: str) -> None:
    view = await talk.ask(line)
    assert heading(view) == "2024年1月の記事：2件"
    assert titles(view) == ["同じ議論2", "同じ議論"]


async def test_a_month_of_many_posts_is_turned(talk: Conversation) -> None:
    assert titles(await talk.ask("2025-06")) == gpu(range(13, 3, -1))
    assert titles(await talk.press("次へ")) == gpu(range(3, -1, -1))


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("2025-13", "query.bad_month"),
        ("2025-00", "query.bad_month"),
        ("2025年99月", "query.bad_month"),
        ("1999-01", "chat.no_month"),
        ("colour:red", "query.unknown_operator"),
        ("-AMD", "query.only_excluded"),
        ("https://news.ycombinator.com/item?id=999", "query.unknown_link"),
        ("https://news.ycombinator.com/item?id=56", "query.unknown_link"),
        ("https://blog.example/posts/2025_06/nothing/", "query.unknown_link"),
        ("https://blog.example/posts/2025_07/draft/", "query.unknown_link"),
        ("もっと", "chat.no_more"),
        ("x" * 2000, "query.too_long"),
    ],
)
async def test_what_cannot_be_answered_is_explained(
    talk: Conversation, line: str, key: str
) -> None:
    assert await refusal(talk, line) == key


async def test_a_lucky_dip_is_the_same_for_the_same_seed_and_reaches_every_post(
    reader: IndexReader, codes: Codes, talk: Conversation
) -> None:
    seen = []
    for seed in [1, 1, *range(2, 200)]:
        chat = make_chat(reader, codes, seed)
        seen.append((await chat.typed("/matome random", talk.context)).view.summary)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 18
    assert "下書き" not in seen


@pytest.mark.parametrize("line", ["help", "ヘルプ", "使い方", "?", "/matome help", "ＨＥＬＰ"])
async def test_help_is_there_under_every_name(talk: Conversation, line: str) -> None:
    assert (await talk.ask(line)).summary == "使い方"


async def test_help_has_every_operator_and_its_examples_work(talk: Conversation) -> None:
    command, *_, explained = of_kind(await talk.ask("help"), Paragraph)
    assert isinstance(command, Paragraph)
    assert words(command.text) == "/matome 検索　海外テックのまとめを探す"
    assert isinstance(explained, Paragraph)
    examples = [run.text for run in explained.text if isinstance(run, Run) and run.code]
    assert examples == [example for example, _ in EXAMPLES]
    assert all(any(f"{name}:" in example for example in examples) for name in OPERATORS)
    for example in examples:
        try:
            await talk.ask(example)
        except UserError as error:
            # Understood, only that this archive has no such post.
            assert error.key == "query.unknown_link"


@pytest.mark.parametrize(
    "link",
    [
        "https://news.ycombinator.com/item?id=103",
        "<https://news.ycombinator.com/item?id=103#456>",
        "https://blog.example/posts/2025_06/gpu_03/",
        "https://blog.example/posts/2025_06/gpu_03",
    ],
)
async def test_a_link_opens_its_post(talk: Conversation, link: str) -> None:
    assert (await talk.ask(f"/matome {link}")).summary == "GPUの話 その3"


async def test_a_link_with_two_posts_offers_both(talk: Conversation) -> None:
    view = await talk.ask("https://news.ycombinator.com/item?id=55")
    assert titles(view) == ["同じ議論2", "同じ議論"]


@pytest.mark.parametrize("line", ["/matomegpu", "/matome2", "matome gpu"])
async def test_only_the_whole_command_is_left_out(talk: Conversation, line: str) -> None:
    assert line in (await talk.ask(line)).summary


async def test_more_goes_on_with_the_last_answer(talk: Conversation) -> None:
    await talk.ask("gpu")
    assert titles(await talk.ask("もっと")) == gpu(range(3, -1, -1))
    assert await refusal(talk, "more") == "chat.no_more"


async def test_more_is_remembered_for_each_conversation(talk: Conversation) -> None:
    await talk.ask("gpu")
    other = replace(talk, context=replace(talk.context, target="elsewhere"))
    assert await refusal(other, "もっと") == "chat.no_more"
    assert titles(await talk.ask("もっと")) == gpu(range(3, -1, -1))


@pytest.mark.parametrize(
    "intent",
    [Newest(start=500), Search("gpu", 500), Search("意見", 500), Tags(500), Month("2024-01", 9)],
    ids=str,
)
async def test_a_page_that_is_not_there_any_more_says_so(
    talk: Conversation, intent: Newest | Search | Tags | Month
) -> None:
    with pytest.raises(UserError, match=r"chat\.no_more"):
        await talk.open(intent)


async def test_a_press_replaces_a_private_answer_and_opens_one_beside_a_public_one(
    talk: Conversation,
) -> None:
    effects = []
    for is_public in (False, True):
        talk.context = replace(talk.context, may_replace=not is_public, is_public=is_public)
        await talk.open(Search("gpu"))
        effects.append(talk.reply.effect if talk.reply else None)
    assert effects == [Effect.REPLACE, Effect.OPEN]


async def test_who_floods_is_asked_to_wait(talk: Conversation) -> None:
    for _ in range(20):
        await talk.ask("help")
    assert await refusal(talk, "help") == "chat.flood"
    with pytest.raises(UserError, match=r"chat\.flood"):
        await talk.open(Newest())
    other = replace(talk, context=replace(talk.context, person="somebody else"))
    await other.ask("help")


async def test_an_archive_of_drafts_only_has_nothing_to_show(
    tmp_path: Path, codes: Codes, talk: Conversation
) -> None:
    blog = Blog(tmp_path / "blog")
    blog.post("draft", raw_post(draft=True))
    async with opened_index(settings_of(blog.root, tmp_path / "data")) as index:
        empty = replace(talk, chat=make_chat(index, codes))
        for line in ("/matome", "random", "tags", "months"):
            assert await refusal(empty, line) == "chat.empty_archive"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_answer_is_in_the_language_of_who_asks(
    talk: Conversation, language: str
) -> None:
    talk.framed(texts=Texts(language))
    assert heading(await talk.ask("/matome")) == {"ja": "新着", "en": "Newest"}[language]


async def test_quotes_are_the_comments_of_the_post(talk: Conversation) -> None:
    quotes = of_kind(await talk.ask("https://news.ycombinator.com/item?id=103"), Quote)
    assert quotes
    assert all(isinstance(quote, Quote) and quote.post == post_key("gpu_03") for quote in quotes)


async def test_what_goes_on_is_remembered_of_so_many_conversations_only(
    talk: Conversation, reader: IndexReader, codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "MOST", 2)
    talk.chat = make_chat(reader, codes)
    for target in ("a", "b", "c"):
        talk.context = replace(talk.context, target=target)
        await talk.ask("gpu")
    talk.context = replace(talk.context, target="a")
    assert await refusal(talk, "もっと") == "chat.no_more"
    talk.context = replace(talk.context, target="b")
    assert titles(await talk.ask("もっと")) == gpu(range(3, -1, -1))


async def test_several_words_are_no_tag_that_is_written_together(talk: Conversation) -> None:
    assert heading(await talk.ask("gpu")) == "タグ GPU：14件"
    assert "タグ" not in (await talk.ask("g pu")).summary
