"""App Home: somebody's own page, made anew each time that it is opened."""

from dataclasses import dataclass, replace

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import InputBlock, PlainTextInputElement
from structlog.stdlib import get_logger

from adapters.slack.answering import Answering
from adapters.slack.contexts import Json, Origin
from adapters.slack.failing import asked, word_of
from adapters.slack.means import Means
from adapters.slack.names import Person, target_of
from adapters.slack.places import Places
from adapters.slack.render import Rendered, plain, rendered
from adapters.slack.validate import view_findings
from bot.chat.context import Context
from bot.chat.failures import apology
from bot.errors import MatomeError
from bot.locales import Texts
from bot.view import View

# The action_id of the field in which something is typed to search for, and what that has at most.
SEARCHED = "search:home"
TYPED = 1000

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """Shows App Home."""

    answering: Answering
    means: Means
    places: Places

    async def opened(self, event: Json, workspace: str, known_by: tuple[str, ...]) -> None:
        """Show somebody's page; who never was there is greeted."""
        person = Person(workspace, str(event["user"]))
        shown: Json | None = event.get("view")
        try:
            if not await self.answering.handled.take(*known_by):
                return
            page = await self._page(person, first=shown is None)
            await self._publish(page, person, "" if shown is None else str(shown.get("hash")))
        except (MatomeError, SlackApiError) as error:
            _log.warning("App Home could not be shown", cause=error)

    async def _page(self, person: Person, *, first: bool) -> Rendered:
        """The border where an error becomes a page."""
        origin = Origin(person, None)
        texts = self.answering.contexts.guessed(origin)
        try:
            context = await self.answering.contexts.of(origin)
            texts = context.texts
            return await self._drawn(await self._composed(person, context, first=first), texts)
        except Exception as error:
            return await self._drawn(apology(error, texts, "App Home in Slack"), texts)

    async def _composed(self, person: Person, context: Context, *, first: bool) -> View:
        chat = self.answering.chat
        return await chat.home(person.workspace, context, self._name, first=first)

    async def _drawn(self, view: View, texts: Texts) -> Rendered:
        made = rendered(view, await self.answering.chat.codes_of(view.actions()), texts)
        made = replace(made, blocks=[dict(search_field(texts)), *made.blocks])
        self.answering.guard.check(_page_of(made), view_findings)
        return made

    async def _publish(self, page: Rendered, person: Person, known_hash: str) -> None:
        """Show a page, unless that has been renewed since; a hash tells what it takes the place of.

        Raises DeliveryError.
        """
        member = await self.means.member(person)
        request = member.client.views_publish(
            user_id=person.user, view=_page_of(page), hash=known_hash or None
        )
        try:
            await asked(request, str(person))
        except SlackApiError as error:
            if word_of(error) != "hash_conflict":
                raise
            _log.debug("a page is newer already")

    async def _name(self, target: str) -> str:
        """What a channel is called. Raises DeliveryError."""
        channel = await self.places.channel(target_of(target))
        name = str(channel.get("name") or "")
        return f"#{name}" if name else ""


def search_field(texts: Texts) -> Json:
    """A field above the page in which something is typed, which Enter searches for."""
    return InputBlock(
        block_id="search",
        label=plain(texts("slack.search")),
        dispatch_action=True,
        element=PlainTextInputElement(
            action_id=SEARCHED,
            placeholder=plain(texts("command.matome.query.description")),
            max_length=TYPED,
        ),
    ).to_dict()


def _page_of(page: Rendered) -> dict[str, object]:
    return {"type": "home", "blocks": page.blocks}
