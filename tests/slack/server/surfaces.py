"""What a whole message or view has to be: its texts, blocks, metadata, titles and sizes."""

import json
from typing import Any

from tests.slack.server.blocks import characters, check_view_blocks, message_faults
from tests.slack.server.checking import Check, Checker, boolean, one_of, shape, string
from tests.slack.server.mrkdwn import unescaped, written
from tests.slack.server.objects import text
from tests.slack.server.refusals import Json, Refusal, invalid_arguments, invalid_blocks

TEXT, TEXT_ADVISED = 40_000, 4000
ATTACHMENTS = 100
METADATA_BYTES = 16_384
VIEW_BYTES = 250_000
# Undocumented: up to TOTAL has been seen to pass, over TOTAL_ADVISED to be refused.
TOTAL, TOTAL_ADVISED = 13_200, 9_500

_EVERYWHERE: dict[str, Checker] = {
    "type": one_of("modal", "home"),
    "blocks": check_view_blocks,
}
_OPTIONAL: dict[str, Checker] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_MODAL = shape(
    {**_EVERYWHERE, "title": text(24, plain=True)},
    {
        **_OPTIONAL,
        "submit": text(24, plain=True),
        "close": text(24, plain=True),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = shape(_EVERYWHERE, _OPTIONAL)
_METADATA = shape({"event_type": string(255), "event_payload": lambda found, path, value: None})


def check_message(body: Json) -> list[str]:
    """Refuse a message that Slack would; what it only advises against is returned."""
    said = body.get("text") or ""
    if not isinstance(said, str):
        raise Refusal("invalid_arguments")
    if len(said) > TEXT:
        raise Refusal("msg_too_long")
    blocks, attachments = body.get("blocks") or [], body.get("attachments") or []
    if not isinstance(blocks, list) or not isinstance(attachments, list):
        raise Refusal("invalid_blocks_format")
    if not (said.strip() or blocks or attachments):
        raise Refusal("no_text")
    if len(attachments) > ATTACHMENTS:
        raise Refusal("too_many_attachments")
    faults = message_faults(blocks)
    for place, one in enumerate(attachments):
        faults += message_faults(one.get("blocks") or [], f"/attachments/{place}/blocks")
    if faults:
        raise invalid_blocks(faults)
    total = characters(blocks)
    if total > TOTAL:
        raise Refusal("msg_blocks_too_long")
    check_metadata(body.get("metadata"))
    advised = {
        "no text for notifications and screen readers": not said.strip(),
        f"a text of {len(said)} characters": len(said) > TEXT_ADVISED,
        f"blocks of {total} characters": total > TOTAL_ADVISED,
    }
    stray = [place for one in (said, *written(blocks)) for place in unescaped(one)]
    advised |= {f"not escaped: {place!r}": True for place in stray}
    return [advice for advice, against in advised.items() if against]


def check_metadata(metadata: Any) -> None:
    if metadata is None:
        return
    found = Check()
    _METADATA(found, "/metadata", metadata)
    if found.faults or not isinstance(metadata["event_payload"], dict):
        raise Refusal("invalid_metadata_format")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > METADATA_BYTES:
        raise Refusal("metadata_too_large")


def check_view(view: Any, kinds: tuple[str, ...]) -> None:
    """Refuse a view that is not of the kinds allowed here or has something wrong."""
    found = Check()
    if not isinstance(view, dict) or view.get("type") not in kinds:
        found.wrong("/view/type", f"must be one of {list(kinds)}")
        raise invalid_arguments(found.faults)
    (_MODAL if view["type"] == "modal" else _HOME)(found, "/view", view)
    inputs = any(
        isinstance(one, dict) and one.get("type") == "input" for one in view.get("blocks") or ()
    )
    if view["type"] == "modal" and inputs and not view.get("submit"):
        found.wrong("/view", "`submit` is required when an `input` is in the blocks")
    if found.faults:
        raise invalid_arguments(found.faults)
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise Refusal("view_too_large")
