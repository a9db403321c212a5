"""The page of one's own, the card below somebody's link, and the command for digests alone."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.chat.chat import Reply
from bot.chat.digests.desk import Desk as AnsweringDesk
from bot.chat.digests.managed import home_of
from bot.chat.forms import Form, FormError
from bot.chat.library import Library
from bot.errors import TargetGone, TryLater, UserError
from bot.intent import AddDigest, DigestSettings, EditDigest, Newest, OpenPost
from bot.locales import LANGUAGES, Texts
from bot.model import post_key
from bot.stores import Stores
from bot.view import Action, Effect, Heading, Item, Paragraph, Quote, Run, View
from storage.index.reader import IndexReader
from tests.chat.conftest import FRAME, SITE, Conversation, buttons_of, labels, of_kind
from tests.chat.desk import Desk
from tests.limits import NARROW, ROOMY

ITEM = "https://news.ycombinator.com/item?id="


async def named(target: str) -> str:
    if target == "C2":
        raise TryLater("busy")
    return f"#{target}"


async def page(desk: Desk, *, first: bool = False) -> View:
    return await desk.talk.chat.home("G1", desk.talk.context, named, first=first)


def titles(view: View) -> list[str]:
    """What the entries of a page are called."""
    items = [block for block in view.blocks if isinstance(block, Item)]
    return ["".join(run.text for run in item.title if isinstance(run, Run)) for item in items]


def words(view: View) -> str:
    found = [block for block in view.blocks if isinstance(block, Paragraph | Heading)]
    return "\n".join(
        "".join(run.text for run in block.text if isinstance(run, Run)) for block in found
    )


async def test_the_newest_posts_and_the_ways_to_others(desk: Desk) -> None:
    view = await page(desk.in_private("mia"))
    assert titles(view) == [f"GPUの話 その{number}" for number in (13, 12, 11, 10, 9)]
    actions = list(view.actions())
    assert Action(Newest(5)) in actions
    assert Action(OpenPost(post_key("gpu_13"))) in actions
    assert "はじめまして" not in words(view)
    assert "そのチャンネルで /digest と入力" in words(view)


async def test_the_first_visit_is_greeted(forms: Desk) -> None:
    view = await page(forms.in_private("mia"), first=True)
    assert "はじめまして" in words(view)
    assert labels(view)[0] == "タグ"


async def test_the_digests_that_somebody_may_manage(desk: Desk) -> None:
    await desk.say("/digest add 9:30 tags:GPU")
    desk.clock.pass_by(timedelta(minutes=1))
    await desk.as_person("mia", "C2").say("/digest add 8:00")
    await desk.as_person("zoe", "C9").say("/digest add 7:00")
    desk.clock.pass_by(timedelta(minutes=1))
    await desk.in_private("mia").say("/digest add 6:00")
    seen = titles(await page(desk.in_private("mia")))[5:]
    # A place of which nobody says what it is called has no name.
    assert seen == ["自分　毎日 6:00", "#C1　毎日 9:30　#GPU", "毎日 8:00"]
    assert titles(await page(desk.in_private("zoe")))[5:] == ["#C9　毎日 7:00"]
    assert titles(await page(desk.in_private("bob")))[5:] == []
    mine = await desk.stores.subscriptions.of_person("console", "mia")
    opened = [Action(DigestSettings(each.id)) for each in mine]
    assert set(opened) < set((await page(desk.in_private("mia"))).actions())


async def test_what_a_platform_does_not_say_is_taken_for_no(desk: Desk) -> None:
    await desk.say("/digest add 9:30")
    await desk.as_person("mia", "C2").say("/digest add 8:00")
    desk.town.failing["C1"] = TargetGone("delivery.gone", what="C1")
    assert titles(await page(desk.in_private("mia")))[5:] == ["毎日 8:00"]


async def test_many_digests_are_named_up_to_a_number(desk: Desk) -> None:
    context = desk.in_private("mia").talk.context
    kept = desk.stores.subscriptions
    await desk.say("/digest add 9:30")
    first = await desk.only()
    for number in range(24):
        place = replace(first.place, target=f"D{number}")
        desk.town.managers[place.target] = {"mia"}
        await kept.add(replace(first, id=f"x{number}", place=place), "mia", 100)
    view = await desk.talk.chat.home("G1", context, named)
    assert len(titles(view)) == 5 + 20
    assert "ほか 5 件" in words(view)


async def test_a_digest_for_a_channel_that_is_chosen_in_the_form(forms: Desk) -> None:
    private = forms.in_private("mia")
    wanted = AddDigest(elsewhere=True)
    assert Action(wanted, Effect.FORM) in list((await page(private)).actions())
    form = await private.talk.form(wanted)
    first = form.fields[0]
    assert (first.spec.name, first.required, first.hint) == ("target", True, "届け先のチャンネル")
    # Nothing is to be typed twice, and nothing set up where it is not allowed.
    for target, reason in (("", "digest.no_channel"), ("C9", "digest.not_manager")):
        with pytest.raises(FormError) as raised:
            await private.talk.submit(form, target=target, time="8:00")
        assert raised.value.key == reason
        assert raised.value.again.intent == replace(wanted, target=target or "", time="8:00")
    assert await forms.stores.subscriptions.every() == []
    await private.talk.submit(form, target="C2", time="8:00")
    kept = await forms.only()
    assert (kept.place.target, kept.place.workspace, kept.personal) == ("C2", "G1", False)


async def test_a_page_without_the_state(talk: Conversation, desk: Desk) -> None:
    view = await talk.chat.home("G1", talk.context, named)
    assert "読み込めません" in words(view)
    assert len(titles(view)) == 5


async def test_a_page_does_not_wait_for_ever(desk: Desk, reader: IndexReader) -> None:
    async def get_stores() -> Stores:
        return desk.stores

    library, context = Library(reader, SITE, Random(1)), desk.talk.context
    behind = AnsweringDesk(library, {context.platform: desk.town}, get_stores, desk.clock)
    await desk.say("/digest add 9:30")
    home = await home_of(behind, "G1", context, named, first=False, patience=0.0)
    assert home.digests is None
    home = await home_of(behind, "G1", context, named, first=False)
    assert home.digests == [await desk.only()]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_keeps_the_limits(desk: Desk, language: str) -> None:
    await desk.say("/digest add 9:30 tags:GPU,経済,AI")
    small = desk.in_private("mia")
    small.talk.framed(limits=NARROW, texts=Texts(language))
    assert titles(await page(small))[-1].startswith("#C1")


async def test_a_card_of_a_post(talk: Conversation) -> None:
    for link in (f"{ITEM}100", f"<{ITEM}100>", f"{SITE}posts/gpu_00/", f"{ITEM}100#1"):
        view = await talk.chat.card(link, FRAME)
        assert view is not None
        assert (view.summary, titles(view)) == ("GPUの話 その0", ["GPUの話 その0"])
        (quote,) = of_kind(view, Quote)
        assert isinstance(quote, Quote)
        (button,) = buttons_of(view)
        assert button.action == Action(OpenPost(post_key("gpu_00")), Effect.OPEN)


async def test_a_card_of_two_posts_about_one_discussion(talk: Conversation) -> None:
    view = await talk.chat.card(f"{ITEM}55", FRAME)
    assert view is not None
    assert sorted(titles(view)) == ["同じ議論", "同じ議論2"]


@pytest.mark.parametrize(
    "link",
    [
        f"{ITEM}56",  # a draft
        f"{ITEM}424242",
        f"{SITE}posts/nothing/",
        SITE,
        "https://elsewhere.example/posts/gpu_00/",
        "gpu",
        "",
        "x" * 5000,
    ],
)
async def test_no_card_of_what_is_not_there(talk: Conversation, link: str) -> None:
    assert await talk.chat.card(link, FRAME) is None


async def test_a_card_has_nothing_to_share(talk: Conversation) -> None:
    frame = replace(FRAME, limits=replace(ROOMY, parts=4))
    view = await talk.chat.card(f"{ITEM}55", frame)
    assert view is not None
    assert {action.effect for action in view.actions()} == {Effect.OPEN}


async def test_the_command_for_digests_alone(forms: Desk) -> None:
    async def commanded(desk: Desk, text: str) -> Reply | Form:
        return await desk.talk.chat.commanded(text, desk.talk.context)

    found = await commanded(forms, "digest")
    assert isinstance(found, Form)
    assert found.action == Action(AddDigest(), Effect.FORM)
    personal = await commanded(forms.in_private("mia"), "digest")
    assert isinstance(personal, Form)
    assert personal.action == Action(AddDigest(personal=True), Effect.FORM)
    await forms.say("/digest add 9:30")
    only = await commanded(forms, " Digest ")
    assert isinstance(only, Reply)
    assert only.view.summary == "毎日 9:30"
    edited = await commanded(forms, "digest edit")
    assert isinstance(edited, Form)
    assert edited.action == Action(EditDigest((await forms.only()).id), Effect.FORM)
    forms.clock.pass_by(timedelta(minutes=1))
    await forms.say("/digest add 8:00")
    listed = await commanded(forms, "digest")
    assert isinstance(listed, Reply)
    assert titles(listed.view) == ["毎日 9:30", "毎日 8:00"]
    # Whatever else is typed is answered as it is everywhere.
    searched = await commanded(forms, "gpu")
    assert isinstance(searched, Reply)
    assert searched.view == (await forms.talk.chat.typed("gpu", forms.talk.context)).view


async def test_who_may_not_manage_a_place_sets_nothing_up_there(forms: Desk) -> None:
    bob = forms.as_person("bob")
    with pytest.raises(UserError) as raised:
        await bob.talk.chat.commanded("digest", bob.talk.context)
    assert raised.value.key == "digest.not_manager"


async def test_without_forms_the_command_for_digests_lists_them(desk: Desk) -> None:
    found = await desk.talk.chat.commanded("digest", desk.talk.context)
    assert isinstance(found, Reply)
    assert found.view.summary == "まだ配信はありません。"
