"""What Slack says to a request that it does not take, as errors that the core knows.

The words are those of the platform's documentation (the errors of each method, and those that all
methods share).
"""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError, SlackTokenRotationError

from bot.errors import DeliveryError, Forbidden, TargetGone, TryLater

Answer = TypeVar("Answer")

# What somebody has to do where the bot is not in a channel: there is no right of that name.
INVITE = "/invite @matome"

# Slack's word for a channel that is not there, or private while the bot is not in it.
INVISIBLE = "channel_not_found"

# After a token was refused nothing is asked for a while: it may be changed, or the app be back.
LONG_PAUSE = 300.0
# Where it is not said how long to wait, and however long it is.
_PAUSE, _LONGEST = 30.0, 3600.0

_GONE = frozenset(
    {
        "cannot_reply_to_message",
        INVISIBLE,
        "is_archived",
        "message_not_found",
        "thread_not_found",
        "user_disabled",
        "user_not_found",
        "users_not_found",
        "cant_update_message",
    }
)
# What is lacking where a word says it.
_LACKING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "not_in_channel": (INVITE,),
        "access_denied": (),
        "as_user_not_supported": (),
        "cannot_dm_bot": (),
        "edit_window_closed": (),
        "ekm_access_denied": (),
        "method_not_supported_for_channel_type": (),
        "messages_tab_disabled": (),
        "no_permission": (),
        "not_allowed_token_type": (),
        "restricted_action": (),
        "restricted_action_non_threadable_channel": (),
        "restricted_action_read_only_channel": (),
        "restricted_action_thread_only_channel": (),
        "restricted_action_thread_locked": (),
        "team_access_not_granted": (),
        "user_not_visible": (),
    }
)
_REFUSED_TOKENS = frozenset(
    {
        "account_inactive",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_added_to_org",
        "token_expired",
        "token_revoked",
    }
)
# Of those, and of what Slack says to who wants a token anew, what is for good.
_EXPELLED = frozenset(
    {"account_inactive", "invalid_auth", "invalid_refresh_token", "token_revoked"}
)
_BUSY = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "request_timeout",
        "service_unavailable",
    }
)
# Slack asks to wait, and has surely not done what it was asked for.
LIMITED = frozenset({"ratelimited", "rate_limited"})


async def asked(request: Awaitable[Answer], what: str) -> Answer:
    """The answer to a request about a place or message. Raises DeliveryError."""
    try:
        return await request
    except (AttributeError, UnicodeError) as error:
        # slack_sdk takes whatever comes with status 200 for an answer of Slack.
        raise TryLater("no answer of Slack's") from error
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        refused = delivery_error(error, what)
        if refused is None:
            raise
        raise refused from error


def delivery_error(error: Exception, what: str) -> DeliveryError | None:
    """What a failure means; None for one that is ours, such as blocks that break a limit."""
    match error:
        case SlackApiError(response=response):
            return _refused(response, what)
        case SlackClientError():
            return None
        case _:
            return TryLater(f"{type(error).__name__} {error}".strip())


def word_of(error: BaseException) -> str:
    """Slack's word behind an error of either kind, "" for none."""
    cause = error.__cause__ if isinstance(error, DeliveryError) else error
    if isinstance(cause, SlackTokenRotationError):
        cause = cause.api_error
    if not isinstance(cause, SlackApiError):
        return ""
    return str(_data(cause.response).get("error", ""))


def is_refused(error: BaseException) -> bool:
    """Whether Slack does not accept a token, for now or for good."""
    return word_of(error) in _REFUSED_TOKENS


def is_expelled(error: BaseException) -> bool:
    """Whether Slack says that a token is good no more, and will not be again."""
    return word_of(error) in _EXPELLED


def _refused(response: Any, what: str) -> DeliveryError | None:
    data = _data(response)
    word = str(data.get("error", ""))
    status = getattr(response, "status_code", getattr(response, "status", 0))
    cause = f"HTTP {status} {word}".strip()
    if status == 429 or word in LIMITED:
        # Without a word it is not Slack that answers but what stands before it.
        return TryLater(cause, asked_pause(response), everywhere=not word)
    if word in _GONE:
        return TargetGone("delivery.gone", what=what)
    if word == "missing_scope":
        needed = str(data.get("needed", "")).split(",")
        return Forbidden([scope.strip() for scope in needed if scope.strip()])
    if word in _LACKING:
        return Forbidden(_LACKING[word])
    if word in _REFUSED_TOKENS:
        return TryLater(cause, LONG_PAUSE)
    return TryLater(cause) if status >= 500 or word in _BUSY or not word else None


def _data(response: Any) -> Mapping[str, Any]:
    """The body of an answer, empty where it is none of Slack's."""
    data = getattr(response, "data", None)
    return data if isinstance(data, dict) else {}


def asked_pause(response: Any) -> float:
    """How long to wait, in seconds: an hour at most."""
    with suppress(KeyError, ValueError, TypeError):
        return min(max(0.0, float(response.headers["Retry-After"])), _LONGEST)
    return _PAUSE
