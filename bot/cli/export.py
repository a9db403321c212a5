"""`matome export`: the index as JSON lines."""

import argparse
import json

from bot.app import opened_index, site_url
from bot.cli.output import load_settings, progress_bar
from bot.cli.records import post_record
from bot.locales import Texts


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Print every post, drafts included, sorted by slug."""
    settings = load_settings()
    with progress_bar(texts) as progress:
        async with opened_index(settings, progress) as index:
            site = site_url(settings)
            async for post in index.export():
                print(json.dumps(post_record(post, site), ensure_ascii=False))
    return 0
