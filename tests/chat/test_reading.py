"""Reading a post: the overview, its folds page by page, and that nothing of them is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.console.render import Paper, render
from benchmarks.limits import DISCORD_LIKE
from bot.app import opened_index
from bot.archive.pictures import ArchivePictures
from bot.chat.codes import Codes
from bot.chat.floods import Floods
from bot.chat.views.post import open_post, post_view
from bot.errors import UserError
from bot.intent import OpenPost, ReadComments, Related, Unfold
from bot.locales import Texts
from bot.model import Comment, Post, Section, post_key
from bot.settings import SAMPLE_ARCHIVE
from bot.view import Action, Effect, Heading, Image, Limits, Quote, Run, View
from storage.index.reader import IndexReader
from tests.blog import Blog
from tests.chat.conftest import FRAME, NOW, Conversation, buttons_of, labels, make_chat
from tests.chat.test_answers import heading, titles, words
from tests.conftest import settings_of
from tests.fitted import over
from tests.limits import ALL_LIMITS
from tests.pictures import png

LONG = post_key("long")


def quotes(view: View) -> list[Quote]:
    """The comments that a view shows."""
    return [block for block in view.blocks if isinstance(block, Quote)]


def numbers(view: View) -> list[int]:
    return [quote.number for quote in quotes(view)]


async def test_a_post_shows_what_it_is_and_where_to_go(talk: Conversation) -> None:
    view = await talk.open(OpenPost(LONG))
    assert (view.summary, heading(view)) == ("長い議論の記事", "長い議論の記事")
    assert [words(block.text) for block in view.blocks[1:2]] == ["2023年1月5日　💬 44　約22分"]  # type: ignore[union-attr]
    assert labels(view) == [
        "コメントを読む（2）",
        "もっとコメントを表示（1） · 40",
        "もっとコメントを表示（2） · 2",
        "関連記事",
        "原文",
        "#長文",
    ]
    assert len(quotes(view)) <= 5
    assert [b.url for b in buttons_of(view) if b.url] == ["https://news.ycombinator.com/item?id=77"]


async def test_a_tag_of_a_post_leads_to_its_posts(talk: Conversation) -> None:
    await talk.open(OpenPost(LONG))
    assert heading(await talk.press("#長文")) == "タグ 長文：1件"


async def test_a_post_has_its_picture_where_the_archive_has_it(
    talk: Conversation, blog: Blog
) -> None:
    library = replace(talk.chat._library, pictures=ArchivePictures(blog.root))
    without = await open_post(library, OpenPost(LONG), FRAME)
    blog.write("static/thumbnails/blue.jpg", png())
    view = await open_post(library, OpenPost(LONG), FRAME)
    first = view.blocks[0]
    assert isinstance(first, Heading)
    assert first.image == Image("static/thumbnails/blue.jpg", "「長い議論の記事」の画像")
    assert (replace(first, image=None), *view.blocks[1:]) == without.blocks
    # The terminal says no more than before.
    zone = ZoneInfo("Asia/Tokyo")
    shown = [render(each, Paper(), Texts("ja"), zone) for each in (view, without)]
    assert shown[0] == shown[1]


async def test_more_on_a_post_begins_its_comments(talk: Conversation) -> None:
    await talk.open(OpenPost(LONG))
    assert numbers(await talk.ask("もっと")) == [1, 2]


async def test_what_is_possible_here_has_a_button(talk: Conversation) -> None:
    talk.framed(can_share=True, can_thread=True)
    view = await talk.open(OpenPost(LONG))
    assert {"スレッドに展開", "チャンネルに共有"} <= set(labels(view))
    actions = set(view.actions())
    assert Action(OpenPost(LONG), Effect.SHARE) in actions
    assert Action(Unfold(LONG), Effect.THREAD) in actions


async def test_what_was_opened_from_a_digest_belongs_to_it_all_the_way(
    talk: Conversation, reader: IndexReader, codes: Codes
) -> None:
    talk.chat = make_chat(reader, codes, floods=Floods(requests=10_000))
    talk.framed(limits=replace(FRAME.limits, characters=600), can_share=True, can_thread=True)
    todo, seen = [Action(OpenPost(LONG, 7))], set[Action]()
    while todo:
        view = await talk.act(action := todo.pop())
        here = [*view.actions(), *([view.more] if view.more else [])]
        seen |= {action}
        for next_one in here:
            match next_one.intent:
                case OpenPost(_, digest=digest) if next_one.effect is Effect.SHARE:
                    # What is shared is a message of its own.
                    assert digest is None
                case OpenPost() | ReadComments() | Unfold():
                    assert next_one.intent.digest == 7
                    if next_one.effect is not Effect.THREAD and next_one not in seen:
                        todo.append(next_one)
                case _:
                    pass
    assert {type(action.intent) for action in seen} == {OpenPost, ReadComments}
    assert len(seen) > 10


async def test_folds_are_read_one_after_the_other(talk: Conversation) -> None:
    await talk.open(OpenPost(LONG))
    first = await talk.press("コメントを読む")
    assert numbers(first) == [1, 2]
    assert labels(first) == ["記事に戻る", "もっとコメントを表示（1） · 40"]
    second = await talk.press("もっとコメントを表示（1）")
    assert numbers(second)[0] == 3
    assert (await talk.press("記事に戻る")).summary == "長い議論の記事"


async def test_a_damaged_body_is_shown_mended(talk: Conversation) -> None:
    first = quotes(await talk.open(ReadComments(LONG, 1)))[0]
    runs = [run for run in first.text if isinstance(run, Run)]
    assert "".join(run.text for run in runs) == (
        "メモリ帯域が足りない。だから<code>は遅い。\n本当に？\n本当だ。"
    )
    assert [run.text.strip() for run in runs if run.quoted and run.text] == ["本当に？"]


async def test_a_page_is_named_by_its_first_comment(talk: Conversation) -> None:
    talk.framed(limits=replace(FRAME.limits, characters=600))
    view = await talk.open(ReadComments(LONG, 3))
    shown = [numbers(view)]
    while "次へ ▶" in labels(view):
        view = await talk.press("次へ")
        shown.append(numbers(view))
    assert sorted({number for page in shown for number in page}) == list(range(3, 43))
    assert len(shown) > 3
    # Each comment leads to the page that holds it, and the way back is that of the way there.
    assert 20 in numbers(await talk.open(ReadComments(LONG, 20)))
    await talk.open(ReadComments(LONG, 42))
    for page in reversed(shown[:-1]):
        assert numbers(await talk.press("◀ 前へ")) == page
    assert "◀ 前へ" not in labels(talk.view)


async def test_a_long_comment_is_cut_in_the_overview_and_says_so(talk: Conversation) -> None:
    post = Post(
        slug="x", path="x.md", title="題名", date=NOW, date_exact=True, month=None,
        tags=tuple(f"タグ{n}" for n in range(40)), draft=False, thumbnail=None, source_url=None,
        item_id=None, sections=(Section(0, None, 2),),
        comments=(
            Comment(1, 0, "alice", NOW, None, "短い意見。"),
            Comment(2, 0, "bob", NOW, None, "長い意見です。" * 100),
        ),
    )  # fmt: skip
    for limits in ALL_LIMITS.values():
        frame = replace(FRAME, limits=limits)
        for picture in (None, Image("a.png", "絵")):
            view = post_view(post, [2, 1], talk.chat._library, frame, picture=picture)
            assert over(view, limits) == []
    first, second = quotes(post_view(post, [2, 1], talk.chat._library, FRAME))
    assert (first.cut, second.cut) == (True, False)
    assert words(first.text).endswith("。…")
    assert len(words(first.text)) <= 400


async def test_a_comment_longer_than_a_page_goes_on(talk: Conversation) -> None:
    talk.framed(limits=DISCORD_LIKE)
    view = await talk.open(ReadComments(LONG, 43, 4000))
    (part,) = quotes(view)
    assert (part.number, part.continues, part.cut) == (43, True, True)


async def test_a_comment_that_has_gone_gives_the_last_one(talk: Conversation) -> None:
    assert numbers(await talk.open(ReadComments(LONG, 999)))[-1] == 44


@pytest.mark.parametrize(
    "intent",
    [OpenPost(post_key("?")), ReadComments(post_key("?"), 1), Related(post_key("?"))],
    ids=str,
)
async def test_a_post_that_has_gone_is_told(
    talk: Conversation, intent: OpenPost | ReadComments | Related
) -> None:
    with pytest.raises(UserError, match=r"chat\.post_gone"):
        await talk.open(intent)


async def test_a_draft_is_not_there_for_a_forged_code(talk: Conversation) -> None:
    for intent in (OpenPost(post_key("draft")), ReadComments(post_key("draft"), 1)):
        with pytest.raises(UserError, match=r"chat\.post_gone"):
            await talk.open(intent)


async def test_related_posts_are_offered(talk: Conversation) -> None:
    await talk.open(OpenPost(post_key("gpu_03")))
    view = await talk.press("関連記事")
    assert len(titles(view)) == 5
    assert "GPUの話 その3" not in titles(view)
    assert "まだありません" in words(
        (await talk.open(Related(LONG))).blocks[1].text  # type: ignore[union-attr]
    )


async def whole(talk: Conversation, post: Post, limits: Limits) -> dict[int, str]:
    """Every body, put together again from the parts that the pages of all folds show."""
    talk.framed(limits=limits)
    bodies: dict[int, str] = {}
    view = await talk.open(ReadComments(post.key, 1))
    while True:
        assert over(view, limits) == []
        for quote in quotes(view):
            body = bodies.setdefault(quote.number, "")
            source = post.comments[quote.number - 1].body
            for run in quote.text:
                assert isinstance(run, Run)
                if run.source is not None:
                    start, end = run.source
                    assert start == len(body)
                    body += source[start:end]
            bodies[quote.number] = body
        if view.more is None:
            return bodies
        view = await talk.act(view.more)


@pytest.fixture
async def sample(tmp_path: Path) -> AsyncIterator[IndexReader]:
    async with opened_index(settings_of(SAMPLE_ARCHIVE, tmp_path / "data")) as index:
        yield index


@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
async def test_the_pages_put_together_again_are_the_export(
    sample: IndexReader, codes: Codes, talk: Conversation, limits: Limits
) -> None:
    patient = Floods(requests=1_000_000)
    reading = replace(talk, chat=make_chat(sample, codes, floods=patient))
    posts = [post async for post in sample.export() if not post.draft]
    assert len(posts) >= 12
    for post in posts:
        bodies = await whole(reading, post, limits)
        assert bodies == {comment.number: comment.body for comment in post.comments}


@pytest.mark.parametrize("limits", ALL_LIMITS.values(), ids=ALL_LIMITS)
@pytest.mark.parametrize("line", ["", "gpu", "意見", "tags", "months", "2025-06", "help", "random"])
async def test_every_answer_keeps_the_limits(talk: Conversation, limits: Limits, line: str) -> None:
    talk.framed(limits=limits)
    assert over(await talk.ask(line), limits) == []
