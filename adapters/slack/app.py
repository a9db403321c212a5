"""The slack-bolt app: its listeners are few, and turn what Slack sends into calls of `Events`."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from adapters.slack.contexts import workspace_of
from adapters.slack.dialogs import FORM
from adapters.slack.environment import hidden_environment
from adapters.slack.events import Events
from adapters.slack.filling import SEARCH
from adapters.slack.underway import UnderWay
from adapters.slack.workspaces import Api

_ANY = re.compile("")

Json = Mapping[str, Any]


class EveryWorkspace(AsyncAuthorize):
    """Lets everything through that is signed or came over the socket.

    Whether the bot is in a workspace shows when it is asked for its token, so that whoever did
    something gets an answer. The library's own way asks Slack and the state each time.
    """

    async def __call__(
        self,
        *,
        context: Any,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        actor_enterprise_id: str | None = None,
        actor_team_id: str | None = None,
        actor_user_id: str | None = None,
    ) -> AuthorizeResult:
        """Where something comes from, and from whom."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)


def slack_app(
    events: Events,
    under_way: UnderWay,
    api: Api,
    *,
    signing_secret: str = "",
    oauth_flow: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The app that answers by `events`; over a socket nothing is signed."""
    # The library's warnings quote what people wrote.
    log = logging.getLogger(f"{__name__}.bolt")
    log.setLevel(logging.ERROR)
    with hidden_environment():
        app = AsyncApp(
            name="matome",
            logger=log,
            client=api.client(),
            signing_secret=signing_secret,
            request_verification_enabled=bool(signing_secret),
            authorize=EveryWorkspace(),  # type: ignore[no-untyped-call]
            oauth_flow=oauth_flow,
            # What the bot does itself is no message of a person, and known by that.
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    @app.command(_ANY)
    async def command(ack: Any, body: Json, context: Json) -> None:
        with under_way.finished_first():
            await events.command(body, workspace_of(context), ack)

    @app.action(_ANY)
    async def pressed(ack: Any, body: Json, action: Json, context: Json) -> None:
        await ack()
        with under_way.finished_first():
            await events.pressed(body, action, workspace_of(context))

    @app.shortcut({"type": "message_action", "callback_id": _ANY})
    async def message_shortcut(ack: Any, body: Json, context: Json) -> None:
        await ack()
        with under_way.finished_first():
            await events.message_shortcut(body, workspace_of(context))

    @app.shortcut({"type": "shortcut", "callback_id": SEARCH})
    async def global_shortcut(ack: Any, body: Json, context: Json) -> None:
        await ack()
        with under_way.finished_first():
            await events.filling.search(body, workspace_of(context))

    @app.options(_ANY)
    async def completed(ack: Any, body: Json, context: Json) -> None:
        with under_way.finished_first():
            await events.filling.complete(body, workspace_of(context), ack)

    @app.view(re.compile(f"^{FORM}"))
    async def submitted(ack: Any, body: Json, context: Json) -> None:
        with under_way.finished_first():
            await events.filling.submit(body, workspace_of(context), ack)

    @app.event(_ANY)
    async def happened(body: Json, context: Json) -> None:
        with under_way.finished_first():
            await events.happened(body, workspace_of(context))

    return app
