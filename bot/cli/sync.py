"""`matome sync`: bring the index up to date and say what was done."""

import argparse

from bot.cli.output import load_settings, report_problems, say, synchronised
from bot.locales import Texts


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Sync; exit status 1 where the archive could not be brought up to date."""
    synced = await synchronised(load_settings(), texts, rebuild=options.rebuild)
    summary = synced.summary
    counts = {"added": summary.added, "changed": summary.changed, "removed": summary.removed}
    print(texts("cli.summary", **counts, refused=len(summary.refused)), flush=True)
    if summary.rebuilt:
        say(texts("cli.rebuilt"))
    report_problems(synced, texts)
    return 1 if synced.archive.stale else 0
