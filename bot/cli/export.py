"""`matome export`: the index as JSON lines."""

import argparse

from bot.app import opened_index, site_url
from bot.cli.output import load_settings, progress_bar
from bot.cli.records import post_record
from bot.cli.terminal import json_line
from bot.locales import Texts


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print every post, drafts included, sorted by slug."""
    settings = load_settings()
    with progress_bar(texts) as progress:
        async with opened_index(settings, progress) as index:
            site = site_url(settings)
            async for post in index.export():
                print(json_line(post_record(post, site)))
    return 0
