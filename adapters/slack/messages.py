"""Messages that all see, and a look at them in Slack's own Block Kit Builder."""

import json
import re
from collections.abc import Sequence
from urllib.parse import quote

from slack_sdk.models.blocks import RichTextBlock, RichTextElementParts, RichTextSectionElement

from adapters.slack.render import Json, Rendered, rendered
from bot.locales import Texts
from bot.view import Posting

BUILDER = "https://app.slack.com/block-kit-builder/#"
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


def builder_link(blocks: Sequence[Json]) -> str:
    """Where the Block Kit Builder shows blocks; all of them are part of the address."""
    written = json.dumps({"blocks": [*blocks]}, ensure_ascii=False, separators=(",", ":"))
    return BUILDER + quote(written, safe="")
