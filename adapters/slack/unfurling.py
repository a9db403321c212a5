"""What stands below a message with a link to one of the archive's posts."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from structlog.stdlib import get_logger

from adapters.slack.answering import Answering
from adapters.slack.contexts import Json
from adapters.slack.failing import asked
from adapters.slack.limits import LIMITS
from adapters.slack.means import Means
from adapters.slack.reading import written
from adapters.slack.render import rendered
from adapters.slack.workspaces import Member
from bot.chat.context import Frame
from bot.chat.guard import BrokenLimitError
from bot.errors import MatomeError

# More links than that are a list to be read as it is.
MOST = 5

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Unfurling:
    """Shows below a message, or a draft of one, what its links are about, where that is known."""

    answering: Answering
    means: Means

    async def shared(self, event: Json, workspace: str, known_by: tuple[str, ...]) -> None:
        """Answer an event that tells of links.

        Among people alone nothing is shown, and who sends the bot a link there is answered anyway.
        """
        if str(event.get("channel", "")).startswith("D"):
            return
        try:
            member = await self.means.workspaces.member(workspace)
            # Another link to what it shows itself would say it twice.
            if event.get("user") == member.user or not await self.answering.handled.take(*known_by):
                return
            unfurls = await self._cards([str(link["url"]) for link in event.get("links") or ()])
            if unfurls:
                await asked(_request(member, event, unfurls), "links")
        except (MatomeError, SlackApiError, BrokenLimitError) as error:
            # The message may be gone, and nobody waits for it.
            _log.info("links could not be shown", cause=error)

    async def _cards(self, links: Sequence[str]) -> dict[str, dict[str, object]]:
        """What Slack is to show for each link that leads to posts."""
        chat, texts = self.answering.chat, self.answering.contexts.speech.public
        frame = Frame(texts, LIMITS)
        found: dict[str, dict[str, object]] = {}
        for link in list(dict.fromkeys(links))[:MOST]:
            view = await chat.card(written(link), frame)
            if view is not None:
                made = rendered(view, await chat.codes_of(view.actions()), texts)
                self.answering.guard.check(made.arguments())
                found[link] = {"blocks": made.blocks, "fallback": made.text}
        return found


def _request(member: Member, event: Json, unfurls: Json) -> Awaitable[object]:
    """Where the links stand: in a message, or in one that is being written."""
    show, unfurls = member.client.chat_unfurl, dict(unfurls)
    if event.get("source") == "composer":
        return show(unfurl_id=str(event["unfurl_id"]), source="composer", unfurls=unfurls)
    return show(channel=str(event["channel"]), ts=str(event["message_ts"]), unfurls=unfurls)
