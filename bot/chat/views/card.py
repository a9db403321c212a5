"""The posts that a link leads to, in the little room below somebody's message."""

from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.library import Library
from bot.chat.views.digest import GLANCES, post_blocks, posts_of
from bot.chat.views.search import linked
from bot.errors import UserError
from bot.search.query import parse
from bot.view import Block, View

# Posts about one discussion, of which there may be several.
MOST = 3


async def card(library: Library, link: str, frame: Frame) -> View | None:
    """What an address is about: each post with its best quote and the way there.

    None for an address that leads to none of the archive's posts.
    """
    try:
        query = parse(link, library.site_url)
        posts = [] if query.link is None else await linked(library, query.link)
    except UserError:
        return None
    featured, _ = await posts_of(library, [post.key for post in posts[:MOST]], MOST)
    blocks: list[Block] = []
    for each in featured:
        blocks += post_blocks(each, GLANCES[0], None, library.site_url, frame.texts)
    shown = pages(blocks, frame.limits)
    return View(featured[0].post.title, shown[0]) if shown else None
