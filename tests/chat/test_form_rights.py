"""Who may open a form and submit one, and what is no form of ours."""

from dataclasses import replace
from datetime import time

import pytest

from bot.chat.floods import Floods
from bot.errors import TargetGone, UserError
from bot.intent import AddDigest, EditDigest
from bot.intent import Search as Searching
from bot.view import Action, Effect
from storage.index.reader import IndexReader
from tests.chat.conftest import Conversation, make_chat
from tests.chat.desk import Desk
from tests.chat.filling import FEW, SET_UP, names, refused


async def test_only_managers_may_open_a_form_or_submit_one(forms: Desk) -> None:
    await forms.say(SET_UP)
    before = await forms.only()
    form = await forms.talk.form(EditDigest(before.id))
    adding = await forms.talk.form(AddDigest())
    bob = forms.as_person("bob")
    for intent in (EditDigest(before.id), AddDigest()):
        with pytest.raises(UserError, match=r"digest\.not_manager"):
            await bob.talk.form(intent)
    for opened in (form, adding):
        assert (await refused(bob, opened, posts="9")).key == "digest.not_manager"
    # The right may have been lost since the form was opened.
    forms.town.managers["C1"].clear()
    assert (await refused(forms, form, posts="9")).key == "digest.not_manager"
    assert await forms.only() == before


async def test_a_form_of_another_place_is_not_there(forms: Desk) -> None:
    await forms.say(SET_UP)
    zoe = forms.as_person("zoe", "C9")
    with pytest.raises(UserError, match=r"digest\.not_found"):
        await zoe.talk.form(EditDigest((await forms.only()).id))
    with pytest.raises(UserError, match=r"digest\.not_manager"):
        await zoe.talk.form(AddDigest(target="C1"))
    forms.town.failing["C1"] = TargetGone("delivery.gone", what="C1")
    with pytest.raises(UserError, match=r"digest\.place_gone"):
        await forms.talk.form(AddDigest())


async def test_in_direct_messages_nothing_is_asked_about_channels(forms: Desk) -> None:
    bob = forms.in_private("bob")
    form = await bob.talk.form(AddDigest())
    assert not {"role", "publish", "target"} & set(names(form))
    await bob.talk.submit(form, time="8:00")
    kept = await forms.only()
    assert (kept.personal, kept.times.at) == (True, time(8))
    assert not {"role", "publish"} & set(names(await bob.talk.form(EditDigest(kept.id))))
    bob.talk.framed(limits=FEW)
    others = await bob.talk.form(EditDigest(kept.id, part=1))
    assert names(others) == ["zone", "quiet_day", "language"]


@pytest.mark.parametrize(
    ("key", "error"),
    [("colour:AAAAAA", "code.other_version"), ("", "code.other_version")],
)
async def test_fields_of_another_form_are_refused(forms: Desk, key: str, error: str) -> None:
    form = await forms.talk.form(AddDigest())
    with pytest.raises(UserError, match=error.replace(".", r"\.")):
        await forms.talk.chat.submitted(form.code, {key: "x"}, forms.talk.context)
    assert not await forms.stores.subscriptions.every()


async def test_which_digest_is_meant_cannot_be_filled_in(forms: Desk) -> None:
    await forms.say(SET_UP)
    form = await forms.talk.form(EditDigest((await forms.only()).id))
    with pytest.raises(UserError, match=r"code\.other_version"):
        await forms.talk.chat.submitted(form.code, {"subscription:x": "y"}, forms.talk.context)


@pytest.mark.parametrize("effect", [Effect.REPLACE, Effect.OPEN, Effect.SHARE])
async def test_the_code_of_a_button_is_none_of_a_form(forms: Desk, effect: Effect) -> None:
    action = Action(AddDigest(), effect)
    codes = await forms.talk.chat.codes_of([action])
    with pytest.raises(UserError, match=r"code\.damaged"):
        await forms.talk.chat.submitted(codes[action], {}, forms.talk.context)
    with pytest.raises(UserError, match=r"code\.damaged"):
        await forms.talk.chat.submitted("", {}, forms.talk.context)
    assert not await forms.stores.subscriptions.every()


async def test_forms_count_as_requests(reader: IndexReader, talk: Conversation) -> None:
    chat = make_chat(reader, talk.codes, floods=Floods(requests=2))
    talk = replace(talk, chat=chat)
    talk.framed(limits=FEW)
    form = await talk.form(Searching(""))
    await talk.submit(form, query="gpu")
    with pytest.raises(UserError, match=r"chat\.flood"):
        await talk.submit(form, query="gpu")
    with pytest.raises(UserError, match=r"chat\.flood"):
        await talk.form(Searching(""))
