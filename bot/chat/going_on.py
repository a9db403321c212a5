"""What 「もっと」 goes on with, for each conversation."""

from cachetools import LRUCache

from bot.chat.context import Context
from bot.errors import UserError
from bot.remembering import remembered
from bot.view import Action, Effect, View


class GoingOn:
    """Remembers the next page of what somebody saw last."""

    def __init__(self) -> None:
        self._more: LRUCache[tuple[str, str, str], Action] = remembered()

    def remember(self, view: View, context: Context) -> None:
        """Note what comes after a view; nothing may."""
        conversation = (context.platform, context.target, context.person)
        self._more.pop(conversation, None)
        if view.more is not None:
            self._more[conversation] = view.more

    def action(self, context: Context) -> Action:
        """What comes next. Raises UserError where nothing does."""
        action = self._more.get((context.platform, context.target, context.person))
        if action is None:
            raise UserError("chat.no_more")
        return Action(action.intent, Effect.OPEN)
