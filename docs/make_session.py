"""Makes what the documents show of the program, by running it on the sample archive.

    python docs/make_session.py            writes docs/session.svg and the documents' console blocks
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
import termios
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from rich.ansi import AnsiDecoder
from rich.cells import cell_len
from rich.style import Style

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "session.svg"
# The documents with console blocks, and the terminal's language in them.
DOCUMENTS = {
    ROOT / "docs" / "asking.md": "C.UTF-8",
    ROOT / "docs" / "asking.ja.md": "ja_JP.UTF-8",
}

QUESTIONS = ("/matome gpu", "3", "gpu 帯域 is:highlight", "kubernets")
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
FOREGROUND, DIM, TYPED = "#d8dee9", "#8792a8", "#a3be8c"
STYLE = f"""
    text {{ font: {SIZE}px {FONTS}; white-space: pre }}
    .bold {{ font-weight: bold }}
    .title {{ font-size: 13px; text-anchor: middle }}
"""
# Yellow and cyan, which each terminal shows in its own way, by their numbers.
NUMBERED = {3: "#ebcb8b", 6: "#88c0d0"}

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


class Look(NamedTuple):
    """How a piece of a line looks."""

    fill: str = FOREGROUND
    bold: bool = False


Line = list[tuple[str, Look]]


def session(questions: Sequence[str]) -> Iterator[Line]:
    """What a person sees who asks these questions, each below its prompt."""
    before = ""
    for number, question in enumerate(questions, 1):
        said = answers(questions[:number])
        yield [(f"{PROMPT}{question}", Look(TYPED, bold=True))]
        yield from styled(said.removeprefix(before).rstrip("\n"))
        yield []
        before = said


def answers(questions: Sequence[str]) -> str:
    """What the program writes to a terminal for the lines of a pipe, its colours included."""
    terminal, programs_end = pty.openpty()
    termios.tcsetwinsize(programs_end, (50, COLUMNS))
    with tempfile.TemporaryDirectory() as directory:
        colours = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            stdin=subprocess.PIPE,
            stdout=programs_end,
            stderr=subprocess.DEVNULL,
            env=_environment(directory) | colours,
            cwd=directory,
        )
        os.close(programs_end)
        try:
            assert process.stdin is not None
            process.stdin.write("".join(f"{question}\n" for question in questions).encode())
            process.stdin.close()
            said = _to_the_end(terminal)
        finally:
            process.kill()
            process.wait()
            os.close(terminal)
    return said.replace("\r\n", "\n")


def _to_the_end(terminal: int) -> str:
    """All that is written until the program ends."""
    said = b""
    end = time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(f"no end within {SECONDS} s of: {said.decode(errors='replace')}")
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            # Linux says so when the other side of a terminal is closed.
            chunk = b""
        if not chunk:
            return said.decode()
        said += chunk


def styled(text: str) -> Iterator[Line]:
    """The lines of a text with codes of a terminal, in pieces of one look."""
    for line in AnsiDecoder().decode(text):
        looks = [Look()] * len(line.plain)
        for span in line.spans:
            style = Style.parse(span.style) if isinstance(span.style, str) else span.style
            for at in range(span.start, span.end):
                looks[at] = _look(style)
        yield list(zip(line.plain, looks, strict=True))


def _look(style: Style) -> Look:
    fill = DIM if style.dim else FOREGROUND
    if style.color is not None:
        triplet = style.color.triplet
        fill = NUMBERED[style.color.number or 0] if triplet is None else triplet.hex
    return Look(fill, bool(style.bold))


def _environment(directory: str) -> dict[str, str]:
    """The variables of a person who has set nothing; the program is run in `directory`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MATOME_", "LC_", "LANG"))}
    data = str(Path(directory) / "data")
    return kept | {"LC_ALL": "C.UTF-8", "MATOME_DATA": data, "PYTHONPATH": str(ROOT)}


def draw(shown: Sequence[Line]) -> str:
    """A terminal window with these lines, as SVG."""
    width = 2 * MARGIN + COLUMNS * CELL
    height = TITLE_BAR + MARGIN + len(shown) * LINE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" fill="{FOREGROUND}"',
        ' xml:space="preserve" role="img" lang="ja">',
        "<title>matome in a terminal</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="9" fill="#20242c"/>',
        *(
            f'<circle cx="{22 + 20 * number}" cy="19" r="6" fill="{colour}"/>'
            for number, colour in enumerate(("#ff5f57", "#febc2e", "#28c840"))
        ),
        f'<text class="title" fill="{DIM}" x="{width // 2}" y="24">matome</text>',
    ]
    for number, line in enumerate(shown):
        parts += _drawn(line, TITLE_BAR + LINE * number + SIZE)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(line: Line, y: int) -> Iterator[str]:
    """A line in pieces, each where a terminal has it and as wide, whatever font is there."""
    characters = [(char, look) for text, look in line for char in text]
    at = 0
    for (cells_each, _, look), group in groupby(characters, key=_alike):
        piece = "".join(char for char, _ in group)
        cells = cells_each * len(piece)
        if piece.strip():
            fill = "" if look.fill == FOREGROUND else f' fill="{look.fill}"'
            weight = ' class="bold"' if look.bold else ""
            yield (
                f'<text{fill}{weight} x="{MARGIN + at * CELL}" y="{y}"'
                f' textLength="{cells * CELL}" lengthAdjust="spacingAndGlyphs">'
                f"{html.escape(piece, quote=False)}</text>"
            )
        at += cells


def _alike(character: tuple[str, Look]) -> tuple[int, bool, Look]:
    """The cells of a character, whether fonts disagree about them (× and …), and its look."""
    char, look = character
    return cell_len(char), unicodedata.east_asian_width(char) == "A", look


def picture() -> str:
    """The whole picture."""
    return draw([[(COMMAND, Look(TYPED, bold=True))], *session(QUESTIONS)][:-1])


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
    made |= {path: refreshed(path.read_text("utf-8"), locale) for path, locale in DOCUMENTS.items()}
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
