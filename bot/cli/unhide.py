"""`matome unhide`: what was taken down is shown again."""

import argparse

from bot.cli.hide import change
from bot.locales import Texts


async def run(options: argparse.Namespace, texts: Texts) -> int:
    """Show a post or a comment again. Raises UserError where it is not clear which."""
    await change(options.post, texts, hide=False)
    return 0
