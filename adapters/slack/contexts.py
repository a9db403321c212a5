"""Who does something, and where, from what Slack says with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack.carried import carried_by
from adapters.slack.installations import key_of
from adapters.slack.limits import LIMITS
from adapters.slack.messages import key_of as outbox_key
from adapters.slack.names import NAME, Person, Reference, Target, target_of
from adapters.slack.places import Places
from adapters.slack.speech import Speech
from bot.chat.context import Context, Frame
from bot.errors import DeliveryError, StateError, TargetGone
from bot.locales import Texts

# Said by help.
_HINT = "slack.no_commands_in_threads"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody does something.

    `target` is None in App Home, which is no place of its own. Of a message that was pressed there
    is its reference; `is_private` says whether it is for this person alone, `is_ours` whether it
    stands for all who are there, so that no press may change it. `view` is the view that was used.
    """

    person: Person
    target: Target | None
    message: Reference | None = None
    is_private: bool = False
    is_ours: bool = False
    view: Json | None = None

    @property
    def is_home(self) -> bool:
        """Whether it is App Home."""
        return self.view is not None and self.view.get("type") == "home"


def workspace_of(known: Mapping[str, Any]) -> str:
    """The installation that something is told to, by what slack-bolt has found out."""
    return key_of(
        known.get("enterprise_id"), known.get("team_id"), known.get("is_enterprise_install")
    )


def of_command(body: Json, workspace: str) -> Origin:
    """Where a slash command was typed."""
    person = Person(workspace, str(body["user_id"]))
    return Origin(person, Target(workspace, str(body["channel_id"])))


def of_interaction(body: Json, workspace: str) -> Origin:
    """Where something was pressed, chosen, filled in, or taken from a menu."""
    person = Person(workspace, str(body["user"]["id"]))
    view = body.get("view")
    if view is not None:
        return Origin(person, _carried_target(view, workspace), view=view)
    channel = (body.get("channel") or {}).get("id")
    if channel is None:
        return Origin(person, None)
    container, message = body.get("container") or {}, body.get("message") or {}
    pressed = container.get("message_ts")
    thread = container.get("thread_ts") or message.get("thread_ts")
    # The first message of a thread is in the channel.
    is_first = thread == (pressed or message.get("ts"))
    target = Target(workspace, str(channel), None if is_first else thread)
    return Origin(
        person,
        target,
        None if pressed is None else target.message(str(pressed)),
        is_private=bool(container.get("is_ephemeral")),
        is_ours=outbox_key(message) is not None,
    )


def of_message(event: Json, workspace: str) -> Origin:
    """Where a message was written; the channel or conversation, also for one in a thread."""
    person = Person(workspace, str(event["user"]))
    return Origin(person, Target(workspace, str(event["channel"])))


def _carried_target(view: Json, workspace: str) -> Target | None:
    """The place where a modal was opened; what it carries may be forged or old."""
    try:
        target = target_of(carried_by(view).target)
    except TargetGone:
        return None
    return target if target.workspace == workspace else None


@dataclass(frozen=True, slots=True)
class Contexts:
    """Makes the circumstances of a request of what is known of its origin."""

    speech: Speech
    places: Places

    async def of(self, origin: Origin) -> Context:
        """The circumstances for somebody who acts. Raises DeliveryError and StateError."""
        texts = await self.speech.of(origin.person)
        target = origin.target
        if target is None:
            target = await self.places.direct(origin.person)
            frame = Frame(texts, LIMITS, is_direct=True, hint=_HINT)
        elif target.channel.startswith("D"):
            is_direct = await self._is_direct(target, origin.person)
            frame = Frame(texts, LIMITS, is_direct=is_direct, hint=_HINT)
        else:
            frame = Frame(texts, LIMITS, can_share=True, can_thread=True, hint=_HINT)
        return self._made(origin, target, frame)

    def of_all(self, origin: Origin) -> Context:
        """The circumstances of what all in a channel see answered."""
        assert origin.target is not None
        frame = Frame(self.speech.public, LIMITS, can_thread=True, hint=_HINT)
        return self._made(origin, origin.target, frame)

    def guessed(self, origin: Origin) -> Texts:
        """The language of who acts, as far as it is known already."""
        return self.speech.guessed(origin.person)

    def _made(self, origin: Origin, target: Target, frame: Frame) -> Context:
        is_direct, in_channel = frame.is_direct, not target.channel.startswith("D")
        if not in_channel:
            # What is asked in a thread there is asked in the conversation.
            target = without_thread(target)
        public = frame.texts if is_direct else self.speech.public
        is_private = origin.is_private or is_direct or origin.view is not None
        # A view is no message, but what is done there is told apart by it.
        message = origin.message
        view = origin.view if message is None and not origin.is_home else None
        reference = f"{target}/{view['id']}" if view is not None else message and str(message)
        return Context(
            platform=NAME,
            person=str(origin.person),
            target=str(target),
            frame=frame,
            public=replace(frame, texts=public, can_share=False),
            message=reference,
            may_replace=is_private and not origin.is_ours and not origin.is_home,
            is_public=message is not None and not is_private,
            workspace=target.workspace if in_channel else None,
        )

    async def _is_direct(self, target: Target, person: Person) -> bool:
        """Whether a conversation is that of a person with the bot: commands can be typed in all."""
        try:
            return await self.places.direct(person) == without_thread(target)
        except (DeliveryError, StateError):
            return True


def without_thread(target: Target) -> Target:
    """A place without the thread in it."""
    return target._replace(thread=None)
