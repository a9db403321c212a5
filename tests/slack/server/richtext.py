"""Rich text of Block Kit: sections, lists, quotes and preformatted text, and what is in them."""

from tests.slack.server.checking import (
    TYPE,
    Checker,
    block_id,
    boolean,
    integer,
    items,
    matching,
    one_of,
    shape,
    string,
    union,
    url,
)

_TEXT_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "highlight", "client_highlight", "unlink", "code"), boolean
    ),
)

INLINE: dict[str, Checker] = {
    "text": shape({**TYPE, "text": string(blank=True)}, {"style": _TEXT_STYLE}),
    "link": shape(
        {**TYPE, "url": url()}, {"text": string(), "unsafe": boolean, "style": _TEXT_STYLE}
    ),
    "user": shape({**TYPE, "user_id": string(50)}, {"style": _STYLE}),
    "usergroup": shape({**TYPE, "usergroup_id": string(50)}, {"style": _STYLE}),
    "channel": shape({**TYPE, "channel_id": string(50)}, {"style": _STYLE}),
    "broadcast": shape({**TYPE, "range": one_of("here", "channel", "everyone")}),
    "emoji": shape({**TYPE, "name": string()}, {"unicode": string(), "style": _STYLE}),
    "color": shape({**TYPE, "value": matching("#[0-9a-fA-F]{6}", "a colour")}),
    "date": shape(
        {**TYPE, "timestamp": integer(0, 9_999_999_999), "format": string()},
        {"url": url(), "fallback": string(), "style": _STYLE},
    ),
}

_BORDER: dict[str, Checker] = {"border": integer(0, 1)}
_MANY = 5000
_SECTION = shape({**TYPE, "elements": items(union(INLINE), _MANY, 0)})

_PARTS: dict[str, Checker] = {
    "rich_text_section": _SECTION,
    "rich_text_list": shape(
        {
            **TYPE,
            "style": one_of("bullet", "ordered"),
            "elements": items(union({"rich_text_section": _SECTION}), _MANY),
        },
        {"indent": integer(0, 8), "offset": integer(0, 1_000_000), **_BORDER},
    ),
    "rich_text_preformatted": shape(
        {**TYPE, "elements": items(union(INLINE, "text", "link"), _MANY)},
        {**_BORDER, "language": string()},
    ),
    "rich_text_quote": shape({**TYPE, "elements": items(union(INLINE), _MANY)}, _BORDER),
}

RICH_TEXT = shape(
    {**TYPE, "type": one_of("rich_text"), "elements": items(union(_PARTS), _MANY)},
    {"block_id": block_id},
)
