"""Views as Block Kit: every limit kept, nothing lost, nobody mentioned."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.limits import LIMITS, PLACE
from adapters.slack.messages import BUILDER, builder_link, posted
from adapters.slack.render import rendered
from adapters.slack.validate import message_findings
from adapters.slack.validate_texts import counted
from benchmarks.slack_reading import (
    Reading,
    alike,
    elements,
    labels,
    read_mrkdwn,
    read_rich,
    readings,
)
from bot.chat.sizes import ruler_of
from bot.chat.visible import one_line, visible
from bot.intent import Help, OpenPost, Search
from bot.locales import Texts
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Choice,
    Divider,
    Heading,
    Image,
    Item,
    Moment,
    Option,
    Paragraph,
    Posting,
    Quote,
    Run,
    View,
)
from tests.discord.test_markdown import texts_of
from tests.discord.test_render import Numbered
from tests.fitted import fit
from tests.slack.test_mrkdwn import AT, evil
from tests.views import EVERYTHING, POST

HELP = Action(Help())
JA = Texts("ja")


def sent(view: View) -> dict[str, Any]:
    """What is sent of a view."""
    return rendered(view, Numbered(), JA).arguments()


def of(*blocks: Block) -> list[dict[str, Any]]:
    """The blocks of some blocks of a view."""
    message = sent(View("概要", blocks))
    assert message_findings(message) == []
    return list(message["blocks"])


def seen(*blocks: Block) -> list[str]:
    """What is read of some blocks of a view."""
    return [reading.text for reading in readings({"blocks": of(*blocks)})]


def words(text: str) -> tuple[Run]:
    return (Run(text),)


def quote(text: str, user: str = "alice", colour: str | None = None, cut: bool = False) -> Quote:
    return Quote(POST, 12, user, AT, colour, words(text), cut=cut)


def test_a_view_with_everything() -> None:
    message = sent(EVERYTHING)
    assert message_findings(message) == []
    assert (message["text"], message["unfurl_links"]) == ("すべて", False)
    assert [block["type"] for block in message["blocks"]] == [
        "header", "context", "context", "rich_text", "rich_text", "rich_text", "section",
        "rich_text", "context", "divider", "actions", "context", "actions",
    ]  # fmt: skip
    shown = "\n".join(reading.text for reading in readings(message))
    assert "GPUのメモリは遅い？\n記事を開く\n2025年6月10日　💬 28　#GPU\n" in shown
    assert "🟢 #12 alice　2025-06-10 09:59 UTC\nメモリ帯域が" in shown
    assert "\n引用の行\n答えはx =  1です。https://example.org/a" in shown
    assert "#13 投稿者不明　日時不明\n（本文なし）" in shown
    assert "#14 bob（続き）\n続きの本文…" in shown
    assert "🔴 題名に一致\n#3 bob　2025-06-10 09:59 UTC\n抜粋の一行" in shown


def test_a_highlight_has_a_sign_in_its_colour() -> None:
    assert seen(quote("本文", colour="#45d325")) == ["🟢 #12 alice　2025-06-10 09:59 UTC\n本文"]
    assert seen(quote("本文")) == ["#12 alice　2025-06-10 09:59 UTC\n本文"]


def test_a_title_is_a_header_with_where_it_leads_below() -> None:
    link = "https://a.example/?a=1&b=2"
    header, leading = of(Heading((Run("題名", link=link),)))
    assert header["text"] == {"type": "plain_text", "text": "題名", "emoji": False}
    assert read_mrkdwn(leading["elements"][0]["text"]).marks == [("link", link)]
    assert [block["type"] for block in of(Heading(words("題名")))] == ["header"]
    for bold in (Heading(words("題"), 2), Heading(words("題" * 151)), Heading((Moment(AT),))):
        assert [block["type"] for block in of(bold)] == ["rich_text"]
    assert read_rich(of(Heading(words("題"), 2))[0]).kinds() == {"bold"}
    assert of(Heading(words("題" * 150)))[0]["type"] == "header"


def test_an_item_has_its_button_at_its_side() -> None:
    item = Item(words("題名"), (words("一行"),), Button("開く", HELP, primary=True))
    [found] = of(item)
    assert found["text"] == {"type": "mrkdwn", "text": "*題名*\n一行", "verbatim": True}
    assert found["accessory"] == {
        "type": "button", "style": "primary", "action_id": "press:1", "value": "code0",
        "text": {"type": "plain_text", "text": "開く", "emoji": False},
    }  # fmt: skip
    [alone] = of(Item(words("題名")))
    assert (alone["type"], read_rich(alone).marks) == ("rich_text", [("bold", "題名")])


def test_a_comment_under_a_title_is_a_quote_unless_it_has_some() -> None:
    item = Item(words("題名"), (), Button("開く", HELP))
    plain, second = quote("一行\n\n二行\n"), quote("最後", colour="#45d325")
    _, under, behind = of(item, plain, second)
    [shown] = under["elements"]
    assert shown["type"] == "rich_text_quote"
    assert read_rich(under).text.endswith("\n一行\n\n二行")
    assert behind["elements"][0]["type"] == "rich_text_section"
    answer = (Run("引用", quoted=True), Run("\n答え"))
    quoting = Quote(POST, 12, "alice", AT, None, answer)
    _, made = of(item, quoting)
    assert [each["type"] for each in made["elements"]] == [
        "rich_text_section", "rich_text_quote", "rich_text_section",
    ]  # fmt: skip


def test_buttons_lead_somewhere_or_are_words() -> None:
    buttons = (
        Button("次へ", HELP),
        Button("原文", url="https://a.example/?q=1"),
        Button("2/5"),
        Button("", url="javascript:alert(1)"),
    )
    row, place = of(Buttons(buttons))
    assert [button["action_id"] for button in row["elements"]] == ["press:1", "open:2"]
    assert row["elements"][0]["value"] == "code0"
    assert row["elements"][1]["url"] == "https://a.example/?q=1"
    assert place["elements"][0]["text"] == "2/5　"
    [only] = of(Buttons((Button("2/5"),)))
    assert (only["type"], only["elements"][0]["text"]) == ("context", "2/5")
    assert seen(Buttons((Button("長い" * 40),))) == ["長い長…"]


def test_more_than_a_row_holds_becomes_several() -> None:
    buttons = tuple(Button(f"{n}", Action(OpenPost(str(n)))) for n in range(12))
    assert [len(row["elements"]) for row in of(Buttons(buttons))] == [5, 5, 2]
    options = tuple(Option(f"{n}", Action(OpenPost(str(n)))) for n in range(130))
    first, last = (row["elements"][0] for row in of(Choice("どれ？", options)))
    assert [len(first["options"]), len(last["options"])] == [100, 30]
    assert first["action_id"] != last["action_id"]
    assert of(Divider(), Buttons(()), Choice("x", ())) == of(Divider())


def test_a_choice_has_the_codes_as_its_values() -> None:
    [row] = of(Choice("タグ", (Option("GPU", HELP, "12件"),)))
    [select] = row["elements"]
    assert (select["action_id"], select["placeholder"]["text"]) == ("choice:1", "タグ")
    [option] = select["options"]
    assert option["value"] == "code0"
    assert (option["text"]["text"], option["description"]["text"]) == ("GPU", "12件")


def test_what_shows_another_choice_has_another_block_id() -> None:
    one, other = (
        of(Choice("タグ", (Option(name, Action(Search(name))),)), Buttons((Button(name, HELP),)))
        for name in ("a", "b")
    )
    codes = Numbered()
    view = View("", (Buttons((Button("a", Action(Search("a"))), Button("b", HELP))),))
    [first] = rendered(view, codes, JA).blocks
    view = View("", (Buttons((Button("b", HELP), Button("a", Action(Search("a"))))),))
    [second] = rendered(view, codes, JA).blocks
    assert first["block_id"] != second["block_id"]
    assert [block["block_id"] for block in one] == [block["block_id"] for block in other]


def test_there_is_no_message_without_words() -> None:
    assert seen() == ["概要"]
    assert sent(View("", ()))["text"] == "…"
    assert of(Paragraph(words(" \n ")), Heading(()), Image("a.png", "")) == of()
    assert seen(Item(())) == seen(Item((), (), Button("x", HELP))) == ["…"]
    assert message_findings(sent(View("&" * 10_000, ()))) == []


def test_small_print_is_read_as_little_as_can_be() -> None:
    [found] = of(Paragraph(words("*一*\n:smile:"), quiet=True))
    assert found["elements"] == [
        {"type": "plain_text", "text": "*一*\n:smile:", "emoji": False}
    ]  # fmt: skip
    [dated] = of(Paragraph((Moment(AT), Run(" *一*")), quiet=True))
    assert dated["elements"][0]["type"] == "mrkdwn"
    [quoted] = of(Paragraph((Run("q", quoted=True),), quiet=True))
    assert read_rich(quoted).kinds() == {"quote"}


def test_a_part_that_is_cut_says_so_once() -> None:
    assert seen(quote("前半。\n", cut=True))[0].endswith("\n前半。…\n")
    assert seen(quote("前半…", cut=True))[0].endswith("\n前半…")
    code = Quote(POST, 1, "a", AT, None, (Run("a\nb\n", code=True),), cut=True)
    [shown] = of(code)
    assert [part["type"] for part in shown["elements"]] == [
        "rich_text_section", "rich_text_preformatted", "rich_text_section",
    ]  # fmt: skip
    assert read_rich(shown).text.endswith("\na\nb\n…\n")


def test_a_group_is_mentioned_only_where_it_is_asked_for() -> None:
    view = View("概要", (Paragraph(words("<!subteam^S999>")),))
    made = posted(Posting(view, "ja", {}, mention="S12345"))
    assert made.blocks[0]["elements"][0]["elements"] == [
        {"type": "usergroup", "usergroup_id": "S12345"}
    ]
    assert made.text == "<!subteam^S12345> 概要"
    assert message_findings(made.arguments()) == []
    for mention in (None, "<!channel>", "U1", "S1|x", "channel"):
        quiet = posted(Posting(view, "ja", {}, mention=mention))
        assert quiet == rendered(view, {}, JA)
        assert read_mrkdwn(quiet.text).marks == []


def test_the_builder_shows_the_blocks() -> None:
    blocks = of(Heading(words("題名 #1 & 100%")))
    link = builder_link(blocks)
    assert link.startswith(BUILDER)
    assert json.loads(unquote(link.removeprefix(BUILDER))) == {"blocks": blocks}
    assert link.isascii()
    assert "&" not in link.removeprefix(BUILDER)


def test_the_same_view_gives_the_same_blocks() -> None:
    assert sent(EVERYTHING) == sent(EVERYTHING)


colours = st.none() | st.sampled_from(["#45d325", "#000000", "#ff5c38"])
actions = st.builds(lambda number: Action(Search(str(number))), st.integers(0, 10**9))
buttons = st.builds(Button, evil, actions, st.none(), st.booleans()) | st.builds(
    Button, evil, st.none(), st.none() | evil | st.just("https://a.example/")
)
texts = texts_of(evil)
blocks = st.one_of(
    st.builds(Heading, texts, st.sampled_from([1, 2])),
    st.builds(Paragraph, texts, st.booleans()),
    st.builds(
        Quote, st.just(POST), st.integers(1, 10**8), evil, st.none() | st.just(AT), colours, texts,
        st.booleans(), st.booleans(),
    ),
    st.builds(Item, texts, st.lists(texts, max_size=3).map(tuple), st.none() | buttons, colours),
    st.builds(Image, evil, evil),
    st.just(Divider()),
    st.lists(buttons, max_size=7).map(lambda some: Buttons(tuple(some))),
    st.builds(
        Choice, evil, st.lists(st.builds(Option, evil, actions, evil), max_size=5).map(tuple)
    ),
)  # fmt: skip
views = st.builds(View, evil, st.lists(blocks, max_size=9).map(tuple))
OURS = {"bold", "code", "link", "time", "quote", "preformatted"}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(views)
def test_whatever_fits_breaks_no_limit_and_mentions_nobody(view: View) -> None:
    ruler = ruler_of(LIMITS)
    for page in fit(view, LIMITS):
        message = sent(page)
        assert message_findings(message) == []
        if page.blocks:
            assert len(message["blocks"]) <= max(1, ruler.sizes(page.blocks).parts)
        for reading in (*readings(message), *labels(message)):
            assert reading.kinds() <= OURS
        assert read_mrkdwn(message["text"]).kinds().isdisjoint({"mention", "link", "time"})


def room(block: Block) -> int:
    """What the limits say that a block takes; one character where it shows nothing."""
    places = PLACE if isinstance(block, Buttons) else 0
    return max(1, ruler_of(LIMITS).characters(block) + places)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(blocks)
def test_no_block_takes_more_than_the_limits_say(block: Block) -> None:
    for page in fit(View("x", (block,)), LIMITS):
        for one in page.blocks:
            assert sum(map(counted, sent(View("x", (one,)))["blocks"])) <= room(one)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("continues", [False, True])
@pytest.mark.parametrize("at", [None, AT])
def test_the_head_of_a_comment_fits_into_its_costs(
    language: str, continues: bool, at: datetime | None
) -> None:
    for text in ((), words("あ"), (Run("a\nb", code=True),)):
        long = Quote(POST, 10**9, "", at, "#45d325", text, continues=continues, cut=True)
        [block] = rendered(View("x", (long,)), {}, Texts(language)).blocks
        assert counted(block) <= room(long)


# As long as a label may be, whatever it holds.
short = evil.map(lambda text: text[:35])


@given(short, short, short)
def test_what_others_wrote_shows_as_it_is_in_every_field(one: str, two: str, three: str) -> None:
    search = Action(Search("x"))
    message = sent(
        View(
            one,
            (
                Heading(words(f"あ{one}")),
                Paragraph(words(f"あ{one}")),
                Paragraph(words(f"あ{two}"), quiet=True),
                quote(f"あ{two}", user=f"あ{one}", colour="#45d325"),
                Item(words(f"あ{one}"), (words(two),), Button(three, HELP)),
                Buttons((Button(one, search),)),
                Choice(one, (Option(two, search, three),)),
                Image(three, f"あ{three}"),
            ),
        )
    )
    assert message_findings(message) == []
    found = readings(message)
    by_place: dict[str, list[str]] = {}
    for reading in found:
        assert reading.kinds() <= {"bold", "time"}
        by_place.setdefault(reading.place, []).append(reading.text)
    assert by_place["header"] == [one_line(f"あ{one}")]
    assert by_place["rich_text"] == [
        visible(f"あ{one}"),
        f"🟢 #12 {one_line(f'あ{one}')}　2025-06-10 09:59 UTC\n{visible(f'あ{two}')}",
    ]
    assert by_place["context"] == [visible(f"あ{two}"), one_line(f"あ{three}")]
    title = " ".join(visible(f"あ{one}").split("\n")).strip()
    assert [alike(text) for text in by_place["section"]] == [alike(f"{title}\n{visible(two)}")]
    said = list(labels(message))
    assert said[:2] == [Reading(one_line(three) or "…"), Reading(one_line(one) or "…")]
    assert all(reading == Reading(reading.text) for reading in said)


@pytest.mark.parametrize(
    "sign", ["あ", "x", "_", "*", "&", "<", "𠮷", "<!channel>", "`", ":x:", "\u202e", "> "]
)
def test_ten_thousand_characters_without_a_space(sign: str) -> None:
    long = sign * (10_000 // len(sign))
    view = View(
        long,
        (
            Heading(words(long)),
            Paragraph(words(long), quiet=True),
            Paragraph((Moment(AT), *words(long)), quiet=True),
            Quote(POST, 1, long, AT, "#45d325", (Run(long, (0, len(long))),)),
            Item(words(long), (words(long),), Button(long, HELP), "#45d325"),
            Buttons((Button(long, HELP), Button(long))),
            Choice(long, (Option(long, HELP, long),)),
            Image(long, long),
        ),
    )
    for page in fit(view, LIMITS):
        assert message_findings(sent(page)) == []


def test_everything_that_is_pressed_has_an_action_id_of_its_own() -> None:
    message = sent(EVERYTHING)
    ids = [element["action_id"] for element in elements(message)]
    assert len(ids) == len(set(ids)) == 5
