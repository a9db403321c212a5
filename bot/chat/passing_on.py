"""Sharing and unfolding for all, by who may and where that is possible."""

from dataclasses import dataclass, replace

from bot.chat.context import Context
from bot.chat.delivery import Delivery
from bot.chat.views.delivered import note
from bot.errors import UserError
from bot.intent import Intent, Unfold
from bot.view import Action, Button, Effect, View


@dataclass(frozen=True, slots=True)
class PassingOn:
    """What is posted for others; without a `delivery` nothing can be."""

    delivery: Delivery | None

    async def share(self, intent: Intent, context: Context) -> View:
        """Post what an intent shows; returns what who asked is told. Raises UserError."""
        return await self._by(context.frame.can_share, context).share(intent, context)

    async def unfold(self, intent: Unfold, context: Context) -> View:
        """Comments go into a thread; from a private answer only when sharing was agreed to.

        Raises UserError.
        """
        delivery = self._by(context.frame.can_thread, context)
        found = await delivery.look_up(intent, context)
        if not context.is_public and found.digest is None:
            self._by(context.frame.can_share, context)
            if not intent.share:
                question = context.texts("chat.share.first")
                agreed = Action(replace(intent, share=True), Effect.THREAD)
                label = context.texts("chat.button.share_and_unfold")
                return note(question, Button(label, agreed, primary=True))
        return await delivery.unfold(found, context)

    def _by(self, possible: bool, context: Context) -> Delivery:
        """Refuse what has no button here, or not for this person; a code may be forged."""
        if not possible or self.delivery is None:
            nowhere = self.delivery is None or context.workspace is None
            raise UserError("chat.share.not_here" if nowhere else "chat.share.not_you")
        return self.delivery
