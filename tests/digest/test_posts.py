"""Which posts go into a digest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.posts import (
    ARCHIVE_PAGE,
    MOST_OTHERS,
    NEW_FOR,
    Chosen,
    Shelf,
    choose_for,
    choose_new,
    fitting,
    newest_first,
    tagged,
)
from bot.intent import ShowDigest
from bot.model import PostSummary
from bot.outbox import NewRow, Op, PostVersion
from bot.subscription import Place, QuietDay, Wishes
from tests.blog import raw_post
from tests.digest.world import DAY, GENERAL, NOW, World, key, keys, subscription

TAGS = ("GPU", "gpu", "ＧＰＵ", "Wi-Fi", "wifi", "機械学習", "C++", "<@&1>", "", "\u202e")


def summary(number: int, day: int = 1, tags: Sequence[str] = ()) -> PostSummary:
    """A post of a day of June."""
    date = datetime(2025, 6, 1) + timedelta(days=day - 1)  # noqa: DTZ001 (a day has no zone)
    return PostSummary(
        f"p{number}", f"p{number}.md", "題名", date, True, tuple(tags), 1, None, None
    )


POSTS = st.lists(
    st.builds(
        summary, st.integers(0, 40), st.integers(1, 9), st.lists(st.sampled_from(TAGS), max_size=3)
    ),
    unique_by=lambda post: post.slug,
    max_size=40,
)
WISHES = st.builds(
    Wishes,
    wanted=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
    unwanted=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
    posts=st.integers(1, 10),
)


def chosen_of(posts: Sequence[PostSummary], had: Collection[str], wishes: Wishes) -> Chosen:
    return choose_new(fitting(newest_first(map(tagged, posts)), wishes), had, wishes.posts)


@given(POSTS, st.frozensets(st.integers(0, 40)), WISHES, st.randoms())
def test_the_choice_is_the_same_in_whatever_order_posts_come(
    posts: list[PostSummary], had_numbers: frozenset[int], wishes: Wishes, random: Random
) -> None:
    had = set(keys(*(f"p{number}" for number in had_numbers)))
    chosen = chosen_of(posts, had, wishes)
    shuffled = random.sample(posts, len(posts))
    assert chosen_of(shuffled, had, wishes) == chosen


@given(POSTS, st.frozensets(st.integers(0, 40)), WISHES)
def test_what_is_chosen_was_not_had_and_fits(
    posts: list[PostSummary], had_numbers: frozenset[int], wishes: Wishes
) -> None:
    had = set(keys(*(f"p{number}" for number in had_numbers)))
    chosen = chosen_of(posts, had, wishes)
    taken = [post.key for post in chosen.posts]
    assert len(set(taken)) == len(taken)
    assert not had & set(taken)
    assert len(chosen.shown) <= wishes.posts
    assert len(chosen.others) <= MOST_OTHERS
    # Nothing is left out while there is room, and nothing older comes before something newer.
    left = {t.post.key for t in fitting(map(tagged, posts), wishes)} - had
    assert len(taken) == min(len(left), wishes.posts + MOST_OTHERS)
    assert [post.date for post in chosen.posts] == sorted(
        (post.date for post in chosen.posts), reverse=True
    )
    assert chosen.source == ("new" if left else "none")
    assert not chosen.others or len(chosen.shown) == wishes.posts


def chosen_tags(wishes: Wishes) -> list[str]:
    """Of posts with one tag each the tags of those that fit."""
    posts = [tagged(summary(number, tags=[tag])) for number, tag in enumerate(TAGS)]
    return [t.post.tags[0] for t in fitting(posts, wishes)]


def test_tags_are_the_same_in_every_spelling() -> None:
    assert chosen_tags(Wishes(wanted=("gpu",))) == ["GPU", "gpu", "ＧＰＵ"]
    assert chosen_tags(Wishes(wanted=("WiFi",))) == ["Wi-Fi", "wifi"]
    assert chosen_tags(Wishes(unwanted=("Ｇｐｕ", "wi fi", "c++", "", "<@&1>"))) == ["機械学習"]
    assert chosen_tags(Wishes(wanted=("C++", "GPU"), unwanted=("gpu",))) == ["C++"]
    assert chosen_tags(Wishes(wanted=("そんなタグはない",))) == []
    assert chosen_tags(Wishes()) == list(TAGS)


def test_posts_of_one_date_are_in_the_order_of_their_slugs() -> None:
    posts = [tagged(summary(number, day)) for number, day in ((3, 1), (1, 1), (2, 2))]
    assert [t.post.slug for t in newest_first(posts)] == ["p2", "p1", "p3"]


# --- from the index and the state --------------------------------------------------------------


async def choose(world: World, place: Place = GENERAL, **wishes: object) -> list[list[str]]:
    """The slugs of the posts that are shown and of those that are named, and their source."""
    made = replace(Wishes(), **wishes)  # type: ignore[arg-type]
    chosen = await choose_for(place, made, world.index, world.stores, world.now)
    shown, others = ([post.slug for post in posts] for posts in (chosen.shown, chosen.others))
    return [shown, others, [chosen.source]]


async def had(world: World, place: Place, *slugs: str) -> None:
    """Let a place have posts, as its digests do."""
    versions = await world.index.versions_of(keys(*slugs))
    assert len(versions) == len(slugs)
    await give(world, place, versions)


async def give(world: World, place: Place, versions: Mapping[str, str]) -> None:
    """Let a place have versions of posts, by their keys."""
    row = NewRow(
        key=f"had {sorted(versions)}",
        platform=place.platform,
        op=Op.POST,
        said=ShowDigest("2026-11-19", 1),
        language="ja",
        ready_at=NOW,
        deadline=NOW,
        target=place.target,
        posts=[PostVersion(post, version) for post, version in versions.items()],
        subscription="s0",
    )
    assert await world.stores.digests.send_now(place, [row], NOW)


async def test_new_posts_come_once_to_a_place(world: World) -> None:
    world.write("a", 2)
    world.write("b", 3)
    await world.observe()
    assert await choose(world) == [["b", "a"], [], ["new"]]
    await had(world, GENERAL, "b")
    assert await choose(world) == [["a"], [], ["new"]]
    # Another place has not had it.
    assert await choose(world, Place("discord", "C2")) == [["b", "a"], [], ["new"]]
    assert await choose(world, Place("slack", "C1")) == [["b", "a"], [], ["new"]]


async def test_more_new_posts_than_are_shown_are_named(world: World) -> None:
    for day in range(2, 20):
        world.write(f"p{day:02}", day)
    await world.observe()
    shown, others, _ = await choose(world, posts=3)
    assert shown == ["p19", "p18", "p17"]
    assert others == [f"p{day:02}" for day in range(16, 6, -1)]


async def test_a_post_is_new_for_two_weeks_after_it_came_whatever_its_date(world: World) -> None:
    world.write("a", 2)
    await world.observe()
    world.now += NEW_FOR
    assert await choose(world, quiet_day=QuietDay.SAY) == [["a"], [], ["new"]]
    world.now += timedelta(seconds=1)
    assert await choose(world, quiet_day=QuietDay.SAY) == [[], [], ["none"]]


async def test_a_corrected_post_does_not_come_again(world: World) -> None:
    world.write("a", 2)
    await world.observe()
    await had(world, GENERAL, "a")
    world.now += DAY
    world.write("a", 2)
    await world.observe()
    assert await choose(world, quiet_day=QuietDay.SAY) == [[], [], ["none"]]


async def test_what_was_hidden_or_removed_does_not_come(world: World) -> None:
    for slug in ("a", "b", "c"):
        world.write(slug, 2)
    await world.observe()
    await world.stores.hidden.hide(key("a"), 0, world.now)
    # One comment less is no reason.
    await world.stores.hidden.hide(key("b"), 1, world.now)
    (world.blog.root / "content/posts/2025_06/c/index.md").unlink()
    await world.observe()
    assert await choose(world) == [["b"], [], ["new"]]
    await had(world, GENERAL, "b")
    assert await choose(world) == [["2025_06_01_first"], [], ["archive"]]


async def test_on_a_quiet_day_nothing_is_sent_it_is_said_or_the_archive_serves(
    world: World,
) -> None:
    for policy, expected in (
        (QuietDay.SAY, [[], [], ["none"]]),
        (QuietDay.ARCHIVE, [["2025_06_01_first"], [], ["archive"]]),
    ):
        assert await choose(world, quiet_day=policy) == expected
    silent = Wishes(quiet_day=QuietDay.SKIP)
    assert (await choose_for(GENERAL, silent, world.index, world.stores, NOW)).skipped
    await had(world, GENERAL, "2025_06_01_first")
    assert await choose(world) == [[], [], ["none"]]


async def test_an_index_without_posts_gives_an_empty_digest(world: World) -> None:
    (world.blog.root / "content/posts/2025_06/2025_06_01_first/index.md").write_text(
        raw_post("下書き", draft=True)
    )
    await world.observe()
    assert await choose(world) == [[], [], ["none"]]


async def test_the_archive_is_gone_through_as_far_as_is_needed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of one date, so that only their slugs order them.
    slugs = [f"p{number:03}" for number in range(ARCHIVE_PAGE + 20)]
    for slug in slugs:
        world.write(slug, 2, ["古い"] if slug == slugs[-1] else ["GPU"])
    await world.sync()
    assert (await choose(world))[0] == slugs[:5]
    assert (await choose(world, wanted=("古い",)))[0] == slugs[-1:]
    await give(world, GENERAL, dict.fromkeys(keys(*slugs[:-2]), "1:a"))
    assert (await choose(world))[0] == [*slugs[-2:], "2025_06_01_first"]


async def test_digests_that_are_due_together_read_the_archive_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        world.write(f"p{number:02}", 2)
    await world.sync()
    asked: list[int] = []
    newest = world.index.newest

    async def counted(limit: int, offset: int = 0) -> Sequence[PostSummary]:
        asked.append(offset)
        return await newest(limit, offset)

    monkeypatch.setattr(world.index, "newest", counted)
    shelf = Shelf(world.index, world.stores, NOW)
    for channel in range(50):
        place = Place("discord", f"C{channel}")
        assert len((await shelf.choose(place, subscription().wishes)).shown) == 5
    assert asked == [0]
