"""Which pictures a message of Discord shows."""

from collections.abc import Iterator

from tests.discord.server import Discord, Seen
from tests.discord.server.components import each
from tests.discord.server.refusals import Json
from tests.discord.server.world import Message

CDN = "https://cdn.discordapp.com/attachments/"


def media_of(body: Json) -> Iterator[Json]:
    """What holds the media of a message's components."""
    for one in each(body.get("components")):
        for holder in (one, *(one.get("items") or ())):
            if "media" in holder:
                yield holder


def pictures(discord: Discord, message: Message | Seen) -> list[bytes]:
    """The pictures that a message shows, each of which it has as a file, and no other."""
    found = message.shown if isinstance(message, Seen) else message
    ids = [holder["media"]["attachment_id"] for holder in media_of(found.body)]
    assert [one["id"] for one in found.body.get("attachments") or []] == ids
    assert all(holder["media"]["url"].startswith(CDN) for holder in media_of(found.body))
    return [discord.uploads[each].data for each in ids]
