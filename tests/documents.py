"""The documents as tests read them: their links, tables, headings and blocks."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("bot", "adapters", "storage")
READMES = ("README.md", "README.ja.md")
ASKING = ("docs/asking.md", "docs/asking.ja.md")
COMMANDS = ("docs/commands.md", "docs/commands.ja.md")
SETTING_TABLES = ("docs/settings.md", "docs/settings.ja.md")
# Pages that say the same in both languages; other Japanese ones leave out what is rarely needed.
TWINS = (READMES, ASKING, COMMANDS, SETTING_TABLES)
SHORTER = (("docs/discord.md", "docs/discord.ja.md"), ("docs/slack.md", "docs/slack.ja.md"))
PRIVACY = ("docs/privacy.md", "docs/privacy.ja.md")
JAPANESE = tuple(japanese for _, japanese in (*TWINS, *SHORTER, PRIVACY))
DOCUMENTS = (
    *READMES,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
)
# What is typed alone and is no query: the chat's own words, and a month.
WORDS = ("/matome", "tags", "months", "2025-06", "random", "help")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose_of(name: str) -> str:
    return FENCE.sub("", text_of(name))


def links_of(name: str) -> list[str]:
    """Where the links and pictures of a document lead within the project."""
    links = ("".join(found) for found in LINK.findall(prose_of(name)))
    return [link for link in links if "://" not in link]


def target_of(document: str, link: str) -> Path:
    """The file that a link leads to; the document itself for one of its own anchors."""
    path = link.partition("#")[0]
    return ((ROOT / document).parent / path).resolve() if path else ROOT / document


def rows(name: str) -> list[list[str]]:
    """The cells of every row of every table; code keeps its own bars, which are written `\\|`."""
    lines = [line for line in prose_of(name).splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        for line in lines
        if not re.fullmatch(r"[|\- ]+", line)
    ]


def code_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def anchors(name: str) -> list[str]:
    """The anchors of a document's headings as GitHub makes them; of equal ones only the first."""
    return [
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", prose_of(name), re.MULTILINE)
    ]


def asked(document: str) -> list[str]:
    """What the table of queries shows in its first column, and the codes in the second."""
    lines = prose_of(document).splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("| `/matome` |"))
    table = lines[start : lines.index("", start)]
    return [code for line in table for code in code_in(line)]
