"""Views as Components V2: every limit kept, nothing lost, nobody mentioned."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.discord.colours import accent
from adapters.discord.limits import LIMITS
from adapters.discord.messages import message_of
from adapters.discord.render import CHOICE, body, rendered
from adapters.discord.validate import message_findings
from benchmarks.discord_reading import components, read, texts
from bot.chat.colours import sign
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
from tests.discord.test_markdown import AT, evil, texts_of
from tests.fitted import fit
from tests.views import EVERYTHING, POST

HELP = Action(Help())
JA = Texts("ja")


class Numbered(dict[Action, str]):
    """A code for everything that is pressed."""

    def __missing__(self, action: Action) -> str:
        return self.setdefault(action, f"code{len(self)}")


def sent(view: View) -> dict[str, Any]:
    """What is sent of a view."""
    return body(rendered(view, Numbered(), JA))


def of(*blocks: Block) -> list[dict[str, Any]]:
    """The components of some blocks."""
    message = sent(View("概要", blocks))
    assert message_findings(message) == []
    return list(message["components"])


def words(text: str) -> tuple[Run]:
    return (Run(text),)


def test_what_does_the_same_twice_has_codes_of_its_own() -> None:
    button, option = Button("押す", HELP), Option("選ぶ", HELP, "")
    message = of(
        Item(words("題"), button=button),
        Buttons((button, button)),
        Choice("?", (option, option)),
    )
    made = list(components({"components": message}))
    names = [each["custom_id"] for each in made if "custom_id" in each]
    values = [option["value"] for each in made for option in each.get("options", ())]
    assert names == ["code0", "code0~2", "code0~3", "choice:1"]
    assert values == ["code0~4", "code0~5"]


def test_a_code_without_room_for_a_number_is_not_pressed() -> None:
    buttons = Buttons((Button("押す", HELP), Button("押す", HELP)))
    message = body(rendered(View("概要", (buttons,)), {HELP: "c" * 99}, JA))
    assert message_findings(message) == []
    [first, second] = message["components"][0]["components"]
    assert (first["custom_id"], first["disabled"]) == ("c" * 99, False)
    assert (second["custom_id"], second["disabled"]) == ("says:1", True)


def quote(text: str, user: str = "alice", colour: str | None = None, cut: bool = False) -> Quote:
    return Quote(POST, 12, user, AT, colour, words(text), cut=cut)


def test_a_view_with_everything() -> None:
    message = sent(EVERYTHING)
    assert message_findings(message) == []
    assert (message["flags"], message["allowed_mentions"]["parse"]) == (1 << 15, [])
    shown = "\n".join(texts(message))
    assert "## [GPUのメモリは遅い？](https://blog.example/gpu/)\n" in shown
    assert "-# 2025年6月10日　💬 28　\\#GPU\n" in shown
    assert "**\\#12 alice**　<t:1749549540:f>\nメモリ帯域が" in shown
    assert "\n> 引用の行\n答えは`x =  1`です。https\\://example.org/a" in shown
    assert "**\\#13 投稿者不明**　日時不明\n（本文なし）" in shown
    assert "**\\#14 bob**（続き）\n続きの本文…" in shown
    assert "🔴 題名に**一致**\n\\#3 bob　<t:1749549540:f>\n抜粋の一行" in shown
    assert "-# 青い絵" in shown
    kinds = [component["type"] for component in message["components"]]
    assert kinds == [10, 10, 17, 17, 17, 9, 10, 10, 14, 1, 1]


def test_a_highlight_is_a_container_in_its_colour() -> None:
    [found] = of(quote("本文", colour="#45d325"))
    assert (found["type"], found["accent_color"]) == (17, 0x45D325)
    assert found["components"][0]["content"].endswith("\n本文")
    # Others have a box too, so that the edges of all comments are in line.
    [plain] = of(quote("本文"))
    assert plain["type"] == 17 and "accent_color" not in plain
    # Black would be sent as none.
    [black] = of(quote("本文", colour="#000000"))
    assert black["accent_color"] == 1


@pytest.mark.parametrize(
    ("colour", "shown"),
    [
        ("#ff0000", "🔴"), ("#ff5c38", "🔴"), ("#ffa500", "🟠"), ("#ffee00", "🟡"),
        ("#45d325", "🟢"), ("#0088ff", "🔵"), ("#8800ff", "🟣"), ("#ff0044", "🔴"),
        ("#f0f0f0", "⚪"), ("#101010", "⚫"),
    ],
)  # fmt: skip
def test_the_sign_of_a_colour(colour: str, shown: str) -> None:
    assert sign(colour) == shown


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_can_be_shown(number: int) -> None:
    assert 1 <= accent(f"#{number:06x}") <= 0xFFFFFF
    assert len(sign(f"#{number:06x}")) == 1


def test_an_item_has_its_button_at_its_side() -> None:
    item = Item(words("題名"), (words("一行"),), Button("開く", HELP, primary=True))
    [found] = of(item)
    assert found["type"] == 9
    assert found["components"][0]["content"] == "**題名**\n一行"
    assert found["accessory"] == {
        "type": 2, "style": 1, "disabled": False, "label": "開く", "custom_id": "code0"
    }  # fmt: skip
    [alone] = of(Item(words("題名")))
    assert (alone["type"], alone["content"]) == (10, "**題名**")


def test_buttons_lead_somewhere_or_cannot_be_pressed() -> None:
    [row] = of(
        Buttons(
            (
                Button("次へ", HELP),
                Button("原文", url="https://a.example/?q=1"),
                Button("2/5"),
                Button("遠い", url="https://a.example/" + "x" * 500),
                Button("", url="javascript:alert(1)"),
            )
        )
    )
    forward, source, place, far, bad = row["components"]
    assert (forward["custom_id"], forward["disabled"]) == ("code0", False)
    assert (source["style"], source["url"]) == (5, "https://a.example/?q=1")
    assert [(b["label"], b["disabled"]) for b in (place, far, bad)] == [
        ("2/5", True), ("遠い", True), ("…", True)
    ]  # fmt: skip


def test_more_than_a_row_holds_becomes_several() -> None:
    buttons = tuple(Button(f"{n}", Action(OpenPost(str(n)))) for n in range(12))
    assert [len(row["components"]) for row in of(Buttons(buttons))] == [5, 5, 2]
    options = tuple(Option(f"{n}", Action(OpenPost(str(n)))) for n in range(30))
    first, last = (row["components"][0] for row in of(Choice("どれ？", options)))
    assert [len(first["options"]), len(last["options"])] == [25, 5]
    assert (first["custom_id"], last["custom_id"]) == (f"{CHOICE}1", f"{CHOICE}2")
    assert of(Divider(), Buttons(()), Choice("x", ())) == of(Divider())


def test_a_choice_has_the_codes_as_its_values() -> None:
    [row] = of(Choice("タグ", (Option("GPU", HELP, "12件"),)))
    [select] = row["components"]
    assert select["placeholder"] == "タグ"
    assert select["options"] == [
        {"label": "GPU", "value": "code0", "default": False, "description": "12件"}
    ]


def test_there_is_no_message_without_words() -> None:
    assert of() == [{"type": 10, "content": "概要"}]
    assert sent(View("", ()))["components"] == [{"type": 10, "content": "…"}]
    assert of(Paragraph(words(" \n ")), Heading(()), Image("a.png", "")) == of()
    assert of(Item(()))[0]["content"] == "…"
    assert message_findings(sent(View("*" * 10_000, ()))) == []


def test_small_print_is_small_on_every_line() -> None:
    [found] = of(Paragraph(words("一\n\n二"), quiet=True))
    assert found["content"] == "-# 一\n\n-# 二"
    [quoted] = of(Paragraph((Run("q", quoted=True),), quiet=True))
    assert quoted["content"] == "> q"


def test_times_are_the_readers_own() -> None:
    [found] = of(Paragraph((Moment(AT), Run(" / "), Moment(AT, clock=False))))
    assert found["content"] == "<t:1749549540:f> / <t:1749549540:d>"


def test_a_part_that_is_cut_says_so_once() -> None:
    code = Quote(POST, 1, "a", AT, None, (Run("a\nb", code=True),), cut=True)
    for cut, end in (
        (quote("前半。\n", cut=True), "\n前半。…\n"),
        (quote("前半…", cut=True), "\n前半…"),
        (code, "```\na\nb\n```\n…"),
    ):
        [box] = of(cut)
        assert box["components"][0]["content"].endswith(end)


def test_the_library_keeps_nothing_of_what_was_sent() -> None:
    layout = rendered(EVERYTHING, Numbered(), JA)
    assert not layout.is_dispatchable()
    # One that waits for presses is kept for 15 minutes, with all its components.
    assert layout.is_finished()
    assert rendered(EVERYTHING, Numbered(), JA) is not layout


def test_the_mention_of_a_role_takes_no_more_than_is_kept_for_it() -> None:
    view = View("x", (Heading(words("まとめ")), Paragraph(words("それから"))))
    bare, mentioning = (message_of(Posting(view, "ja", {}, role), ()) for role in (None, "9" * 20))
    assert message_findings(mentioning) == []
    assert len(list(components(mentioning))) == len(list(components(bare)))
    longer = len("".join(texts(mentioning))) - len("".join(texts(bare)))
    assert longer == LIMITS.text_costs.mention


def test_the_same_view_gives_the_same_components() -> None:
    assert sent(EVERYTHING) == sent(EVERYTHING)


colours = st.none() | st.sampled_from(["#45d325", "#000000", "#ff5c38"])
actions = st.builds(lambda number: Action(Search(str(number))), st.integers(0, 10**9))
buttons = st.builds(Button, evil, actions, st.none(), st.booleans()) | st.builds(
    Button, evil, st.none(), st.none() | evil | st.just("https://a.example/")
)
rich = texts_of(evil)
blocks = st.one_of(
    st.builds(Heading, rich, st.sampled_from([1, 2])),
    st.builds(Paragraph, rich, st.booleans()),
    st.builds(
        Quote, st.just(POST), st.integers(1, 10**8), evil, st.none() | st.just(AT), colours, rich,
        st.booleans(), st.booleans(),
    ),
    st.builds(Item, rich, st.lists(rich, max_size=3).map(tuple), st.none() | buttons, colours),
    st.builds(Image, evil, evil),
    st.just(Divider()),
    st.lists(buttons, max_size=7).map(lambda some: Buttons(tuple(some))),
    st.builds(
        Choice, evil, st.lists(st.builds(Option, evil, actions, evil), max_size=5).map(tuple)
    ),
)  # fmt: skip
views = st.builds(View, evil, st.lists(blocks, max_size=9).map(tuple))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(views)
def test_whatever_fits_breaks_no_limit_and_mentions_nobody(view: View) -> None:
    ruler = ruler_of(LIMITS)
    for page in fit(view, LIMITS):
        message = sent(page)
        findings = message_findings(message)
        # The same may be pressed in two places of a view that was made at random.
        assert [found for found in findings if found.limit != "the same twice"] == []
        if page.blocks:
            assert len(list(components(message))) <= max(1, ruler.sizes(page.blocks).parts)
        for text in texts(message):
            assert "mention" not in read(text).kinds() or "`" in text


@given(evil, evil, evil)
def test_what_others_wrote_shows_as_it_is_in_every_field(one: str, two: str, three: str) -> None:
    blocks = (
        Heading(words(one)),
        Paragraph(words(one)),
        quote(f"あ{two}", user=one, colour="#45d325"),
        Item(words(one), (words(two),), Button(three, HELP)),
        Buttons((Button(one, Action(Search("x"))),)),
        Choice(one, (Option(two, Action(Search("y")), three),)),
    )
    message = sent(View(one, blocks))
    read_texts = [read(text) for text in texts(message)]
    for found in read_texts:
        assert found.kinds() <= {"heading", "bold", "time"}
    [body_text] = [found.text.partition("\n")[2] for found in read_texts if "time" in found.kinds()]
    assert body_text == f"あ{visible(two)}"
    found_labels = [component["label"] for component in components(message) if "label" in component]
    assert found_labels == [one_line(three) or "…", one_line(one) or "…"]


@pytest.mark.parametrize("sign", ["あ", "x", "_", "*", "\\", "𠮷", "@everyone", "[", "\u202e"])
def test_ten_thousand_characters_without_a_space(sign: str) -> None:
    long = sign * (10_000 // len(sign))
    view = View(
        long,
        (
            Heading(words(long)),
            Paragraph(words(long), quiet=True),
            Quote(POST, 1, long, AT, "#45d325", (Run(long, (0, len(long))),)),
            Item(words(long), (words(long),), Button(long, HELP), "#45d325"),
            Buttons((Button(long, HELP),)),
            Choice(long, (Option(long, HELP, long),)),
            Image(long, long),
        ),
    )
    pages = fit(view, LIMITS)
    for page in pages:
        assert [
            found for found in message_findings(sent(page)) if found.limit != "the same twice"
        ] == []
