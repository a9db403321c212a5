"""Modals: opening them in time, and answers in them for who asks in App Home or in a modal."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.errors import SlackApiError
from structlog.stdlib import get_logger

from adapters.slack.carried import Carried
from adapters.slack.contexts import Json
from adapters.slack.failing import asked, word_of
from adapters.slack.means import Means
from adapters.slack.names import Person
from adapters.slack.render import Rendered
from adapters.slack.validate import view_findings
from adapters.slack.workspaces import Member
from bot.chat.guard import Guard
from bot.locales import Texts

# The callback_id of a modal that shows an answer, and has nothing to submit.
ANSWER = "answer"
_NAME = "matome"
# Slack's words for a trigger that is over or was used.
_OVER = frozenset(
    {
        "exchanged_trigger_id",
        "expired_trigger_id",
        "invalid_trigger_id",
        "trigger_exchanged",
        "trigger_expired",
    }
)
_CLOSED = frozenset({"not_found", "view_not_found"})

_log = get_logger(__name__)


class TooLateError(Exception):
    """A modal can be opened only once and within three seconds."""


async def opened(member: Member, trigger: str, view: Json) -> str:
    """Open a modal in front of everything; its id. Raises TooLateError and DeliveryError."""
    return await _shown(member.client.views_open(trigger_id=trigger, view=dict(view)))


@dataclass(slots=True)
class Modal:
    """Answers for who pressed something in a `view`: in its place, or in a modal on top.

    `target` is the place that a modal carries on, "" for none. What `replaces` the view, most
    likely, need not be opened in time.
    """

    means: Means
    guard: Guard
    person: Person
    target: str
    trigger: str
    view: Json
    replaces: bool
    _promised: str | None = field(default=None, init=False)

    async def wait(self, texts: Texts) -> None:
        """Open a modal that the answer takes the place of, as long as one can be opened."""
        if not self.replaces:
            self._promised = await self._on_top([thinking(texts)], texts)

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Show the answer. Raises TooLateError where App Home has waited for too long."""
        changed = str(self.view["id"]) if replaces else self._promised
        if changed is None:
            await self._on_top(rendered.blocks, texts)
        else:
            await self._change(changed, rendered.blocks, texts)

    async def open(self, dialog: Json) -> None:
        """Open a dialog on top, or in the place of the last modal that there can be."""
        if self._promised is not None:
            await self._changed(self._promised, dialog)
        elif self._is_highest:
            await self._changed(str(self.view["id"]), dialog)
        else:
            await self._put(dialog)

    async def ignore(self) -> None:
        """Show nothing."""

    @property
    def _is_home(self) -> bool:
        return bool(self.view["type"] == "home")

    @property
    def _is_highest(self) -> bool:
        """Whether it is the third, on which none can lie: not the first, nor one on that."""
        first = self.view.get("root_view_id")
        lower = (first, None)
        return (
            not self._is_home
            and self.view["id"] != first
            and (self.view.get("previous_view_id") not in lower)
        )

    async def _on_top(self, blocks: Sequence[Json], texts: Texts) -> str:
        view = self._made(blocks, texts)
        if not self._is_highest:
            try:
                return await self._put(view)
            except TooLateError:
                if self._is_home:
                    raise
        place = str(self.view["id"])
        await self._changed(place, view)
        return place

    async def _put(self, view: Json) -> str:
        self.guard.check(view, view_findings)
        member = await self.means.member(self.person)
        if self._is_home:
            return await opened(member, self.trigger, view)
        return await _shown(member.client.views_push(trigger_id=self.trigger, view=dict(view)))

    async def _change(self, place: str, blocks: Sequence[Json], texts: Texts) -> None:
        await self._changed(place, self._made(blocks, texts))

    async def _changed(self, place: str, view: Json) -> None:
        self.guard.check(view, view_findings)
        member = await self.means.member(self.person)
        try:
            await self.means.insisting(
                lambda: member.client.views_update(view_id=place, view=dict(view)), place
            )
        except SlackApiError as error:
            if word_of(error) not in _CLOSED:
                raise
            # Whoever asked has closed it meanwhile.
            _log.debug("a modal is not there any more")

    def _made(self, blocks: Sequence[Json], texts: Texts) -> Json:
        return answer_modal(blocks, self.target, texts)


def answer_modal(blocks: Sequence[Json], target: str, texts: Texts) -> Json:
    """An answer as a modal that carries where it was asked for, "" for nowhere."""
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "title": _plain(_NAME),
        "close": _plain(texts("slack.close")),
        "private_metadata": Carried(target).written(),
        "blocks": [*blocks],
    }


def thinking(texts: Texts) -> Json:
    """A block that stands where an answer comes."""
    return {"type": "section", "text": _plain(texts("slack.thinking"))}


async def _shown(request: Awaitable[Any]) -> str:
    """The id of a modal that is opened. Raises TooLateError and DeliveryError."""
    try:
        made = await asked(request, "a modal")
    except SlackApiError as error:
        if word_of(error) in _OVER:
            raise TooLateError from error
        raise
    return str(made["view"]["id"])


def _plain(words: str) -> Json:
    return {"type": "plain_text", "text": words, "emoji": False}
