"""`matome backup`: the state in one file, also while the bot runs."""

import argparse
from pathlib import Path

from bot.cli.output import load_settings
from bot.locales import Texts


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Write a backup. Raises StateError where there is none in the end."""
    settings = load_settings()
    # Imported only now: it takes long, and the settings may be wrong.
    from storage.state.backup import back_up

    contents = await back_up(settings.state, Path(options.file), force=options.force)
    held = {"rows": sum(contents.rows.values()), "digests": contents.rows.get("subscription", 0)}
    print(texts("cli.backup.done", path=options.file, revision=contents.revision, **held))
    return 0
