"""Where answers go: beside what was pressed or in its place, for the person alone or for all."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from structlog.stdlib import get_logger

from adapters.slack.contexts import Json
from adapters.slack.failing import asked
from adapters.slack.means import Means
from adapters.slack.messages import answer_key_of, answer_metadata
from adapters.slack.modals import opened
from adapters.slack.names import Person, Target
from adapters.slack.render import Rendered
from adapters.slack.workspaces import Member
from bot.errors import DeliveryError, Forbidden, TargetGone
from bot.locales import Texts

_log = get_logger(__name__)

# Acknowledges a command, with what is seen at once.
Ack = Callable[[str], Awaitable[Any]]


class Surface(Protocol):
    """Where the answer to one thing that somebody did is shown.

    Raises DeliveryError, and what the library raises where Slack refuses what is shown.
    """

    async def wait(self, texts: Texts) -> None:
        """Let somebody see that the answer takes a while."""
        ...

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Show the answer: in the place of what was pressed where it `replaces` that."""
        ...

    async def open(self, dialog: Json) -> None:
        """Open a dialog. Raises TooLateError where it is too late for one."""
        ...

    async def ignore(self) -> None:
        """Nothing follows: it is answered already."""
        ...


@dataclass(slots=True)
class Beside:
    """Answers that the person alone sees, for as long as they do not reload their Slack.

    What a `response_url` does not take is said by a request of its own, as far as the bot may speak
    there. `acknowledge` is for commands, which are told by it that the answer takes a while.
    """

    means: Means
    person: Person
    target: Target
    url: str
    trigger: str
    acknowledge: Ack | None = None
    _is_acknowledged: bool = field(default=False, init=False)
    _promised: Texts | None = field(default=None, init=False)

    async def wait(self, texts: Texts) -> None:
        """Show words in the place of the answer to a command; what was pressed stays as it is."""
        if self.acknowledge is not None and not self._is_acknowledged:
            self._promised = texts
        await self._acknowledged(texts("slack.thinking"))

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Show the answer."""
        # Words that stand for the answer to a command are taken away by it.
        in_place = replaces or self._promised is not None
        await self._acknowledged("")
        body = {
            **rendered.arguments(),
            "response_type": "ephemeral",
            "replace_original": in_place,
        }
        if self.target.thread is not None and not in_place:
            body["thread_ts"] = self.target.thread
        if not await self.means.respond(self.url, body):
            await self._anew(rendered)

    async def open(self, dialog: Json) -> None:
        """Open a dialog in front of the channel."""
        await self._acknowledged("")
        await opened(await self.means.member(self.person), self.trigger, dialog)
        if self._promised is not None:
            words = self._promised("slack.opened")
            body = {"text": words, "response_type": "ephemeral", "replace_original": True}
            await self.means.respond(self.url, body)

    async def ignore(self) -> None:
        """Show nothing."""
        await self._acknowledged("")

    async def _acknowledged(self, words: str) -> None:
        if self.acknowledge is not None and not self._is_acknowledged:
            self._is_acknowledged = True
            await self.acknowledge(words)

    async def _anew(self, rendered: Rendered) -> None:
        member = await self.means.member(self.person)
        arguments = {
            **rendered.arguments(),
            "channel": self.target.channel,
            "user": self.person.user,
            "thread_ts": self.target.thread,
        }
        await self.means.insisting(
            lambda: member.client.chat_postEphemeral(**arguments), str(self.target)
        )


@dataclass(slots=True)
class Conversation:
    """Messages of a conversation, of which those that are pressed there change in place.

    `since` is the ts of what somebody did, `pressed` that of the message that was pressed, None
    where something was written.
    """

    means: Means
    person: Person
    target: Target
    since: str
    pressed: str | None = None
    trigger: str = ""
    _promised: str | None = field(default=None, init=False)

    async def wait(self, texts: Texts) -> None:
        """Say something that the answer takes the place of."""
        if self.pressed is None:
            said = Rendered([], texts("slack.thinking"))
            self._promised = await self._say(said)

    async def show(self, rendered: Rendered, texts: Texts, *, replaces: bool) -> None:
        """Say the answer."""
        changed = self.pressed if replaces else self._promised
        if changed is not None:
            try:
                await self._change(changed, rendered)
                return
            except (TargetGone, Forbidden) as error:
                # It was deleted, or is too old to be changed.
                _log.info("a message could not be changed", cause=error)
        await self._say(rendered)

    async def open(self, dialog: Json) -> None:
        """Open a dialog in front of the conversation."""
        await opened(await self.means.member(self.person), self.trigger, dialog)

    async def ignore(self) -> None:
        """Say nothing."""

    async def _say(self, rendered: Rendered) -> str:
        """Say something once, also where Slack's answer is lost; the ts of the message."""
        member, key = await self.means.member(self.person), secrets.token_urlsafe(12)
        arguments: dict[str, Any] = {**rendered.arguments(), "metadata": answer_metadata(key)}

        async def say() -> str:
            sent = await member.client.chat_postMessage(
                channel=self.target.channel, thread_ts=self.target.thread, **arguments
            )
            return str(sent["ts"])

        return await self.means.insisting(say, str(self.target), lambda: self._arrived(member, key))

    async def _arrived(self, member: Member, key: str) -> str | None:
        """The message with a key among those that have come since, as far as they may be read."""
        client, channel, thread = member.client, self.target.channel, self.target.thread
        wanted: dict[str, Any] = {"oldest": self.since, "include_all_metadata": True}
        if thread is None:
            request = client.conversations_history(channel=channel, **wanted)
        else:
            request = client.conversations_replies(channel=channel, ts=thread, **wanted)
        try:
            found = await asked(request, channel)
        except DeliveryError as error:
            _log.info("it cannot be seen whether an answer arrived", cause=error)
            return None
        said = (one for one in found["messages"] if answer_key_of(one) == key)
        return next((str(one["ts"]) for one in said), None)

    async def _change(self, ts: str, rendered: Rendered) -> None:
        member = await self.means.member(self.person)
        await self.means.insisting(
            lambda: member.client.chat_update(
                channel=self.target.channel, ts=ts, text=rendered.text, blocks=rendered.blocks
            ),
            str(self.target),
        )
