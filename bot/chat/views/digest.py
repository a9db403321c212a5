"""A digest: the one message of a day, and reading its posts one after the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.comments import page_turning
from bot.chat.views.parts import heading, plain, post_title, small_print, text_of, with_tags
from bot.chat.views.post import picture_of, post_view, worth_reading
from bot.content.cutting import shortened
from bot.content.quotes import quote_of
from bot.errors import UserError
from bot.intent import DigestSettings, OpenPost, ReadDigest
from bot.locales import LANGUAGES, Texts
from bot.model import Post, PostSummary
from bot.view import Action, Block, Button, Buttons, Effect, Item, Paragraph, Quote, Run, View

# What a quote has at most, in characters; the shorter ones where a message has no room.
GLANCES = (150, 100, 60)
# The same of a title of which only the title is told.
NAMED = 80


@dataclass(frozen=True, slots=True)
class Featured:
    """A post of a digest with the whole comment that stands for it, if it has one."""

    post: Post
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What the message of a digest is made of.

    `shown` and `others` are in the order of its row, without what is gone; `source` is that of
    `ShowDigest`. `number` is its row's, None for one that was not sent; `subscription` is whose
    settings it leads to. `notes` stand below the posts, such as how far an unfolding has come.
    """

    day: date
    shown: Sequence[Featured]
    others: Sequence[PostSummary] = ()
    source: str = "new"
    number: int | None = None
    subscription: str | None = None
    late: bool = False
    notes: tuple[Block, ...] = ()


async def posts_of(
    library: Library, keys: Sequence[str], shown: int
) -> tuple[list[Featured], list[PostSummary]]:
    """Those posts that are there: all of the first `shown`, what lists have of the others."""
    featured = [await _featured(library, key) for key in keys[:shown]]
    by_key = {post.key: post for post in await library.index.by_keys(keys[shown:])}
    others = [by_key[key] for key in keys[shown:] if key in by_key]
    return [found for found in featured if found is not None], others


async def _featured(library: Library, key: str) -> Featured | None:
    found = await library.index.post_with_choice(key)
    if found is None:
        return None
    best = next(iter(worth_reading(*found)), None)
    return Featured(found[0], None if best is None else quote_of(key, best))


def digest_view(
    digest: Digest, site_url: str | None, frame: Frame, above: Sequence[Block] = ()
) -> View:
    """A digest as one message, below other blocks.

    Where it would be longer, quotes are cut shorter, then left out from the last post on; then the
    list of the others gives way to their number, and the last posts move there. Where what stands
    above leaves no room at all, that is all.
    """
    title = digest_title(digest.day, frame.texts, late=digest.late)
    ways = (_blocks(digest, plan, site_url, frame) for plan in _plans(digest))
    messages = (pages([*above, *blocks], frame.limits) for blocks in ways)
    fitting = (message[0] for message in messages if len(message) == 1)
    blocks = next(fitting, tuple(above))
    first = next((featured.post.title for featured in digest.shown), None)
    return View(title if first is None else f"{title} · {first}", blocks)


def topics_of(digest: Digest) -> tuple[str, ...]:
    """What a digest is about: that it is one, then the tags of its posts, the commonest first."""
    tagged = [featured.post.tags for featured in digest.shown]
    tagged += [post.tags for post in digest.others]
    tags = Counter(tag for tags in tagged for tag in dict.fromkeys(tags))
    names = [name for language in LANGUAGES for name in Texts(language)("digest.topics").split()]
    return (*names, *(tag for tag, _ in tags.most_common()))


def digest_title(day: date, texts: Texts, *, late: bool = False) -> str:
    """What a digest is called."""
    return texts("digest.late" if late else "digest.title", day=day_name(day, texts))


