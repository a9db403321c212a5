"""Somebody's browser on the way through an installation: the app's page, Slack's, and back."""

import re
from html import unescape

import aiohttp

from tests.slack.server.seen import NotOffered
from tests.slack.server.state import State
from tests.slack.server.world import User, Workspace


async def add_to_slack(
    state: State,
    install_url: str,
    team: Workspace,
    user: User,
    *,
    org: bool = False,
    allows: bool = True,
    keeps_cookies: bool = True,
) -> tuple[int, str]:
    """The status and text of the app's last page for somebody who follows "Add to Slack".

    Cookies are sent back as to https, although loopback is not.
    """
    state.browsing, state.browsing_org, state.browser_allows = (team, user), org, allows
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(install_url, allow_redirects=False) as page:
            cookies = "; ".join(one.split(";")[0] for one in page.headers.getall("Set-Cookie", []))
            address = page.headers.get("Location") or _link(await page.text(), state.origin)
        async with session.get(address, allow_redirects=False) as page:
            if page.status != 302:
                raise NotOffered(f"Slack says: {await page.text()}")
            back = page.headers["Location"]
        headers = {"Cookie": cookies} if keeps_cookies and cookies else {}
        async with session.get(back, headers=headers) as page:
            return page.status, await page.text()


def _link(text: str, origin: str) -> str:
    for found in re.findall(r'href="([^"]+)"', text):
        address = unescape(found)
        if address.startswith(origin):
            return str(address)
    raise NotOffered("the page has no link to Slack")
