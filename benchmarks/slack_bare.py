"""A bare slack-bolt app that answers a constant: what the bot's figures in Slack stand beside.

`python -m benchmarks.slack_bare`, with the same variables for the address and the tokens. It is the
library as its documentation has it: a command is acknowledged, then answered by `respond`.
It prints a line once it is connected.
"""

import asyncio
import os
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

ANSWER = "GPU: 12 posts"
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": ANSWER}}]


def bare(client: AsyncWebClient) -> AsyncApp:
    """The app with its command."""
    app = AsyncApp(client=client)

    @app.command("/matome")
    async def matome(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text=ANSWER, blocks=BLOCKS)

    return app


async def run() -> None:
    """Stay connected until the process is ended."""
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]
    )
    handler = AsyncSocketModeHandler(bare(client), os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()  # type: ignore[no-untyped-call]
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run())
