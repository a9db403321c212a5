"""Messages that all see, how they are known again, and a look at them in the Block Kit Builder."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from slack_sdk.models.blocks import RichTextBlock, RichTextElementParts, RichTextSectionElement

from adapters.slack.render import Json, Rendered, rendered
from bot.locales import Texts
from bot.view import Posting

BUILDER = "https://app.slack.com/block-kit-builder/#"
# What says that the metadata of a message are ours.
_TYPE = "matome_message"
_ANSWER = "matome_answer"
_GROUP = re.compile(r"S[A-Z0-9]{2,30}")


def posted(posting: Posting) -> Rendered:
    """What all see of a posting; a user group is mentioned only where it is asked for.

    Nothing is silent in Slack: everybody settles that for themselves.
    """
    made = rendered(posting.view, posting.codes, Texts(posting.language))
    group = posting.mention
    if group is None or _GROUP.fullmatch(group) is None:
        return made
    mention = RichTextElementParts.UserGroup(usergroup_id=group)
    first = RichTextBlock(elements=[RichTextSectionElement(elements=[mention])])
    return Rendered([first.to_dict(), *made.blocks], f"<!subteam^{group}> {made.text}")


def message_of(posting: Posting, key: str) -> Json:
    """The arguments of a message; the `key` by which it is found again goes with it unseen."""
    metadata = {"event_type": _TYPE, "event_payload": {"key": key}}
    return {**posted(posting).arguments(), "metadata": metadata}


def key_of(message: Mapping[str, Any]) -> str | None:
    """The key of a message as it is read back, None for one that has none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != _TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None


def answer_metadata(key: str) -> Json:
    """What an answer in a conversation carries unseen, to be found by; it is none of the outbox."""
    return {"event_type": _ANSWER, "event_payload": {"key": key}}


def answer_key_of(message: Mapping[str, Any]) -> str | None:
    """The key of an answer as it is read back, None for what is none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != _ANSWER:
        return None
    return (metadata.get("event_payload") or {}).get("key")


def builder_link(blocks: Sequence[Json]) -> str:
    """Where the Block Kit Builder shows blocks; all of them are part of the address."""
    written = json.dumps({"blocks": [*blocks]}, ensure_ascii=False, separators=(",", ":"))
    return BUILDER + quote(written, safe="")
