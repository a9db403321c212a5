"""This Slack as a process of its own, for bots that are killed: `python -m tests.slack.server`.

It prints one line of JSON: the address, the tokens and secrets, the ids of workspaces, channels and
people. What was accepted is at GET /control/journal, POST /control/cut cuts Socket Mode. It ends
when its standard input does.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Mapping

from tests.slack.server.app import SCOPES
from tests.slack.server.refusals import Json
from tests.slack.server.town import Slack, opened_slack
from tests.slack.server.troubles import Chooser, Trouble, Way

WRITING = ("chat.postMessage", "chat.update", "chat.postEphemeral")


def random_troubles(rng: random.Random, shares: Mapping[Way, float]) -> Chooser:
    """Troubles by chance: to each way its share of the requests that write a message."""

    def choose(method: str) -> Trouble | None:
        if method not in WRITING:
            return None
        left = rng.random()
        for way, share in shares.items():
            left -= share
            if left < 0:
                return Trouble(way, seconds=1.0 if way is Way.LIMITED else 0.2)
        return None

    return choose


def built_up(slack: Slack, teams: int, channels: int, scopes: tuple[str, ...] = SCOPES) -> Json:
    """Workspaces with the app, channels and one person each, and their ids."""
    listed = []
    for number in range(teams):
        team = slack.add_team(f"team-{number}")
        person = slack.add_user(team, f"person-{number}")
        token = slack.install(team, scopes=scopes)
        places = [slack.add_channel(team, f"channel-{one}") for one in range(channels)]
        listed.append(
            {
                "id": team.id,
                "token": token.value,
                "channels": [place.id for place in places],
                "people": [person.id],
            }
        )
    return {
        "api_url": slack.api_url,
        "app_token": slack.app_token.value,
        "client_id": slack.app.client_id,
        "client_secret": slack.app.client_secret,
        "signing_secret": slack.app.signing_secret,
        "teams": listed,
    }


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.slack.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--teams", type=int, default=1)
    parser.add_argument("--channels", type=int, default=1, help="channels of each workspace")
    parser.add_argument("--seed", type=int, default=0, help="of the troubles")
    parser.add_argument("--url", default="", help="send signed HTTP there instead of Socket Mode")
    parser.add_argument("--burst", type=int, default=3, help="messages at once in a channel")
    parser.add_argument("--without-history", action="store_true", help="without those scopes")
    parser.add_argument("--without-tiers", action="store_true", help="only messages are limited")
    for way in Way:
        parser.add_argument(f"--{way.value}", type=float, default=0.0, metavar="SHARE")
    return parser.parse_args(arguments)


async def run(options: argparse.Namespace) -> None:
    async with opened_slack(port=options.port) as slack:
        shares = {way: getattr(options, way.value) for way in Way}
        slack.troubles.choose = random_troubles(random.Random(options.seed), shares)
        slack.rates.burst = options.burst
        if options.without_tiers:
            slack.rates.tiers.clear()
        if options.url:
            slack.app.socket_mode, slack.app.url = False, options.url
        scopes = tuple(
            each for each in SCOPES if not (options.without_history and each.endswith(":history"))
        )
        print(json.dumps(built_up(slack, options.teams, options.channels, scopes)), flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(run(parsed(sys.argv[1:])))
