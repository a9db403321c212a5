"""`matome hide` and `matome unhide`: what is taken down, and every message that showed it."""

import argparse
import re
from dataclasses import dataclass

from bot.app import CLOCKS, opened_index, opened_stores, site_url
from bot.cli.output import load_settings, progress_bar
from bot.errors import UserError
from bot.hiding import show_anew
from bot.locales import Texts
from bot.model import post_key
from bot.ports import Index
from bot.search.query import Link, parse
from bot.stores import WHOLE, Stores

_POINTED = re.compile(r"(?P<post>.+?)#(?P<comment>[1-9][0-9]{0,8})")
_ITEM = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Named:
    """A post that somebody named; how many comments it has is not known of one that is gone."""

    key: str
    title: str
    comments: int | None


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Take a post or a comment down. Raises UserError where it is not clear which."""
    await change(options.post, texts, hide=True)
    return 0


async def change(named: str, texts: Texts, *, hide: bool) -> None:
    """Hide or show something, and let every message that showed it be edited."""
    settings = load_settings()
    pointed = _POINTED.fullmatch(named)
    comment = WHOLE if pointed is None else int(pointed["comment"])
    with progress_bar(texts) as progress:
        async with opened_index(settings, progress) as index, opened_stores(settings) as stores:
            name = named if pointed is None else pointed["post"]
            post = await post_named(index, stores, name, site_url(settings))
            if post.comments is not None and comment > post.comments:
                raise UserError("cli.hide.no_comment", number=comment, count=post.comments)
            now = CLOCKS.now()
            if hide:
                is_new = await stores.hidden.hide(post.key, comment, now)
            else:
                is_new = await stores.hidden.unhide(post.key, comment)
            # Also where nothing is new: it may have been killed between the two.
            messages = await show_anew(stores.outbox, [post.key], now)
    what = post.title if comment == WHOLE else f"{post.title} #{comment}"
    print(texts(_SAID[hide, is_new], what=what))
    print(texts("cli.hide.messages", count=messages))


_SAID = {
    (True, True): "cli.hide.hidden",
    (True, False): "cli.hide.hidden_before",
    (False, True): "cli.hide.shown",
    (False, False): "cli.hide.not_hidden",
}


async def post_named(index: Index, stores: Stores, name: str, site: str | None) -> Named:
    """The post of a slug, a key, an address, or the number of a Hacker News item.

    One that has left the archive is known by its slug or key as long as messages show it. Raises
    UserError where there is none, or more than one.
    """
    link = Link(item_id=int(name)) if _ITEM.fullmatch(name) else parse(name, site).link
    slug = name if link is None or link.slug is None else link.slug
    if link is not None and link.item_id is not None:
        found = list(await index.by_item(link.item_id))
    else:
        found = [post for post in (await index.by_slug(slug), await index.by_key(name)) if post]
    if len(found) > 1:
        slugs = ", ".join(post.slug for post in found)
        raise UserError("cli.hide.which", name=name, slugs=slugs)
    if found:
        return Named(found[0].key, found[0].title, found[0].comments)
    hidden = await stores.hidden.all()
    for key in (post_key(slug), name):
        if key in hidden or await stores.outbox.showing(key, None):
            return Named(key, slug, None)
    raise UserError("cli.hide.no_post", name=name)
