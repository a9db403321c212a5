"""Views fitted to limits: nothing over a limit, nothing lost, no stubs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.limits import ABSURD, DISCORD_LIKE, LIMITS, SLACK_LIKE
from benchmarks.pages import broken_limits, differences
from bot.archive.worker import read_post
from bot.chat.fitting import Size, pages, size_of
from bot.content.quotes import quote_of
from bot.intent import Help, OpenPost
from bot.model import Comment
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
    Limits,
    Moment,
    Option,
    Paragraph,
    PartCosts,
    Quote,
    Run,
    Text,
    TextCosts,
    View,
)
from tests.content.test_shown import bodies
from tests.fitted import fit, over

SHARED = Path(__file__).parents[3] / "shared/archive/content"
# Every post with the platforms' limits; the absurd ones make 60 times as many pages.
ABSURD_STEP = 20

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
HELP = Action(Help())
PLAIN = Limits(
    characters=100,
    text=80,
    heading=20,
    parts=10,
    row=3,
    label=10,
    options=3,
    option_label=10,
    threads=True,
    text_costs=TextCosts(head=5),
)
# A page has room for one text only.
SINGLE = replace(PLAIN, characters=80)


def run(text: str) -> Text:
    return (Run(text, (0, len(text))),)


def quote(text: str, user: str = "alice", number: int = 1) -> Quote:
    return Quote("post", number, user, NOW, None, run(text))


def string(text: Text) -> str:
    return "".join(run.text for run in text if isinstance(run, Run))


@pytest.mark.parametrize(
    ("block", "costs", "size"),
    [
        (Paragraph(run("あa𠮷")), {}, 4),
        (Paragraph(run("a<b&")), {"escaped": {"<": 4, "&": 5}}, 11),
        (Paragraph(run("ab"), quiet=True), {"markup": 3}, 8),
        (Paragraph(run("a\nb"), quiet=True), {"markup": 3}, 12),
        (Paragraph((Run("ab", bold=True),)), {"markup": 3}, 8),
        (Paragraph((Run("a\nb", code=True),)), {"markup": 3}, 12),
        (Paragraph((Run("a\nb", quoted=True, bold=True),)), {"markup": 3}, 15),
        (Paragraph((Run("", quoted=True), Run("a"))), {"markup": 3}, 1),
        (Paragraph((Run("ab", link="http://c_d"),)), {}, 2),
        (Paragraph((Run("ab", link="http://c_d"),)), {"link": 4, "escaped": {"_": 2}}, 17),
        (Paragraph((Moment(NOW), Run("a"))), {"moment": 7}, 8),
        (Heading(run("ab")), {"markup": 3}, 5),
        (quote("ab", "x_y"), {"head": 5, "escaped": {"_": 2}}, 11),
        (Item(run("ab"), (run("c"), run("d"))), {}, 12),
        (Image("a.png", "絵"), {}, 1),
        (Divider(), {}, 0),
        (Buttons((Button("label", HELP),)), {}, 0),
        (Choice("prompt", (Option("label", HELP),)), {}, 0),
    ],
)
def test_the_characters_of_a_block(block: Block, costs: dict[str, object], size: int) -> None:
    costs = {"head": 0, **costs}
    if isinstance(escaped := costs.get("escaped"), dict):
        costs["escaped"] = MappingProxyType(escaped)
    text_costs = TextCosts(**costs)  # type: ignore[arg-type]
    assert size_of(block, replace(PLAIN, text_costs=text_costs)).characters == size


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (Heading(run("a")), 1),
        (Paragraph(run("a")), 2),
        (quote("a"), 3),
        (Item(run("a")), 4),
        (Item(run("a"), button=Button("b", HELP)), 9),
        (Image("a.png", ""), 6),
        (Divider(), 7),
        (Buttons((Button("b", HELP),) * 4), 2 * 8 + 4 * 9),
        (Choice("prompt", (Option("label", HELP),)), 10),
        (Heading(run("a"), image=Image("a.png", "")), 1 + 11),
    ],
)
def test_the_parts_of_a_block(block: Block, parts: int) -> None:
    costs = PartCosts(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    assert size_of(block, replace(PLAIN, part_costs=costs)).parts == parts


def test_blocks_stay_whole_and_in_order_on_as_few_pages_as_hold_them() -> None:
    blocks = [Paragraph(run(text * 30)) for text in "あいうえお"]
    assert pages(blocks, PLAIN) == (tuple(blocks[:3]), tuple(blocks[3:]))


def test_no_blocks_give_no_page_but_one_message() -> None:
    view = View("空", ())
    assert pages((), PLAIN) == ()
    assert fit(view, PLAIN) == (view,)


def test_parts_fill_a_page_too() -> None:
    assert [len(page) for page in pages([Divider()] * 25, PLAIN)] == [10, 10, 5]


def test_each_page_leaves_room_for_what_is_around() -> None:
    around = (Heading(run("題")), Buttons((Button("次", HELP),) * 4))
    taken = [size_of(block, PLAIN) for block in around]
    spread = pages([quote("あ" * 500)], PLAIN, around)
    for page in spread:
        sizes = [*taken, *(size_of(block, PLAIN) for block in page)]
        assert sum(size.characters for size in sizes) <= PLAIN.characters
        assert sum(size.parts for size in sizes) <= PLAIN.parts
    assert len(pages([Divider()] * 25, PLAIN, around)) == 4


def test_a_quote_that_is_too_long_goes_on() -> None:
    [[first], [second], [third]] = pages([quote("あ" * 60 + "。" + "い" * 120)], SINGLE)
    assert isinstance(first, Quote)
    assert isinstance(second, Quote)
    assert isinstance(third, Quote)
    assert string(first.text) == "あ" * 60 + "。"
    assert string(second.text + third.text) == "い" * 120
    assert [(part.continues, part.cut) for part in (first, second, third)] == [
        (False, True), (True, True), (True, False)
    ]  # fmt: skip
    assert {(part.number, part.user, part.colour) for part in (first, second, third)} == {
        (1, "alice", None)
    }


def test_a_part_of_a_quote_stays_what_it_was_elsewhere() -> None:
    whole = replace(quote("あ" * 100), continues=True, cut=True)
    [[first], [last]] = pages([whole], SINGLE)
    assert isinstance(first, Quote)
    assert isinstance(last, Quote)
    assert (first.continues, first.cut, last.continues, last.cut) == (True, True, True, True)


@pytest.mark.parametrize(
    ("taken", "length", "counts"),
    [
        # Less than a third of 80, the most that a text may have, is a stub;
        (73, 60, [2, 1]),
        (74, 60, [1, 1]),
        # of what is longer only less than a tenth.
        (92, 200, [2, 2, 2]),
        (93, 200, [1, 2, 2]),
    ],
)
def test_a_text_is_not_begun_for_a_stub(taken: int, length: int, counts: list[int]) -> None:
    before = Image("a.png", "絵" * 20)
    rest = Image("b.png", "絵" * (taken - 20))
    [first, *others] = pages([before, rest, Paragraph(run("あ" * length))], PLAIN)
    assert first[:2] == (before, rest)
    assert [len(first) - 1, *(len(page) for page in others)] == counts


def test_a_quote_longer_than_a_block_fills_one_page_with_several() -> None:
    limits = replace(PLAIN, characters=1000)
    [page] = pages([quote("あ" * 200)], limits)
    assert len(page) == 3
    assert over(View("", page), limits) == []


def test_a_long_heading_is_a_bold_paragraph() -> None:
    [[heading, long]] = pages([Heading(run("題")), Heading(run("長" * 30), 2)], PLAIN)
    assert heading == Heading(run("題"))
    assert long == Paragraph((Run("長" * 30, (0, 30), bold=True),))


def test_buttons_become_rows_and_labels_are_shortened() -> None:
    labels = ["短い", "とても長いラベルなので", "👨\u200d👩\u200d👧👨\u200d👩\u200d👧", "四"]
    [rows] = pages([Buttons(tuple(Button(label, HELP) for label in labels))], PLAIN)
    found = [[button.label for button in row.buttons] for row in rows if isinstance(row, Buttons)]
    assert found == [["短い", "とても長いラベルな…", "👨\u200d👩\u200d👧…"], ["四"]]


def test_a_row_has_no_more_buttons_than_a_page_has_parts() -> None:
    limits = replace(PLAIN, parts=3, part_costs=PartCosts(button=1))
    spread = pages([Buttons((Button("a", HELP),) * 3)], limits)
    assert [len(row.buttons) for page in spread for row in page if isinstance(row, Buttons)] == [
        2, 1
    ]  # fmt: skip


def test_choices_are_divided_and_shortened() -> None:
    options = tuple(
        Option(f"選択肢{n}" * 5, Action(OpenPost(str(n))), "説明" * 9) for n in range(4)
    )
    [choices] = pages([Choice("どれにしますか？" * 3, options)], PLAIN)
    found = [choice for choice in choices if isinstance(choice, Choice)]
    assert [len(choice.options) for choice in found] == [3, 1]
    assert [option.action for choice in found for option in choice.options] == [
        option.action for option in options
    ]
    assert found[0].prompt == "どれにしますか？ど…"
    assert found[0].options[0].label == "選択肢0選択肢0選…"
    assert found[0].options[0].description == "説明説明説明説明説…"


def test_an_item_longer_than_a_page_is_shortened_with_an_ellipsis() -> None:
    item = Item(run("題" * 90), (run("一" * 90), run("二")), Button("開く", HELP), "#112233")
    [[short]] = pages([item], PLAIN)
    assert isinstance(short, Item)
    assert size_of(short, PLAIN).characters <= PLAIN.text
    assert [string(text)[-2:] for text in (short.title, *short.lines)] == ["題…", "一…", "二"]
    assert (short.button, short.colour) == (item.button, item.colour)


def test_words_for_an_image_and_names_are_shortened() -> None:
    [[image, named]] = pages([Image("a.png", "絵" * 90), quote("", "長い名前" * 9)], PLAIN)
    assert image == Image("a.png", "絵" * 79 + "…")
    assert named == quote("", "長い名前長い名前長…")


def test_an_image_beside_a_heading_outlives_it() -> None:
    image = Image("a.png", "絵")
    short, long = Heading(run("題"), image=image), Heading(run("題" * 30), image=image)
    assert pages([short], PLAIN) == ((short,),)
    bold = tuple(replace(run, bold=True) for run in long.text if isinstance(run, Run))
    assert pages([long], PLAIN) == ((image, Paragraph(bold)),)


@pytest.mark.parametrize(
    ("blocks", "around", "limits"),
    [
        ([quote("あ")], [Paragraph(run("い" * 100))], PLAIN),
        ([quote("あ")], [Divider()] * 10, PLAIN),
        ([quote("あ")], [], replace(PLAIN, text=10)),
        ([Paragraph(run("𠮷"))], [], replace(PLAIN, text=1)),
        ([Divider()], [], replace(PLAIN, part_costs=PartCosts(divider=11))),
        ([Item(run("題" * 90))], [], replace(PLAIN, text=5)),
    ],
)
def test_limits_that_hold_nothing_are_a_mistake(
    blocks: list[Block], around: list[Block], limits: Limits
) -> None:
    with pytest.raises(ValueError, match="no page can hold"):
        pages(blocks, limits, around)


def test_a_view_becomes_messages_that_each_have_its_summary() -> None:
    view = View("概要", tuple(quote("あ" * 60, number=number) for number in (1, 2, 3)))
    found = fit(view, SINGLE)
    assert len(found) == 3
    assert {message.summary for message in found} == {"概要"}
    assert tuple(block for message in found for block in message.blocks) == view.blocks


def test_every_limit_that_is_broken_is_named() -> None:
    view = View(
        "",
        (
            Heading(run("題" * 21)),
            quote("あ" * 80),
            Buttons((Button("あ" * 11, HELP),) * 4),
            Choice("あ" * 11, (Option("あ" * 11, HELP, "あ" * 11),) * 4),
            Item(run("あ"), button=Button("𠮷" * 6, HELP)),
            *[Divider()] * 5,
        ),
    )
    found = over(view, PLAIN)
    twice = "message: pressed in two places: "
    assert [fault for fault in found if fault.startswith(twice)] == [f"{twice}{HELP}"]
    found.remove(f"{twice}{HELP}")
    assert found[:7] == [
        "message: characters: 118, at most 100",
        "message: parts: 11, at most 10",
        "block 1 (Heading): characters: 21, at most 20",
        "block 2 (Quote): characters: 90, at most 80",
        "block 3 (Buttons): buttons in a row: 4, at most 3",
        *["block 3 (Buttons): label: 11, at most 10"] * 2,
    ]
    assert "block 4 (Choice): options: 4, at most 3" in found
    assert "block 4 (Choice): prompt: 11, at most 10" in found
    assert found.count("block 4 (Choice): option: 11, at most 10") == 8
    assert found[-1] == "block 5 (Item): label: 12, at most 10"
    for message in fit(view, PLAIN):
        assert all("two places" in fault for fault in over(message, PLAIN))


words = st.text(st.sampled_from("あ𠮷 a*_<\n。👩\u200d💻"), max_size=30)
texts = st.lists(
    st.builds(Run, words, bold=st.booleans(), code=st.booleans(), link=st.none() | words),
    max_size=4,
).map(tuple) | st.just((Moment(NOW),))
buttons = st.builds(Button, words, st.just(HELP))
blocks = st.one_of(
    st.builds(Heading, texts, image=st.none() | st.builds(Image, words, words)),
    st.builds(Paragraph, texts, st.booleans()),
    st.builds(Quote, st.just("p"), st.just(1), words, st.just(NOW), st.none(), texts),
    st.builds(Item, texts, st.lists(texts, max_size=2).map(tuple), st.none() | buttons),
    st.builds(Image, words, words),
    st.just(Divider()),
    st.builds(Buttons, st.lists(buttons, max_size=9).map(tuple)),
    st.builds(
        Choice,
        words,
        st.lists(st.builds(Option, words, st.just(HELP), words), max_size=4).map(tuple),
    ),
)
limits = st.sampled_from(list(LIMITS.values())) | st.builds(
    Limits,
    characters=st.integers(60, 400),
    text=st.integers(30, 200),
    heading=st.integers(1, 50),
    parts=st.integers(3, 12),
    row=st.integers(1, 6),
    label=st.integers(1, 12),
    options=st.integers(1, 4),
    option_label=st.integers(1, 12),
    threads=st.booleans(),
    part_costs=st.sampled_from([PartCosts(), ABSURD.part_costs]),
    text_costs=st.sampled_from([TextCosts(head=5), ABSURD.text_costs]),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(blocks, max_size=8).map(tuple), limits)
def test_whatever_is_fitted_breaks_no_limit_and_keeps_every_action(
    given_blocks: tuple[Block, ...], within: Limits
) -> None:
    view = View("", given_blocks)
    try:
        messages = fit(view, within)
    except ValueError:
        # A title beside a name and lines may need more than so few characters.
        assert within.text < 60
        return
    faults = [fault for message in messages for fault in over(message, within)]
    # What was twice in the view stays so.
    assert [fault for fault in faults if "two places" not in fault] == []
    actions = [action for message in messages for action in message.actions()]
    assert actions == list(view.actions())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(bodies, max_size=4).map("".join), min_size=1, max_size=5), limits)
def test_pages_put_together_are_the_bodies(given_bodies: list[str], within: Limits) -> None:
    comments = [
        Comment(number, 0, "somebody_longer", NOW, None, body)
        for number, body in enumerate(given_bodies, 1)
    ]
    spread = pages([quote_of("post", comment) for comment in comments], within)
    numbered = [(comment.number, comment.body) for comment in comments]
    assert list(differences(numbered, spread)) == []
    assert list(broken_limits(spread, within)) == []


def test_differences_and_broken_limits_would_be_seen() -> None:
    good = [quote("あ" * 50)]
    assert list(differences([(1, "あ" * 50)], [good])) == []
    assert list(differences([(1, "あ" * 51)], [good])) != []
    assert list(differences([(1, "あ" * 50), (2, "")], [good])) != []
    assert list(differences([(1, "あ" * 50)], [good, [replace(good[0], continues=True)]])) != []
    assert list(broken_limits([good], ABSURD)) != []


def test_a_quote_is_of_its_comment() -> None:
    comment = Comment(7, 2, "bob", NOW, "#45d325", "＞引用")
    assert quote_of("key", comment) == Quote(
        "key", 7, "bob", NOW, "#45d325",
        (Run("", (0, 1), quoted=True), Run("引用", (1, 3), quoted=True)),
    )  # fmt: skip
    assert quote_of("key", replace(comment, body="")).text == ()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared archive is not here")
@pytest.mark.parametrize(
    ("within", "step"), [(DISCORD_LIKE, 1), (SLACK_LIKE, 1), (ABSURD, ABSURD_STEP)]
)
def test_over_the_real_archive_pages_put_together_are_the_bodies(within: Limits, step: int) -> None:
    faults: list[str] = []
    paths = sorted(SHARED.rglob("index.md"))[::step]
    for path in paths:
        comments = read_post(path.read_bytes(), str(path)).post.comments
        spread = pages([quote_of("post", comment) for comment in comments], within)
        numbered = [(comment.number, comment.body) for comment in comments]
        faults += [f"{path}: {fault}" for fault in differences(numbered, spread)]
        faults += [f"{path}: {fault}" for fault in broken_limits(spread, within)]
    assert faults == []
    assert paths


def test_measuring_works_with_sizes() -> None:
    assert Size(3, 2) + Size(1, 1) - Size(2, 2) == Size(2, 1)


def test_a_link_that_no_page_holds_is_text_that_fits() -> None:
    link = Run("https://example.org/", (0, 20), link="https://example.org/")
    limits = replace(DISCORD_LIKE, text=43)
    assert pages([Paragraph((link,))], limits) == ((Paragraph((replace(link, link=None),)),),)
