"""mrkdwn and rich text that show what was written: nothing of it becomes more than text."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import RichTextBlock

from adapters.slack.limits import LIMITS
from adapters.slack.mrkdwn import bold_line, disarmed, escaped, fallback, mrkdwn, timestamp
from adapters.slack.rich import rich
from benchmarks.slack_reading import Reading, alike, read_mrkdwn, read_rich
from bot.chat.sizes import ruler_of
from bot.chat.visible import one_line, visible
from bot.content.shown import shown
from bot.view import Item, Moment, Paragraph, Run, Text
from tests.discord.test_markdown import EVIL as EVIL_ELSEWHERE
from tests.discord.test_markdown import texts_of, words_of

AT = datetime(2025, 6, 10, 9, 59, tzinfo=UTC)
EVIL = (
    *EVIL_ELSEWHERE,
    "<!channel>", "<!here>", "<!everyone>", "<@U1>", "<#C1>", "<!subteam^S1>", "<!date^1^{time}|x>",
    "<http://x|y>", "<https://evil.example>", "<mailto:a@b|c>", "&lt;", "&amp;", "&amp;lt;", "&",
    ":smile:", ":+1:", ":日本:", "*b*", "_i_", "~s~", "`c`", "```block```", "＊b＊", "＿i＿",
    "｀c｀", "> q", ">>> q", "&gt; q", "＞ q", "• l", "snake_case_name", "|", "@channel",
)  # fmt: skip
evil = st.lists(st.sampled_from(EVIL) | st.text(max_size=5), max_size=12).map("".join)


def block(text: Text) -> dict[str, Any]:
    """The block of rich text of a text that shows something."""
    return dict(RichTextBlock(elements=rich(text)).to_dict())


def read(text: Text) -> Reading:
    return read_rich(block(text)) if rich(text) else Reading()


def seen(text: str) -> str:
    """What has to be seen of a text."""
    return visible(text) if visible(text).strip() else ""


@pytest.mark.parametrize("text", EVIL)
def test_each_evil_text_shows_as_it_is(text: str) -> None:
    for around in (text, f"a{text}b", f"あ{text}い", f"a\n{text}", f"{text}{text}", f" {text}"):
        assert read((Run(around),)) == Reading(seen(around), [])
        written = read_mrkdwn(mrkdwn((Run(around),)))
        assert (alike(written.text), written.marks) == (alike(visible(around)), [])


@given(evil)
def test_rich_text_shows_a_text_as_it_is(text: str) -> None:
    assert read((Run(text),)) == Reading(seen(text), [])


@given(evil)
def test_mrkdwn_shows_a_text_but_for_signs_that_look_alike(text: str) -> None:
    found = read_mrkdwn(mrkdwn((Run(text),)))
    assert found.marks == []
    assert alike(found.text) == alike(visible(text))
    assert len(found.text) == len(visible(text))


@given(st.lists(evil.map(Run), max_size=5).map(tuple))
def test_what_follows_each_other_makes_nothing_together(text: Text) -> None:
    assert read_mrkdwn(mrkdwn(text)).marks == []
    assert read(text).marks == []


@given(texts_of(evil))
def test_nobody_is_mentioned_and_nothing_leads_elsewhere(text: Text) -> None:
    links = {run.link for run in text if isinstance(run, Run)}
    in_mrkdwn, in_rich = read_mrkdwn(mrkdwn(text)), read(text)
    assert in_mrkdwn.kinds() <= {"bold", "link", "time"}
    assert in_rich.kinds() <= {"bold", "code", "link", "time", "quote", "preformatted"}
    for mark in (*in_mrkdwn.marks, *in_rich.marks):
        assert mark.kind != "link" or mark.text in links


@given(texts_of(evil))
def test_every_word_is_shown_in_its_order(text: Text) -> None:
    runs = tuple(run for run in text if isinstance(run, Run))
    assert read(runs).text == seen(words_of(runs))
    assert alike(read_mrkdwn(mrkdwn(runs)).text) == alike(words_of(runs))


@given(texts_of(evil))
def test_the_limits_say_at_least_what_is_written(text: Text) -> None:
    ruler = ruler_of(LIMITS)
    assert _length(mrkdwn(text)) <= ruler.characters(Paragraph(text))
    item = Item(text, (text,))
    assert _length("\n".join(["🔴 " + bold_line(text), mrkdwn(text)])) <= ruler.characters(item)


@given(evil)
def test_a_body_shows_what_the_archive_has(body: str) -> None:
    text = shown(body)
    assert read(text).text == seen(words_of(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ((Run("a<b&c>"),), "a&lt;b&amp;c&gt;"),
        ((Run("題名に"), Run("一致", bold=True), Run("する")), "題名に\u200b*一致*\u200bする"),
        ((Run("a\n b ", bold=True),), "\u200b*a*\u200b\n \u200b*b*\u200b "),
        ((Run("5*3 a_b _c_"),), "5∗3 a_b ˍcˍ"),
        ((Run("x :smile: 12:30"),), "x ∶smile: 12:30"),
        ((Run("a\n> b"),), "a\n\u00ad&gt; b"),
        ((Run("題|名", link="https://a.example/?b&c"),), "<https://a.example/?b&amp;c|題∣名>"),
        ((Run("題", link="javascript:alert(1)"),), "題"),
        ((Run("題", link="https://a.example/|x"),), "題"),
        ((Run("https://b.example", link="https://a.example"),), "https://b.example"),
        ((Moment(AT, clock=False),), "<!date^1749549540^{date_short}|2025-06-10>"),
    ],
)
def test_looks_of_mrkdwn(text: Text, written: str) -> None:
    assert mrkdwn(text) == written


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ((Run("a\nb "),), "*a b*"),
        ((Run("題", link="https://a.example"),), "*<https://a.example|題>*"),
        ((Run("a"), Run("b", bold=True)), "a\u200b*b*\u200b"),
        ((Run(" "),), ""),
    ],
)
def test_a_line_in_bold(text: Text, line: str) -> None:
    assert bold_line(text) == line


def words(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def holder(kind: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"rich_text_{kind}", "elements": [*parts]}


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ((Run("a"), Run("b", bold=True), Run("c", bold=True)),
         [holder("section", words("a"), words("bc", bold=True))]),
        ((Run("x` = *1*", code=True),), [holder("section", words("x` = *1*", code=True))]),
        ((Run("a\n  - b\n", code=True), Run("c")),
         [holder("preformatted", words("a\n  - b")), holder("section", words("c"))]),
        ((Run("p "), Run("a\nb", code=True)),
         [holder("section", words("p "), words("a", code=True), words("\n"),
                 words("b", code=True))]),
        ((Run("q\nr", quoted=True), Run("\ns")),
         [holder("quote", words("q\nr")), holder("section", words("s"))]),
        ((Run("q", quoted=True), Run("\n\ns")),
         [holder("quote", words("q")), holder("section", words("\ns"))]),
        ((Run("q", quoted=True), Run("\n\n"), Run("r", quoted=True)),
         [holder("quote", words("q")), holder("section", words("\n")),
          holder("quote", words("r"))]),
        ((Run("a\n\n"), Run("q", quoted=True)),
         [holder("section", words("a\n\n")), holder("quote", words("q"))]),
        ((Run("q", quoted=True), Run("\n")), [holder("quote", words("q\n"))]),
        ((Run("題", link="https://a.example/|x"),), [holder("section", words("題"))]),
        ((Run("題", bold=True, link="https://a.example"),),
         [holder("section", {"type": "link", "url": "https://a.example", "text": "題",
                             "style": {"bold": True}})]),
        ((Moment(AT),),
         [holder("section", {"type": "date", "timestamp": 1749549540,
                             "format": "{date_short} {time}",
                              "fallback": "2025-06-10 09:59 UTC"})]),
        ((Run(" \n\u202e"),), []),
    ],
)  # fmt: skip
def test_looks_of_rich_text(text: Text, elements: list[dict[str, Any]]) -> None:
    assert [element.to_dict() for element in rich(text)] == elements


def test_code_is_kept_as_it_is() -> None:
    code = "  for x in <@1>:\n\n    *x* # - y ```\n"
    found = read((Run("前\n"), Run(code, code=True), Run("後")))
    assert found.text == f"前\n{code}後"
    assert found.kinds() == {"preformatted"}


@pytest.mark.parametrize("sign", ["あ", "x", "_", "*", "&", ">", "𠮷", "<!here>"])
def test_ten_thousand_characters_without_a_space_stay_so(sign: str) -> None:
    long = sign * 10_000
    assert read((Run(long),)).text == long
    assert alike(read_mrkdwn(disarmed(long)).text) == long


@pytest.mark.parametrize("year", [1, 1969, 1970, 2025, 9999])
def test_every_time_fits_into_its_costs(year: int) -> None:
    for clock in (True, False):
        moment = Moment(datetime(year, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), clock)
        assert len(timestamp(moment)) <= LIMITS.text_costs.moment
        assert read_mrkdwn(timestamp(moment)).kinds() == {"time"}
        assert read_mrkdwn(timestamp(moment)).text == fallback(moment)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("<!channel>", "mention"), ("a <@U1> b", "mention"), ("<#C1|x>", "mention"),
        ("<!subteam^S1>", "mention"), ("<http://x|y>", "link"), ("<!date^1^{time}|x>", "time"),
        (":smile:", "emoji"), ("*b*", "bold"), ("あ *b* い", "bold"), ("_i_", "italic"),
        ("~s~", "struck"), ("`c`", "code"), ("```c```", "code"), ("＊b＊", "bold"),
        ("&gt; q", "quote"),
    ],
)  # fmt: skip
def test_the_reader_sees_what_is_not_disarmed(written: str, kind: str) -> None:
    assert kind in read_mrkdwn(written).kinds()
    assert read_mrkdwn(mrkdwn((Run(written),))).marks == []


@given(evil)
def test_the_words_of_a_notification_mention_nobody(text: str) -> None:
    found = read_mrkdwn(escaped(one_line(text)))
    assert found.kinds().isdisjoint({"mention", "link", "time"})


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
