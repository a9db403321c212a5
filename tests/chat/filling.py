"""Forms as tests see them: what they show, and what is said to what makes no sense."""

from dataclasses import replace
from typing import Any

import pytest

from bot.chat.forms import Form, FormError
from bot.intent import EditDigest, FormIntent, Intent
from bot.locales import LANGUAGES, Texts
from bot.view import Action, Effect
from tests.chat.desk import Desk
from tests.limits import ROOMY

FEW, ALL = replace(ROOMY, form_fields=5), replace(ROOMY, form_fields=20)
SET_UP = "/digest add 9:30 tags:GPU,経済 posts:3 weekdays:平日 新着なし:送らない role:42"


def names(form: Form) -> list[str]:
    return [field.spec.name for field in form.fields]


def values(form: Form) -> dict[str, str]:
    return {field.spec.name: field.value for field in form.fields}


async def refused(desk: Desk, form: Form, **filled: str) -> FormError:
    with pytest.raises(FormError) as raised:
        await desk.talk.submit(form, **filled)
    for language in LANGUAGES:
        Texts(language).of(raised.value)
    return raised.value


async def edited(desk: Desk, **filled: str) -> None:
    """Change the only digest that there is by a form."""
    form = await desk.talk.form(EditDigest((await desk.only()).id))
    await desk.talk.submit(form, **filled)


def intent_of(action: Action) -> FormIntent:
    assert action.effect is Effect.FORM
    intent: Any | Intent = action.intent
    assert isinstance(intent, FormIntent)
    return intent
