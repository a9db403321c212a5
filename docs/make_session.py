"""Makes what the documents show of the program, by running it on the sample archive.

    python docs/make_session.py            writes docs/session.svg and the READMEs' console blocks
    python docs/make_session.py --check    writes nothing; exit status 1 where one is out of date

Nothing in the picture is written by hand but the questions below.
"""

import argparse
import html
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "session.svg"
# The documents with console blocks, and the terminal's language in them.
READMES = {ROOT / "README.md": "C.UTF-8", ROOT / "README.ja.md": "ja_JP.UTF-8"}

QUESTIONS = ("/matome gpu", "gpu 帯域 is:highlight", "kubernets")
COMMAND = "$ make run"
PROMPT = "> "
SECONDS = 60

COLUMNS = 96
CELL, LINE, SIZE = 8, 22, 15
MARGIN, TITLE_BAR = 18, 38
# Whatever of these the reader has; nothing is loaded from elsewhere.
FONTS = (
    "'Noto Sans Mono CJK JP', 'BIZ UDGothic', 'Osaka-Mono', 'MS Gothic', 'Noto Sans CJK JP', "
    "'Hiragino Sans', 'Yu Gothic', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
)
STYLE = f"""
    text {{ font: {SIZE}px {FONTS}; fill: #d8dee9; white-space: pre }}
    .typed {{ fill: #a3be8c; font-weight: bold }}
    .title {{ fill: #8792a8; font-size: 13px; text-anchor: middle }}
"""

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def session(questions: Sequence[str]) -> str:
    """What a person sees who starts the program and asks these questions, without the command."""
    terminal, programs_end = pty.openpty()
    with tempfile.TemporaryDirectory() as directory:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            stdin=programs_end,
            stdout=programs_end,
            stderr=subprocess.DEVNULL,
            env=_environment(directory),
            cwd=directory,
        )
        try:
            os.close(programs_end)
            seen = _until_prompt(terminal)
            for question in questions:
                os.write(terminal, f"{question}\n".encode())
                seen += _until_prompt(terminal)
        finally:
            process.kill()
            process.wait()
            os.close(terminal)
    return seen.removesuffix(PROMPT).rstrip()


def _environment(directory: str) -> dict[str, str]:
    """The variables of a person who has set nothing; the program is run in `directory`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MATOME_", "LC_", "LANG"))}
    data = str(Path(directory) / "data")
    # A simple terminal: lines in, lines out, no prompt that draws itself.
    terminal = {"TERM": "dumb", "LC_ALL": "C.UTF-8"}
    return kept | terminal | {"MATOME_DATA": data, "PYTHONPATH": str(ROOT)}


def _until_prompt(terminal: int) -> str:
    """What the program says up to its next prompt."""
    said = b""
    end = time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(
                f"no prompt within {SECONDS} s after: {said.decode(errors='replace')}"
            )
        said += os.read(terminal, 65536)
        if said.endswith(f"\n{PROMPT}".encode()):
            return _CONTROL.sub("", said.decode())


def draw(lines: Sequence[str]) -> str:
    """A terminal window with these lines, as SVG."""
    shown = [piece for line in lines for piece in _wrapped(line)]
    width = 2 * MARGIN + COLUMNS * CELL
    height = TITLE_BAR + MARGIN + len(shown) * LINE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" xml:space="preserve" role="img" lang="ja">',
        "<title>matome in a terminal</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="9" fill="#20242c"/>',
        *(
            f'<circle cx="{22 + 20 * number}" cy="19" r="6" fill="{colour}"/>'
            for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        ),
        f'<text class="title" x="{width // 2}" y="24">matome</text>',
    ]
    for number, (text, typed) in enumerate(shown):
        y = TITLE_BAR + LINE * number + SIZE
        parts += _line(text, y, "typed" if typed else "")
    return "\n".join([*parts, "</svg>", ""])


def _line(text: str, y: int, kind: str) -> Iterator[str]:
    """A line in pieces, each where a terminal has it and as wide, whatever font is there."""
    at = 0
    for (cells_each, _), group in groupby(text, key=_width):
        piece = "".join(group)
        cells = cells_each * len(piece)
        if piece.strip():
            classed = f' class="{kind}"' if kind else ""
            yield (
                f'<text{classed} x="{MARGIN + at * CELL}" y="{y}" textLength="{cells * CELL}"'
                f' lengthAdjust="spacingAndGlyphs">'
                f"{html.escape(piece, quote=False)}</text>"
            )
        at += cells


def _width(char: str) -> tuple[int, bool]:
    """The cells of a character, and whether fonts disagree about them (× and …)."""
    return cell_len(char), unicodedata.east_asian_width(char) == "A"


def _wrapped(line: str) -> Iterator[tuple[str, bool]]:
    """A line cut at the window's edge, and whether a person typed it."""
    typed = line.startswith((PROMPT, "$ "))
    piece, cells = "", 0
    for char in line:
        if cells + cell_len(char) > COLUMNS:
            yield piece, typed
            piece, cells = "", 0
        piece += char
        cells += cell_len(char)
    yield piece, typed


def picture() -> str:
    """The whole picture."""
    return draw([COMMAND, *session(QUESTIONS).split("\n")])


def refreshed(document: str, locale: str) -> str:
    """A document with the present output below each command of its console blocks."""
    with tempfile.TemporaryDirectory() as directory:
        environment = _environment(directory) | {"LC_ALL": locale}

        def block(found: re.Match[str]) -> str:
            commands = re.findall(r"^\$ .+$", found[0], re.MULTILINE)
            return "\n".join(_shown(command, environment, directory) for command in commands)

        return _BLOCK.sub(block, document)


def _shown(command: str, environment: Mapping[str, str], directory: str) -> str:
    """A command with its output; `make run` and `matome` are this program."""
    prelude = f'matome() {{ "{sys.executable}" -m bot "$@"; }}; make() {{ matome "$@"; }}; '
    ran = subprocess.run(  # noqa: S603 (commands of our own documents)
        ["/bin/sh", "-c", prelude + command.removeprefix("$ ")],
        env=environment,
        cwd=directory,
        capture_output=True,
        check=True,
        timeout=SECONDS,
        text=True,
        encoding="utf-8",
    )
    return f"{command}\n{ran.stdout.rstrip()}\n"


def main() -> int:
    """Write what is out of date, or only name it."""
    parser = argparse.ArgumentParser(description="Renews what the documents show of the program.")
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    check = parser.parse_args().check
    made = {PICTURE: picture()}
    made |= {path: refreshed(path.read_text("utf-8"), locale) for path, locale in READMES.items()}
    stale = [
        path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'is out of date' if check else 'was renewed'}")
        if not check:
            path.write_text(made[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
