"""Rendered pages beside raw posts: which of them is in the index, and with which tags."""

from pathlib import Path

import pytest

from bot.app import opened_index
from bot.model import post_key
from bot.running.syncing import index_path, synchronise
from bot.settings import Settings
from tests.blog import Blog, page, raw_post
from tests.contents import contents, served
from tests.sync.test_sync import equals_one_from_scratch, sync

PAGE = "content/posts/pages/saved.txt"


async def slugs(settings: Settings) -> set[str]:
    async with opened_index(settings) as index:
        return {post.slug async for post in index.export()}


async def tags(settings: Settings, slug: str) -> tuple[str, ...]:
    async with opened_index(settings) as index:
        post = await index.post(post_key(slug))
    assert post is not None
    return post.tags


async def test_a_page_alone_is_a_post_of_its_month(blog: Blog, settings: Settings) -> None:
    blog.write(PAGE, page(comments=["りんご"], month="2025/03"))
    assert await sync(settings) == (1, 0, 0)
    async with opened_index(settings) as index:
        post = await index.post(post_key("saved"))
    assert post is not None
    assert (post.date.isoformat(), post.date_exact) == ("2025-03-01T00:00:00", False)


@pytest.mark.parametrize("together", [True, False])
async def test_the_raw_post_wins_over_its_page(
    blog: Blog, settings: Settings, tmp_path: Path, together: bool
) -> None:
    blog.write(PAGE, page(comments=["りんご"]))
    if not together:
        assert await sync(settings) == (1, 0, 0)
    blog.post("one", raw_post(comments=["りんご"]))
    assert await sync(settings) == (1, 0, 0 if together else 1)
    assert await slugs(settings) == {"one"}
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_page_comes_back_in_the_sync_that_misses_its_raw_post(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("one", raw_post())
    blog.post("two", raw_post("ほか", item=2))
    blog.write(PAGE, page())
    await synchronise(settings)
    assert await slugs(settings) == {"one", "two"}
    (blog.root / path).unlink()
    assert await sync(settings) == (1, 0, 1)
    assert await slugs(settings) == {"saved", "two"}
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_page_comes_back_when_its_raw_post_is_about_something_else(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    path = blog.post("one", raw_post())
    blog.write(PAGE, page())
    await synchronise(settings)
    blog.write(path, raw_post("まったく違う題名"))
    assert await sync(settings) == (1, 1, 0)
    assert await slugs(settings) == {"one", "saved"}
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_page_with_the_title_of_another_discussion_stays(
    blog: Blog, settings: Settings
) -> None:
    blog.post("one", raw_post(item=1))
    blog.write(PAGE, page(item=2))
    await synchronise(settings)
    assert await slugs(settings) == {"one", "saved"}


async def test_a_text_of_the_same_name_as_a_raw_post_is_not_needed_and_not_refused(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    blog.write("content/posts/pages/one.txt", page(comments=["ページ"]))
    await synchronise(settings)
    path = blog.post("one", raw_post("別の題", ["記事"]))
    synced = await synchronise(settings)
    assert synced.summary.refused == []
    assert synced.summary.changed == 1
    assert await equals_one_from_scratch(settings, tmp_path)
    (blog.root / path).unlink()
    assert await sync(settings) == (0, 1, 0)
    async with opened_index(settings) as index:
        post = await index.post(post_key("one"))
    assert post is not None
    assert post.comments[0].body == "ページ"


async def test_a_tag_with_a_space_is_recognised_from_the_raw_posts(
    blog: Blog, settings: Settings
) -> None:
    blog.post("one", raw_post("ほか", tags=["Hacker News", "AI"], item=2))
    blog.write(PAGE, page(tags=["GPU", "Hacker", "News", "AI"]))
    await synchronise(settings)
    assert await tags(settings, "saved") == ("GPU", "Hacker News", "AI")


async def test_a_tag_that_is_new_among_the_raw_posts_is_recognised_in_old_pages(
    blog: Blog, settings: Settings, tmp_path: Path
) -> None:
    blog.write(PAGE, page(tags=["Hacker", "News"]))
    await synchronise(settings)
    assert await tags(settings, "saved") == ("Hacker", "News")
    path = blog.post("one", raw_post("ほか", tags=["Hacker News"], item=2))
    assert await sync(settings) == (1, 1, 0)
    assert await tags(settings, "saved") == ("Hacker News",)
    (blog.root / path).unlink()
    assert await sync(settings) == (0, 1, 1)
    assert await tags(settings, "saved") == ("Hacker", "News")
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_a_page_that_is_touched_changes_nothing(blog: Blog, settings: Settings) -> None:
    blog.write(PAGE, page())
    await synchronise(settings)
    before = contents(index_path(settings))
    blog.touch(PAGE)
    assert await sync(settings) == (0, 0, 0)
    assert contents(index_path(settings)) == before


async def test_a_changed_page_is_read_anew(blog: Blog, settings: Settings, tmp_path: Path) -> None:
    blog.write(PAGE, page(comments=["りんご", "ぶどう"]))
    await synchronise(settings)
    blog.write(PAGE, page(comments=["みかん"]))
    assert await sync(settings) == (0, 1, 0)
    bodies = {row[-1] for row in served(index_path(settings))["comments"]}
    assert bodies == {"みかん"}
    assert await equals_one_from_scratch(settings, tmp_path)


async def test_an_archive_of_old_pages_is_not_built_anew_each_time(
    blog: Blog, settings: Settings
) -> None:
    for number in range(30):
        blog.post(f"post_{number}", raw_post(f"記事{number}", item=100 + number))
        blog.write(
            f"content/posts/pages/{number}.txt",
            page(f"頁{number}", item=number + 1, month="2024/01"),
        )
    await synchronise(settings)
    assert not (await synchronise(settings)).summary.rebuilt
