"""Every page is reached, every link leads somewhere, Japanese pages say what English ones do."""

import re
from pathlib import Path

import pytest

from storage.state.tables import METADATA
from tests.documents import (
    ASKING,
    DOCUMENTS,
    FENCE,
    JAPANESE,
    LINK,
    PRIVACY,
    READMES,
    ROOT,
    SHORTER,
    TWINS,
    anchors,
    asked,
    code_in,
    links_of,
    prose_of,
    rows,
    target_of,
    text_of,
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    for link in links_of(document):
        target = target_of(document, link)
        assert target.is_file(), link
        assert ROOT in target.parents, link
        anchor = link.partition("#")[2]
        if anchor and target.suffix == ".md":
            assert anchor in anchors(str(target.relative_to(ROOT))), link


def test_links_are_found_at_all() -> None:
    assert {"docs/session.svg", "docs/slack.png", "docs/asking.md"} <= set(links_of("README.md"))
    assert "questions" in anchors("docs/asking.md")


def test_every_document_is_one_click_from_a_readme() -> None:
    near = {target_of(readme, link) for readme in READMES for link in links_of(readme)}
    assert {ROOT / document for document in DOCUMENTS if document not in READMES} <= near


def test_the_english_readme_alone_leads_to_every_english_document() -> None:
    near = {target_of("README.md", link) for link in links_of("README.md")}
    assert {ROOT / name for name in DOCUMENTS if not name.endswith(".ja.md")} - near == {
        ROOT / "README.md"
    }


def in_english(document: str, link: str) -> str:
    """The English page, or heading, to which a link of a Japanese page is the twin."""
    target = str(target_of(document, link).relative_to(ROOT))
    if not target.endswith(".ja.md"):
        return f"{target}#{link.partition('#')[2]}"
    return target.removesuffix(".ja.md") + ".md#"


@pytest.mark.parametrize(("english", "japanese"), TWINS)
def test_twins_have_the_same_sections_tables_and_links(english: str, japanese: str) -> None:
    def headings(name: str) -> list[int]:
        return [len(marks) for marks in re.findall(r"^(#+) ", prose_of(name), re.MULTILINE)]

    assert headings(english) == headings(japanese)
    assert [len(cells) for cells in rows(english)] == [len(cells) for cells in rows(japanese)]
    translated = {in_english(japanese, link) for link in links_of(japanese)}
    has_twin = {page for pair in (*TWINS, *SHORTER, PRIVACY) for page in pair}
    for link in links_of(english):
        if link == Path(japanese).name:
            continue
        target = str(target_of(english, link).relative_to(ROOT))
        anchor = "" if target in has_twin else link.partition("#")[2]
        assert f"{target}#{anchor}" in translated, link
    assert len(set(links_of(english))) == len(set(links_of(japanese)))


def test_twins_show_the_same_queries() -> None:
    assert asked(ASKING[0]) == asked(ASKING[1])


@pytest.mark.parametrize("document", ASKING)
def test_every_button_that_is_told_of_is_called_so(document: str) -> None:
    cells = [cells[0] for cells in rows(document) if cells[0].startswith("「")]
    told = [button for cell in cells for button in re.findall(r"「([^」]+)」", cell)]
    assert len(told) > 10
    locales = [path.read_text("utf-8") for path in (ROOT / "bot/locales").glob("*.toml")]
    called = set(re.findall(r'^ja = "([^"（]+)', "\n".join(locales), re.MULTILINE))
    assert set(told) <= called


def typed_in(name: str) -> list[str]:
    """The lines to be typed or pasted, without their remarks; indented ones are those of steps."""
    text = re.sub(r"^ {3}", "", text_of(name), flags=re.MULTILINE)
    kinds = ("sh", "yaml", "nginx")
    blocks = [block for kind, block in FENCE.findall(text) if kind in kinds]
    return [line.split("#")[0].rstrip() for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize(("english", "japanese"), (*TWINS, *SHORTER))
def test_japanese_pages_let_people_type_the_same(english: str, japanese: str) -> None:
    shown = typed_in(japanese)
    if (english, japanese) in TWINS:
        assert shown == typed_in(english)
    else:
        assert shown
        assert [line for line in typed_in(english) if line in shown] == shown


def test_the_japanese_page_of_privacy_has_the_same_tables_settings_and_times() -> None:
    def told(document: str) -> tuple[set[str], set[str]]:
        prose = prose_of(document)
        tables = {code for cells in rows(document) for code in code_in(cells[0])}
        return tables & set(METADATA.tables), set(re.findall(r"MATOME_[A-Z_]+", prose))

    assert told(PRIVACY[0]) == told(PRIVACY[1])
    assert told(PRIVACY[0])[0] == set(METADATA.tables)
    english, japanese = map(prose_of, PRIVACY)
    times = {"14 days": "14日", "30 days": "30日", "365 days": "365日", "1 hour": "1時間"}
    for time, said in times.items():
        assert (time in english) and (said in japanese), time


@pytest.mark.parametrize("document", JAPANESE)
def test_japanese_pages_say_which_pages_are_english(document: str) -> None:
    for line in prose_of(document).splitlines()[4:]:
        for found in LINK.findall(line):
            link = found[0]
            is_page = ".md" in link and "://" not in link
            if is_page and not target_of(document, link).name.endswith(".ja.md"):
                assert "英語" in line, link
