"""The pages that somebody sees in a browser who adds the app to a workspace."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType
from typing import NamedTuple

from bot.locales import LANGUAGES, Texts

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 4rem auto; max-width: 36rem; padding: 0 1rem; font-family: sans-serif;
  line-height: 1.7; color: #1d1c1d; background: #fff; }}
a.button {{ display: inline-block; margin-top: 1rem; padding: .6rem 1.4rem; border-radius: .3rem;
  color: #fff; background: #611f69; text-decoration: none; font-weight: bold; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{said}</p>
<p><a class="button" href="{link}">{label}</a></p>
</body>
</html>
"""
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)


class Page(NamedTuple):
    """What a page says, and its button, by their keys in the locale files."""

    said: str
    button: str


BEGINNING = Page("slack.page.install", "slack.page.install_button")
INSTALLED = Page("slack.page.installed", "slack.page.installed_button")
ORGANISATION = Page("slack.page.organisation", "slack.page.organisation_button")
DENIED = Page("slack.page.denied", "slack.page.again_button")
EXPIRED = Page("slack.page.expired", "slack.page.again_button")
FAILED = Page("slack.page.failed", "slack.page.again_button")


def shown(page: Page, texts: Texts, link: str, **details: str) -> str:
    """A page as HTML, whose button leads to a link."""
    return _PAGE.format(
        language=texts.language,
        title=escape(texts("slack.page.title")),
        said=escape(texts(page.said, **details)),
        link=escape(link),
        label=escape(texts(page.button)),
    )


def spoken(accepted: Sequence[str], usual: str) -> Texts:
    """The language of a browser, as far as it is one of ours."""
    for name in re.findall(r"[A-Za-z]+(?=[-;, ]|$)", ",".join(accepted)):
        if name.lower() in LANGUAGES:
            return Texts(name.lower())
    return Texts(usual)
