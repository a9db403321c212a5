"""Signed HTTP: what is posted to the app's address, with Slack's signatures."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.slack.server.app import App
from tests.slack.server.clock import Clock
from tests.slack.server.refusals import Json


def signature(secret: str, timestamp: int, body: str) -> str:
    """The v0 signature of a body."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encoded(kind: str, payload: Json) -> tuple[str, str]:
    """The body of a request and its type."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"


class Signed:
    """Posts to the app. `reason` tells why the last request was not acknowledged, in the words of
    X-Slack-Retry-Reason; `statuses` are those of all answers."""

    def __init__(self, app: App, clock: Clock) -> None:
        self.reason = ""
        self.statuses: list[int] = []
        self._app = app
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(
        self,
        kind: str,
        payload: Json,
        *,
        secret: str | None = None,
        age: float = 0.0,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str, Any]:
        """The status, text and JSON of the app's answer.

        `secret` signs with another one than the app's, `age` (seconds) makes the timestamp old;
        `headers` are added, or replace those that Slack sends.
        """
        body, content = encoded(kind, payload)
        # The app compares with the real time, which tests do not turn on.
        timestamp = int(time.time() - age)
        sent = {
            "Content-Type": content,
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": signature(secret or self._app.signing_secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **(headers or {}),
        }
        if self._session is None:
            self._session = aiohttp.ClientSession()
        url = self._app.url
        if payload.get("type") == "block_suggestion":
            url = self._app.options_url or url
        async with self._session.post(url, data=body.encode(), headers=sent) as answer:
            self.statuses.append(answer.status)
            text = await answer.text()
            if answer.headers.get("X-Slack-No-Retry") == "1":
                self.reason = "no_retry"
            isjson = answer.content_type == "application/json" and text
            return answer.status, text, json.loads(text) if isjson else None

    async def verify_url(self) -> bool:
        """Whether the app gives back the challenge, as Slack asks when an address is entered."""
        challenge = hashlib.sha256(self._app.id.encode()).hexdigest()
        asked = {"token": self._app.verification_token, "challenge": challenge}
        status, text, said = await self.post("events_api", asked | {"type": "url_verification"})
        found = said.get("challenge") if isinstance(said, dict) else text
        return status == 200 and found == challenge

    async def attempt(
        self,
        kind: str,
        payload: Json,
        *,
        responds: bool,
        number: int,
        reason: str,
        within: float,
    ) -> tuple[bool, Any]:
        """Whether it was answered with 2xx in so many seconds, and with what."""
        if reason == "no_retry":
            return True, None
        again = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        posting = asyncio.create_task(
            self.post(kind, payload, headers=again if number > 0 else None)
        )
        timer = asyncio.create_task(self._clock.sleep(within))
        self.reason = ""
        try:
            await asyncio.wait({posting, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not posting.done():
                self.reason = "http_timeout"
                return False, None
            status, text, said = posting.result()
        except (aiohttp.ClientError, OSError):
            self.reason = "connection_failed"
            return False, None
        finally:
            timer.cancel()
            posting.cancel()
            await asyncio.wait({posting, timer})
        if not 200 <= status < 300:
            self.reason = self.reason or "http_error"
            return False, None
        if said is None and text and responds:
            return True, {"text": text}
        return True, said
