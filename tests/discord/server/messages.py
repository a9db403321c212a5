"""What a message may say and whom it may ping, and how it is kept."""

import re
from typing import Any

from tests.discord.server.clock import Snowflakes
from tests.discord.server.components import TEXT, check_layout, check_rows, each, with_ids
from tests.discord.server.refusals import Form, Json, Path, Refusal
from tests.discord.server.uploads import Files, attachments, resolved, staying
from tests.discord.server.world import Channel, Flag, Guild, User

CONTENT, EMBEDS, EMBED_CHARACTERS = 2000, 10, 6000
LEGACY = ("content", "embeds", "poll", "sticker_ids")

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


def check_message(
    body: Json,
    flags: int,
    files: Files,
    ids: Snowflakes,
    *,
    where: Path = (),
    before: Json | None = None,
) -> list[Json]:
    """Refuse what a message may not be; `before` is what it shows when it is edited.

    Returns its attachments, the new ones at the end.
    """
    form = Form()
    remaining = staying(body, files, before)
    attached = [*remaining, *attachments(form, where, body, files, remaining, ids)]
    _check_mentions(form, (*where, "allowed_mentions"), body.get("allowed_mentions"))
    names = [one["filename"] for one in attached]
    if flags & Flag.COMPONENTS_V2:
        shown = {**(before or {}), **body}
        for key in LEGACY:
            if shown.get(key):
                message = (
                    f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                )
                form.wrong(
                    (*where, key), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", message
                )
        if before is None or body.get("components") is not None:
            check_layout(form, (*where, "components"), body.get("components"), names)
        form.check()
        return attached
    form.length((*where, "content"), body.get("content"), 0, CONTENT)
    _check_embeds(form, (*where, "embeds"), body.get("embeds"))
    if body.get("components") is not None:
        check_rows(form, (*where, "components"), body["components"])
    form.check()
    shown = {**(before or {}), **body}
    # Text of blanks alone is none; buttons alone are none either.
    if not (str(shown.get("content") or "").strip() or shown.get("embeds") or files):
        raise Refusal(400, 50006, "Cannot send an empty message")
    return attached


def _check_mentions(form: Form, path: Path, allowed: Any) -> None:
    if allowed is None:
        return
    parse = allowed.get("parse") or []
    for place, one in enumerate(parse):
        form.one_of((*path, "parse", place), one, ("users", "roles", "everyone"))
    for key in ("users", "roles"):
        form.length((*path, key), allowed.get(key), 0, 100)
        if allowed.get(key) and key in parse:
            message = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            form.wrong(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def _check_embeds(form: Form, path: Path, embeds: Any) -> None:
    form.length(path, embeds, 0, EMBEDS)
    size = 0
    for place, one in enumerate(embeds or ()):
        at: Path = (*path, place)
        fields = one.get("fields") or []
        form.length((*at, "title"), one.get("title"), 0, 256)
        form.length((*at, "description"), one.get("description"), 0, 4096)
        form.length((*at, "fields"), fields, 0, 25)
        form.length((*at, "footer", "text"), (one.get("footer") or {}).get("text"), 0, 2048)
        form.length((*at, "author", "name"), (one.get("author") or {}).get("name"), 0, 256)
        form.number((*at, "color"), one.get("color"), 0, 0xFFFFFF)
        if one.get("url"):
            form.url((*at, "url"), one["url"], ("http", "https"), 2048)
        for number, field in enumerate(fields):
            form.length((*at, "fields", number, "name"), field.get("name"), 1, 256)
            form.length((*at, "fields", number, "value"), field.get("value"), 1, 1024)
            size += len(field.get("name") or "") + len(field.get("value") or "")
        size += len(one.get("title") or "") + len(one.get("description") or "")
        size += len((one.get("footer") or {}).get("text") or "")
        size += len((one.get("author") or {}).get("name") or "")
    if size > EMBED_CHARACTERS:
        message = f"Embed size exceeds maximum size of {EMBED_CHARACTERS}"
        form.wrong(path, "MAX_EMBED_SIZE_EXCEEDED", message)


def kept(
    body: Json,
    attached: list[Json],
    channel: Channel,
    people: dict[int, User],
    *,
    may_ping: bool,
    before: Json | None = None,
) -> Json:
    """A body as it is kept, with what is attached and whom it pings."""
    found: Json = dict(before or {})
    for key in ("content", "embeds", "message_reference"):
        if key in body:
            found[key] = body[key]
    if body.get("components") is not None:
        found["components"] = resolved(with_ids(body["components"]), attached)
    found["attachments"] = attached
    found |= pings(found, body.get("allowed_mentions"), channel.guild, people, may_ping)
    answered = _answered(found, channel)
    replied = (body.get("allowed_mentions") or {"replied_user": True}).get("replied_user")
    if answered is not None and replied and answered not in found["mentions"]:
        found["mentions"].append(answered)
    return found


def _answered(body: Json, channel: Channel) -> User | None:
    """Who is answered by a message that refers to theirs."""
    key = (body.get("message_reference") or {}).get("message_id")
    if key is None:
        return None
    message = channel.messages.get(int(key))
    if message is None:
        form = Form()
        form.wrong(("message_reference",), "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")
        form.check()
        return None
    return message.author


def texts(body: Json) -> list[str]:
    """All text of a message in which a mention would count."""
    found = [str(body.get("content") or "")]
    found += [str(one["content"]) for one in each(body.get("components")) if one["type"] == TEXT]
    return found


def pings(
    body: Json, allowed: Json | None, guild: Guild | None, people: dict[int, User], may_ping: bool
) -> Json:
    """Whom a message pings; with no "allowed_mentions" all that its text names.

    `may_ping` is the right to mention everyone, and roles that are not for all to mention. What
    stands in code counts too, so that nothing rests on how code is told from text.
    """
    text = "\n".join(texts(body))
    users = {int(one) for one in _USER.findall(text)}
    roles = {int(one) for one in _ROLE.findall(text)}
    everyone = bool(_EVERYONE.search(text))
    if allowed is not None:
        parse = allowed.get("parse") or []
        everyone = everyone and "everyone" in parse
        users &= users if "users" in parse else {int(one) for one in allowed.get("users") or ()}
        roles &= roles if "roles" in parse else {int(one) for one in allowed.get("roles") or ()}
    known = guild.roles if guild is not None else {}
    return {
        "mentions": [people[one] for one in sorted(users) if one in people],
        "mention_roles": [
            one for one in sorted(roles) if one in known and (may_ping or known[one].mentionable)
        ],
        "mention_everyone": everyone and may_ping and guild is not None,
    }
