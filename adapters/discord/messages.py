"""What is sent to Discord for a message that all see, and what names threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import discord
from discord.http import MultipartParameters

from adapters.discord.keys import Component, with_ids
from adapters.discord.pictures import NO_FILES, Attachments, listed, request_of
from adapters.discord.render import body, rendered
from bot.locales import Texts
from bot.view import Posting

NAME = "discord"

# For how long a thread that nobody writes in stays in sight, in minutes.
DAY: Literal[1440] = 1440

_THREAD_NAME = 100
_TEXT = 10


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent of a message, with the files that go with it."""

    payload: dict[str, Any]
    attachments: Attachments

    def request(self, **more: object) -> MultipartParameters:
        """The body of one request, with its own files."""
        return request_of({**self.payload, **more}, self.attachments)


def message_of(
    posting: Posting, ids: Sequence[int], attachments: Attachments = NO_FILES
) -> dict[str, Any]:
    """The body of a message request; a role is mentioned only where it is asked for.

    It names all files that the message is to have, so that an edit leaves none of others there.
    """
    view = rendered(posting.view, posting.codes, Texts(posting.language), attachments)
    components: list[Component] = body(view)["components"]
    mentions: dict[str, Any] = {"parse": []}
    if posting.mention is not None and posting.mention.isdecimal():
        components = _mentioning(posting.mention, components)
        mentions["roles"] = [posting.mention]
    flags = discord.MessageFlags(
        components_v2=True, suppress_notifications=posting.silent and posting.mention is None
    )
    return {
        "components": with_ids(components, ids),
        "attachments": listed(attachments),
        "flags": flags.value,
        "allowed_mentions": mentions,
    }


def thread_name(title: str) -> str:
    """A title as a thread takes it: one line of 100 characters at most, and never empty."""
    line = " ".join(title.split()) or NAME
    return line if len(line) <= _THREAD_NAME else f"{line[: _THREAD_NAME - 1]}…"


def _mentioning(role: str, components: Sequence[Component]) -> list[Component]:
    """Components that mention a role, in the first text, since more of them may not fit."""
    first, *others = components
    if first["type"] != _TEXT:
        return [{"type": _TEXT, "content": f"<@&{role}>"}, *components]
    return [{**first, "content": f"<@&{role}>\n{first['content']}"}, *others]


def components_of(message: Any) -> list[Component]:
    return list(message.get("components", ()))
