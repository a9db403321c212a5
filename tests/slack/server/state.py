"""The state of this Slack, and what changes it: messages, what people see, events to the app."""

import secrets
from typing import Any

from tests.slack.server.app import App, Installation, Registry, Token
from tests.slack.server.blocks import with_ids
from tests.slack.server.changes import Changes
from tests.slack.server.clock import Clock, Names
from tests.slack.server.events import event_body, events_of
from tests.slack.server.journal import Entry, Journal
from tests.slack.server.link import Link
from tests.slack.server.mrkdwn import links, mentions, strings
from tests.slack.server.rates import Rates
from tests.slack.server.refusals import Json, Refusal
from tests.slack.server.surfaces import check_message
from tests.slack.server.troubles import Troubles
from tests.slack.server.world import (
    Channel,
    Enterprise,
    Interaction,
    Message,
    Sight,
    User,
    View,
    Workspace,
)


class State:
    """Everything there is. What the app should not have asked is in `unknown_methods` and
    `odd_requests`, what was refused in `refusals`, what Slack only advises against in `findings`.
    """

    def __init__(self, clock: Clock, *, app_token: str, client_secret: str, secret: str) -> None:
        self.clock = clock
        self.names = Names(clock)
        self.changes = Changes()
        self.journal = Journal()
        self.rates = Rates(clock.seconds)
        self.troubles = Troubles()
        self.unknown_methods: list[str] = []
        self.odd_requests: list[str] = []
        self.refusals: list[Refusal] = []
        self.findings: list[str] = []
        self.requests: list[tuple[float, str]] = []
        self.origin = ""
        self.app = App(self.names.next("A"), "1.2", client_secret, secret, "verification")
        self.registry = Registry()
        self.app_token = Token(app_token, "app", ("connections:write",))
        self.registry.tokens[app_token] = self.app_token
        self.enterprises: dict[str, Enterprise] = {}
        self.teams: dict[str, Workspace] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[tuple[str, str], View] = {}
        self.interactions: dict[str, Interaction] = {}
        self.sights: list[Sight] = []
        self.browsing: tuple[Workspace, User] | None = None
        self.browsing_org = False
        self.browser_allows = True
        self.link = Link(self.app, clock, self.changes)

    # What may be asked.

    def installation(self, team: Workspace) -> Installation:
        found = self.registry.of(team)
        if found is None:
            raise Refusal("app_not_installed")
        return found

    def bot(self, team: Workspace) -> User:
        return self.installation(team).bot

    def message(self, channel: Channel, ts: str) -> Message:
        found = channel.messages.get(ts)
        if found is None:
            raise Refusal("message_not_found")
        return found

    # Messages.

    def post(
        self,
        channel: Channel,
        user: User,
        body: Json,
        *,
        by_app: bool = False,
        only_for: User | None = None,
        what: str = "post",
        interaction: Interaction | None = None,
    ) -> Message:
        """A new message that is in order; an app's is looked at first."""
        if by_app:
            self.findings += [f"{what}: {one}" for one in check_message(body)]
        thread_ts = body.get("thread_ts")
        if thread_ts is not None:
            parent = channel.messages.get(str(thread_ts))
            if parent is None:
                raise Refusal("thread_not_found")
            thread_ts = parent.thread_ts or parent.ts
        message = Message(self.names.timestamp(), channel, user, "", by_app=by_app)
        message.thread_ts, message.only_for = thread_ts, only_for
        message.broadcast = bool(body.get("reply_broadcast"))
        message.metadata = body.get("metadata")
        self._fill(message, body)
        if only_for is None:
            channel.messages[message.ts] = message
        else:
            channel.ephemeral.append(message)
        if by_app:
            self.note(what, message, body)
        self.see("new", message=message, interaction=interaction)
        if only_for is None:
            for name, event in events_of(message, self.app, self.registry.of(channel.team)):
                self.tell(channel.team, name, event)
        return message

    def edit(
        self,
        message: Message,
        body: Json,
        what: str,
        *,
        keeps: bool = False,
        interaction: Interaction | None = None,
    ) -> None:
        """Another text and other blocks for an app's message.

        With `keeps` the blocks and attachments that are not given stay.
        """
        whole: Json = {"text": "", "blocks": [], "attachments": []}
        if keeps:
            whole |= {"blocks": message.blocks, "attachments": message.attachments}
            whole["text"] = message.text if "blocks" not in body else ""
        whole |= body
        self.findings += [f"{what}: {one}" for one in check_message(whole)]
        self._fill(message, whole)
        if "metadata" in body:
            message.metadata = body["metadata"]
        message.edited_ts = self.names.timestamp()
        message.state = {}
        self.note(what, message, body)
        self.see("changed", message=message, interaction=interaction)

    def _fill(self, message: Message, body: Json) -> None:
        blocks, attachments = body.get("blocks") or [], body.get("attachments") or []
        message.text = body.get("text") or ""
        message.blocks = with_ids(blocks, lambda: secrets.token_urlsafe(4))
        message.attachments = attachments
        named = bool(body.get("link_names")) or body.get("parse") == "full"
        message.mentions = mentions(message.text, blocks, attachments, named=named)
        message.shared = tuple(dict.fromkeys(links([message.text, *strings(blocks)])))

    def remove(
        self, message: Message, what: str = "delete", interaction: Interaction | None = None
    ) -> None:
        message.deleted = True
        if message.only_for is None:
            message.channel.messages.pop(message.ts, None)
        elif message in message.channel.ephemeral:
            message.channel.ephemeral.remove(message)
        self.note(what, message, {})
        self.see("deleted", message=message, interaction=interaction)

    def note(self, what: str, message: Message, body: Json) -> None:
        only_for = message.only_for.id if message.only_for is not None else ""
        self.journal.entries.append(
            Entry(
                self.clock.now(),
                what,
                message.channel.id,
                message.ts,
                body,
                only_for,
                message.thread_ts,
            )
        )

    def note_view(self, what: str, view: View) -> None:
        body = view.body
        self.journal.entries.append(Entry(self.clock.now(), what, "", "", body, view.user.id))

    # What people see.

    def see(
        self,
        what: str,
        *,
        message: Message | None = None,
        view: View | None = None,
        interaction: Interaction | None = None,
    ) -> None:
        at = self.clock.seconds()
        self.sights.append(Sight(len(self.sights), what, at, message, view, interaction))
        self.changes.tell()

    def interact(
        self,
        user: User,
        team: Workspace,
        *,
        channel: Channel | None = None,
        message: Message | None = None,
        view: View | None = None,
    ) -> Interaction:
        """Something that a person does, with a trigger_id and a response_url of its own."""
        number = self.names.next("")
        key = f"{team.id}/{number}/{secrets.token_urlsafe(18)}"
        trigger = f"{number}.{team.id}.{secrets.token_hex(16)}"
        at = self.clock.seconds()
        found = Interaction(trigger, key, user, team, at, channel, message, view)
        self.interactions[trigger] = self.interactions[key] = found
        return found

    def response_url(self, interaction: Interaction) -> str:
        return f"{self.origin}/actions/{interaction.key}"

    # What the app is told.

    def tell(self, team: Workspace, name: str, event: Json) -> None:
        """An event, if the app is there, has subscribed to it and has the scope for it."""
        installation = self.registry.of(team)
        if installation is not None:
            self.tell_of(installation, team, name, event)

    def tell_of(self, installation: Installation, team: Workspace, name: str, event: Json) -> None:
        body = event_body(self.app, installation, team, name, event)
        if body is not None:
            now = int(self.clock.now().timestamp())
            told: dict[str, Any] = {"event_id": self.names.next("Ev"), "event_time": now}
            body["event"].setdefault("event_ts", self.names.timestamp())
            self.link.tell(body | told)
