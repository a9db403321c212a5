"""The chat: what people type and press goes in, what they get comes out; the same everywhere."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from structlog.stdlib import get_logger

from bot.chat.codes import Codes, is_code
from bot.chat.completing import Completing, complete_line, complete_value, option_at
from bot.chat.compose import compose
from bot.chat.context import Context, Frame
from bot.chat.delivery import Delivery
from bot.chat.digests.answers import answer
from bot.chat.digests.desk import Desk
from bot.chat.digests.filling import set_now
from bot.chat.digests.looking import alone, offered
from bot.chat.digests.managed import Naming, home_of
from bot.chat.digests.wishes import errors_in
from bot.chat.floods import Floods
from bot.chat.forms import (
    Form,
    FormError,
    faults_in,
    form_of,
    too_long,
    typed_in,
    without_forms,
)
from bot.chat.going_on import GoingOn
from bot.chat.library import Library
from bot.chat.lines import intended, is_of_digests_alone
from bot.chat.measuring import COMPLETION, HOME, Asking, Measuring
from bot.chat.passing_on import PassingOn
from bot.chat.typed import Completion, understand
from bot.chat.unfolding import thread_views
from bot.chat.views.card import card
from bot.chat.views.home import Home, home_view
from bot.digest.offer import Offer
from bot.errors import UserError
from bot.intent import (
    AddDigest,
    DigestIntent,
    EditDigest,
    FormIntent,
    Intent,
    ReadDigest,
    Search,
    Unfold,
)
from bot.meter import NO_METER, Meter
from bot.subscription import Subscription
from bot.typed_words import note_typed, texts_in
from bot.view import Action, Effect, View

_log = get_logger(__name__)

# Answers that are made at a time. Were all of them, each step of one would wait for all others.
AT_A_TIME = 4


@dataclass(frozen=True, slots=True)
class Clocks:
    """The time of day (UTC), and a clock in seconds that never goes back."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and whether it takes the place of the one that was pressed or is a new one.

    Both are for the person who asked alone; what others see has been posted already.
    """

    view: View
    effect: Effect


class Chat:
    """Answers everything that people type and press."""

    def __init__(
        self,
        library: Library,
        codes: Codes,
        clocks: Clocks,
        floods: Floods | None = None,
        delivery: Delivery | None = None,
        desk: Desk | None = None,
        meter: Meter = NO_METER,
    ) -> None:
        self._library = library
        self._codes = codes
        self._clocks = clocks
        self._floods = floods or Floods()
        self._passing_on = PassingOn(delivery)
        self._desk = desk
        self._going_on = GoingOn()
        self._measuring = Measuring(meter, clocks.monotonic)
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def typed(self, text: str, context: Context) -> Reply:
        """The answer to a command's query, a message or a mention. Raises UserError."""
        with self._measuring.of(context.platform) as asking:
            self._hear(context, text)
            return await self._answer(intended(text), context, asking)

    async def commanded(self, text: str, context: Context) -> Reply | Form:
        """As `typed`, where forms can be opened. Raises UserError.

        Who says nothing but that it is about digests gets the form for the first one of a place.
        """
        with self._measuring.of(context.platform) as asking:
            self._hear(context, text)
            intent = intended(text)
            if is_of_digests_alone(text):
                here = await alone(self._digests(), context)
                if not isinstance(here, AddDigest):
                    return await self._answer(here, context, asking)
                if context.frame.limits.form_fields:
                    return await self._form(here, context, asking)
            return await self._asked(intent, context, asking)

    async def pressed(self, code: str, context: Context) -> Reply | Form:
        """The answer to a button or a choice. Raises UserError."""
        with self._measuring.of(context.platform) as asking:
            self._hear(context)
            action = await self._codes.decode(code, self._clocks.now())
            note_typed(*texts_in(action.intent))
            if action.effect is Effect.FORM:
                return await self._form(action.intent, context, asking)
            return await self._act(action, context, asking)

    async def submitted(self, code: str, values: Mapping[str, str], context: Context) -> Reply:
        """The answer to a form that was filled in; `values` by the keys of its fields.

        Raises FormError for what leads to nothing, so that nobody has to type it twice.
        """
        with self._measuring.of(context.platform) as asking:
            self._hear(context, *values.values())
            return await self._submitted(code, values, context, asking)

    async def _submitted(
        self, code: str, values: Mapping[str, str], context: Context, asking: Asking
    ) -> Reply:
        action = await self._codes.decode(code, self._clocks.now())
        if action.effect is not Effect.FORM or not isinstance(action.intent, FormIntent):
            raise UserError("code.damaged")
        asking.about(action.intent)
        typed = typed_in(action.intent, values)
        again = Action(typed, Effect.FORM)
        errors = too_long(typed) or await self._errors_in(typed)
        if errors:
            faults = faults_in(typed, values, errors, context.texts)
            raise FormError(again, UserError("form.faults"), tuple(faults))
        try:
            intent = understand(typed.query) if isinstance(typed, Search) else typed
            reply = await self._answer(intent, context, asking)
        except UserError as error:
            raise FormError(again, error) from error
        replaces = context.may_replace and context.message is not None
        return replace(reply, effect=Effect.REPLACE) if replaces else reply

    async def form(self, intent: Intent, context: Context) -> Form:
        """The form that asks for an intent. Raises UserError for who may not do it."""
        with self._measuring.of(context.platform) as asking:
            return await self._form(intent, context, asking)

    async def _form(self, intent: Intent, context: Context, asking: Asking) -> Form:
        asking.about(intent)
        assert isinstance(intent, FormIntent)
        if not context.frame.limits.form_fields:
            raise without_forms(intent)
        now: Mapping[str, str] = {"query": ""}
        if not isinstance(intent, Search):
            intent, now = await set_now(self._digests(), intent, context)
        action = Action(intent, Effect.FORM)
        code = (await self.codes_of([action]))[action]
        return form_of(intent, code, now, context.frame)

    async def codes_of(self, actions: Iterable[Action]) -> Mapping[Action, str]:
        """The codes of actions."""
        return await self._codes.encode(actions, self._clocks.now())

    async def asked(self, intent: Intent | None, context: Context) -> Reply | Form:
        """The answer to a command's intent, None for going on. Raises UserError.

        Who wants to change a digest but does not say what is asked by a form, where there are any.
        """
        with self._measuring.of(context.platform) as asking:
            self._hear(context, *texts_in(intent))
            return await self._asked(intent, context, asking)

    async def _asked(self, intent: Intent | None, context: Context, asking: Asking) -> Reply | Form:
        is_open = isinstance(intent, EditDigest) and intent == EditDigest(intent.subscription)
        if intent is not None and is_open and context.frame.limits.form_fields:
            return await self._form(intent, context, asking)
        return await self._answer(intent, context, asking)

    async def compose(self, intent: Intent, frame: Frame) -> View:
        """What an intent shows to anybody. Raises UserError."""
        async with self._turns:
            return await compose(self._library, intent, frame)

    async def card(self, link: str, frame: Frame) -> View | None:
        """What an address is about, to stand below a message; None where nothing is there."""
        return await card(self._library, link, frame)

    async def home(
        self, workspace: str | None, context: Context, named: Naming, *, first: bool = False
    ) -> View:
        """Somebody's own page, on which the `first` visit is greeted.

        `named` says what a place is called, and may raise DeliveryError.
        """
        with self._measuring.of(context.platform, HOME):
            home = Home(None, first=first)
            if self._desk is not None:
                home = await home_of(self._desk, workspace, context, named, first=first)
            return await home_view(self._library, home, context.frame)

    async def meant(self, text: str, context: Context) -> Action:
        """What a line or a button's code stands for. Raises UserError."""
        if is_code(text):
            return await self._codes.decode(text, self._clocks.now())
        return self._action(intended(text), context)

    async def posted(self, action: Action, context: Context) -> Sequence[View]:
        """What others would see once it is shared or unfolded; nothing is. Raises UserError."""
        if action.effect is Effect.SHARE:
            return [await self.compose(action.intent, context.public)]
        assert isinstance(action.intent, Unfold)
        return await thread_views(self._library, action.intent, context.public)

    async def answer(self, intent: Intent, context: Context) -> View:
        """What an intent gives who asks: what it shows, or what came of it. Raises UserError."""
        if not isinstance(intent, DigestIntent | ReadDigest):
            return await self.compose(intent, context.frame)
        return await answer(self._digests(), intent, context)

    async def complete(self, text: str, context: Context) -> Sequence[Completion]:
        """What a line that is being typed may become, best first."""
        note_typed(text)
        return await complete_line(self._completing(context), text)

    async def complete_option(
        self, path: Sequence[str], option: str, text: str, context: Context
    ) -> Sequence[Offer]:
        """What the value of a command's option may become, such as of ("digest", "add").

        At most 25, the likeliest first; none for an option that there is not.
        """
        note_typed(text)
        known = option_at(path, option)
        if known is None:
            return ()
        with self._measuring.of(context.platform, COMPLETION):
            return await complete_value(self._completing(context), known, text)

    def _completing(self, context: Context) -> Completing:
        async def digests() -> Sequence[tuple[Subscription, str]]:
            return () if self._desk is None else await offered(self._desk, context)

        return Completing(self._library, context.texts, self._clocks.now(), digests)

    async def _errors_in(self, typed: FormIntent) -> Mapping[str, UserError]:
        """What of a form cannot be understood, by the names of the options."""
        return {} if isinstance(typed, Search) else await errors_in(typed, self._library)

    def _digests(self) -> Desk:
        if self._desk is None:
            raise UserError("digest.no_state")
        return self._desk

    async def _answer(self, intent: Intent | None, context: Context, asking: Asking) -> Reply:
        return await self._act(self._action(intent, context), context, asking)

    def _action(self, intent: Intent | None, context: Context) -> Action:
        return self._going_on.action(context) if intent is None else Action(intent, Effect.OPEN)

    def _hear(self, context: Context, *typed: str) -> None:
        """Take in what somebody typed. Raises UserError for who asks too much at once."""
        note_typed(*typed)
        _log.debug("somebody asks", platform=context.platform, typed=typed)
        self._floods.check(f"{context.platform}:{context.person}", self._clocks.monotonic())

    async def _act(self, action: Action, context: Context, asking: Asking) -> Reply:
        asking.about(action.intent)
        match action.effect:
            case Effect.SHARE:
                return Reply(await self._passing_on.share(action.intent, context), Effect.OPEN)
            case Effect.THREAD:
                assert isinstance(action.intent, Unfold)
                return Reply(await self._passing_on.unfold(action.intent, context), Effect.OPEN)
            case _:
                view = await self.answer(action.intent, context)
                self._going_on.remember(view, context)
                replaces = action.effect is Effect.REPLACE and context.may_replace
                return Reply(view, Effect.REPLACE if replaces else Effect.OPEN)
