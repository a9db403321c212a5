"""Makes docs/{discord,discord-post,slack}.png from what the program sends on the sample archive.

python -m docs.pictures            writes those that are out of date; needs chromium and pngquant
python -m docs.pictures --fresh    writes all, such as after a change of fonts
python -m docs.pictures --check    writes nothing; exit status 1 where one is out of date

With --as it draws what any command sends, for a browser:

matome render --as discord '/matome gpu' | python -m docs.pictures --as discord > gpu.html
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from bot.cli.logs import route_events
from docs.pictures.chromium import picture_of, stamp_of
from docs.pictures.nodes import box
from docs.pictures.scenes import SCENES, html_of, of_payload, page
from docs.pictures.stage import LIMITS

DOCS = Path(__file__).resolve().parent.parent


def main() -> int:
    """Do what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description="Draws the bot in Discord and in Slack.")
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    parser.add_argument("--fresh", action="store_true", help="take all pictures anew")
    parser.add_argument(
        "--as", dest="platform", choices=sorted(LIMITS), help="draw the lines of `matome render`"
    )
    options = parser.parse_args()
    route_events()
    if options.platform is not None:
        lines = [json.loads(line) for line in sys.stdin]
        shown = (box("message", of_payload(options.platform, line)) for line in lines)
        print(html_of(options.platform, *shown), end="")
        return 0
    return _check() if options.check else _make(fresh=options.fresh)


def _check() -> int:
    """Name the pictures that do not show what is sent now."""
    stale = [path for path, _, stamp in _pages() if not _shows(path, stamp)]
    for path in stale:
        print(f"docs/{path.name} is out of date")
    return 1 if stale else 0


def _make(*, fresh: bool) -> int:
    """Take the pictures that are out of date, or all of them."""
    for path, shown, stamp in _pages():
        if fresh or not _shows(path, stamp):
            path.write_bytes(picture_of(shown, SCENES[path.stem].width, stamp))
            print(f"docs/{path.name} was renewed")
    return 0


def _pages() -> Iterator[tuple[Path, str, str]]:
    """Where each picture is, the page that it shows, and what says so in it."""
    for name, scene in SCENES.items():
        shown = asyncio.run(page(scene))
        yield DOCS / f"{name}.png", shown, sha256(shown.encode()).hexdigest()


def _shows(path: Path, stamp: str) -> bool:
    return path.exists() and stamp_of(path.read_bytes()) == stamp


if __name__ == "__main__":
    sys.exit(main())
