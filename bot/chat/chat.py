"""The chat: what people type and press goes in, what they get comes out; the same everywhere."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.chat.codes import Codes
from bot.chat.compose import compose
from bot.chat.context import Context, Frame
from bot.chat.delivery import DirectDelivery
from bot.chat.floods import Floods
from bot.chat.library import Library
from bot.chat.lines import intended
from bot.chat.typed import Completion, complete
from bot.chat.views.comments import unfolded
from bot.chat.views.parts import plain
from bot.errors import UserError
from bot.intent import Intent, Unfold
from bot.ports import Platform
from bot.view import Action, Button, Buttons, Effect, Paragraph, View

# Conversations of which is known what 「もっと」 goes on with.
REMEMBERED = 10_000


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
        platforms: Mapping[str, Platform],
        floods: Floods | None = None,
    ) -> None:
        self._library = library
        self._codes = codes
        self._clocks = clocks
        self._floods = floods or Floods()
        self._delivery = DirectDelivery(library, platforms, self.compose, self.codes_of, clocks.now)
        self._more: OrderedDict[tuple[str, str, str], Action] = OrderedDict()

    async def typed(self, text: str, context: Context) -> Reply:
        """The answer to a command's query, a message or a mention. Raises UserError."""
        self._check_flood(context)
        return await self._answer(intended(text), context)

    async def pressed(self, code: str, context: Context) -> Reply:
        """The answer to a button or a choice. Raises UserError."""
        self._check_flood(context)
        return await self._act(await self._codes.decode(code, self._clocks.now()), context)

    async def codes_of(self, actions: Iterable[Action]) -> Mapping[Action, str]:
        """The codes of actions, such as all that a view has."""
        return await self._codes.encode(actions, self._clocks.now())

    async def asked(self, intent: Intent | None, context: Context) -> Reply:
        """The answer to a command's intent, None for going on. Raises UserError."""
        self._check_flood(context)
        return await self._answer(intent, context)

    async def compose(self, intent: Intent, frame: Frame) -> View:
        """What an intent shows. Raises UserError."""
        return await compose(self._library, intent, frame)

    async def complete(self, text: str, context: Context) -> Sequence[Completion]:
        """What a query that is being typed may become, best first."""
        return await complete(self._library, text, context.texts)

    async def _answer(self, intent: Intent | None, context: Context) -> Reply:
        action = self._going_on(context) if intent is None else Action(intent, Effect.OPEN)
        return await self._act(action, context)

    def _check_flood(self, context: Context) -> None:
        self._floods.check(f"{context.platform}:{context.person}", self._clocks.monotonic())

    async def _act(self, action: Action, context: Context) -> Reply:
        match action.effect:
            case Effect.SHARE:
                _check_possible(context.frame.can_share)
                await self._delivery.share(action.intent, context)
                return Reply(_note(context.texts("chat.share.done")), Effect.OPEN)
            case Effect.THREAD:
                assert isinstance(action.intent, Unfold)
                return await self._unfold(action.intent, context)
            case _:
                view = await self.compose(action.intent, context.frame)
                self._remember(view, context)
                replaces = action.effect is Effect.REPLACE and context.may_replace
                return Reply(view, Effect.REPLACE if replaces else Effect.OPEN)

    async def _unfold(self, intent: Unfold, context: Context) -> Reply:
        """Comments go into a thread; from a private answer only when sharing was agreed to."""
        _check_possible(context.frame.can_thread)
        _check_possible(context.is_public or context.frame.can_share)
        texts = context.texts
        if not context.is_public and not intent.share:
            # Rather told now than after somebody has agreed.
            await unfolded(self._library, intent)
            agreed = Action(replace(intent, share=True), Effect.THREAD)
            question = texts("chat.share.first")
            ask = Buttons((Button(texts("chat.button.share_and_unfold"), agreed, primary=True),))
            return Reply(View(question, (Paragraph(plain(question)), ask)), Effect.OPEN)
        await self._delivery.unfold(intent, context)
        return Reply(_note(texts("chat.share.unfolded")), Effect.OPEN)

    def _remember(self, view: View, context: Context) -> None:
        """What 「もっと」 goes on with in this conversation."""
        conversation = (context.platform, context.target, context.person)
        self._more.pop(conversation, None)
        if view.more is not None:
            self._more[conversation] = view.more
        if len(self._more) > REMEMBERED:
            self._more.popitem(last=False)

    def _going_on(self, context: Context) -> Action:
        action = self._more.get((context.platform, context.target, context.person))
        if action is None:
            raise UserError("chat.no_more")
        return Action(action.intent, Effect.OPEN)


def _check_possible(possible: bool) -> None:
    """Refuse what has no button here; a code may be forged, or from elsewhere."""
    if not possible:
        raise UserError("chat.share.not_here")


def _note(text: str) -> View:
    return View(text, (Paragraph(plain(text)),))