def day_name(day: date, texts: Texts) -> str:
    """A local day as people say it, such as 11月21日（土）."""
    weekday = texts("digest.days").split()[day.weekday()]
    month = texts("digest.months").split("|")[day.month - 1]
    return texts("digest.day", weekday=weekday, month=month, day=day.day)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How long the quote of each post is, 0 for none, and how many others are named."""

    glances: tuple[int, ...]
    named: int


def _plans(digest: Digest) -> Iterator[_Plan]:
    """Ways to show a digest, the fullest first; the last one needs hardly any room."""
    count, others = len(digest.shown), len(digest.others)
    for glance in GLANCES:
        yield _Plan((glance,) * count, others)
    for quoted in reversed(range(count)):
        yield _Plan((GLANCES[-1],) * quoted + (0,) * (count - quoted), others)
    for shown in reversed(range(count + 1)):
        for named in reversed(range(count - shown + others + 1)):
            yield _Plan((0,) * shown, named)


def _blocks(digest: Digest, plan: _Plan, site_url: str | None, frame: Frame) -> list[Block]:
    texts = frame.texts
    blocks: list[Block] = [heading(digest_title(digest.day, texts, late=digest.late))]
    if digest.source == "none" or not (digest.shown or digest.others):
        nothing_new = digest.source == "none"
        blocks.append(text_of(texts("digest.nothing_new" if nothing_new else "digest.all_gone")))
    elif digest.source == "archive":
        blocks.append(small_print(texts("digest.from_archive")))
    for featured, glance in zip(digest.shown, plan.glances, strict=False):
        blocks += post_blocks(featured, glance, digest.number, site_url, texts)
    moved = [featured.post for featured in digest.shown[len(plan.glances) :]]
    blocks += _others([*moved, *digest.others], plan.named, site_url, texts)
    blocks += digest.notes
    ways = list(_ways(digest, texts))
    return [*blocks, Buttons(tuple(ways))] if ways else blocks


def post_blocks(
    featured: Featured, glance: int, number: int | None, site_url: str | None, texts: Texts
) -> Iterator[Block]:
    """A post with its best quote, of `glance` characters at most, 0 for none.

    `number` is that of the digest from which it is opened.
    """
    post = featured.post
    about = with_tags(f"💬 {len(post.comments)}", post.tags)
    opening = Action(OpenPost(post.key, number), Effect.OPEN)
    yield Item(post_title(post, site_url), (plain(about),), Button(texts("chat.open"), opening))
    if featured.quote is not None and glance:
        text = shortened(featured.quote.text, glance)
        is_whole = text == featured.quote.text
        yield featured.quote if is_whole else replace(featured.quote, text=text, cut=True)


def _others(
    posts: Sequence[Post | PostSummary], named: int, site_url: str | None, texts: Texts
) -> Iterator[Block]:
    """The others in as little room as possible: titles, and how many there are beside these."""
    if not posts:
        return
    lines: list[Run] = []
    for post in posts[:named]:
        count = post.comments if isinstance(post, PostSummary) else len(post.comments)
        lines += [_named(post, site_url), Run(f"　💬 {count}\n")]
    if named < len(posts):
        key = "digest.further" if named else "digest.others_count"
        lines.append(Run(texts(key, count=len(posts) - named)))
    else:
        lines[-1] = replace(lines[-1], text=lines[-1].text.rstrip("\n"))
    if named:
        yield heading(texts("digest.others"), level=2)
    yield Paragraph(tuple(lines))


def _named(post: Post | PostSummary, site_url: str | None) -> Run:
    (title,) = post_title(post, site_url)
    name = shortened(plain(title.text), NAMED)
    return replace(title, text="".join(run.text for run in name if isinstance(run, Run)))


def _ways(digest: Digest, texts: Texts) -> Iterator[Button]:
    if digest.number is not None and (digest.shown or digest.others):
        reading = Action(ReadDigest(digest.number), Effect.OPEN)
        yield Button(texts("digest.button.read"), reading, primary=True)
    if digest.subscription is not None:
        settings = Action(DigestSettings(digest.subscription), Effect.OPEN)
        yield Button(texts("digest.button.settings"), settings)


async def read_digest(
    library: Library, intent: ReadDigest, keys: Sequence[str], frame: Frame
) -> View:
    """One of a digest's posts with the way to those before and behind it; `keys` are all of them.

    Raises UserError where none is there any more.
    """
    there = {post.key for post in await library.index.by_keys(keys)}
    posts = [key for key in keys if key in there]
    at = min(intent.start, len(posts) - 1)
    found = await library.index.post_with_choice(posts[at]) if posts else None
    if found is None:
        raise UserError("digest.all_gone")
    before = Action(replace(intent, start=at - 1)) if at > 0 else None
    behind = Action(replace(intent, start=at + 1)) if at + 1 < len(posts) else None
    turned = page_turning(frame, before, f"{at + 1}/{len(posts)}", behind)
    picture = await picture_of(found[0], library, frame.texts)
    view = post_view(*found, library, frame, intent.digest, (turned,), picture)
    return replace(view, more=behind or view.more)
