"""A Slack of our own on loopback, which the real slack-bolt talks to.

It knows nothing of the bot: methods, limits, errors and payloads are written from what Slack
documents and what is known of it, so that a mistake of ours is not repeated here. Whatever it does
not know (an unknown method or argument, an odd body) is a failure. A test sets up a workspace and
people, starts the app, plays a person and looks at what that person then sees:

    async def test_a_question_is_answered_privately():
        async with opened_slack() as slack:
            team = slack.add_team("readers")
            ann = slack.add_user(team, "ann")
            token = slack.install(team).value
            general = slack.add_channel(team, "general")
            client = AsyncWebClient(token=token, base_url=slack.api_url)
            app = AsyncApp(client=client, signing_secret="-")
            handler = AsyncSocketModeHandler(app, slack.app_token.value)
            await handler.connect_async()
            seen = await slack.player(ann, general).types("/matome gpu")
            assert seen.private and "GPU" in seen.text
            seen = await slack.player(ann, general).clicks(seen, "Open")
            assert seen.edited
            await handler.close_async()
            assert not slack.complaints

`slack.app` is what the manifest says (`configure` reads one); with `socket_mode` false everything
goes as signed HTTP to `slack.app.url`. `slack.journal` has every message that was accepted,
`slack.refusals` all that was refused, `slack.findings` what Slack advises against,
`slack.troubles` loses answers and breaks connections, `slack.rates` has the limits,
`slack.link` has acknowledgements and failures, `slack.link.socket` cuts and disconnects,
`slack.link.signed` posts with wrong or old signatures, `slack.clock.advance()` lets tokens,
triggers and response_urls expire. `python -m tests.slack.server` runs it as a process of its own.
"""

from tests.slack.server.app import Installation, Shortcut, Token
from tests.slack.server.clock import Clock
from tests.slack.server.player import Player
from tests.slack.server.refusals import Refusal
from tests.slack.server.seen import NoAnswer, NotOffered, Seen
from tests.slack.server.town import Slack, opened_slack
from tests.slack.server.troubles import Trouble, Way
from tests.slack.server.world import Kind

__all__ = [
    "Clock",
    "Installation",
    "Kind",
    "NoAnswer",
    "NotOffered",
    "Player",
    "Refusal",
    "Seen",
    "Shortcut",
    "Slack",
    "Token",
    "Trouble",
    "Way",
    "opened_slack",
]
