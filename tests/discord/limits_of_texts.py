"""Messages without Components V2 over each limit of Discord."""

from tests.discord.bodies import Json, embeds, field, link, row

# What is sent, where it is wrong, and Discord's code for it.
REFUSED: dict[str, tuple[Json, str, str]] = {
    "six rows": (
        {"content": "word", "components": [row(link()) for _ in range(6)]},
        "components",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "2,001 characters": ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "a nonce of 26": ({"content": "word", "nonce": "x" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    "11 embeds": (
        embeds(*[{"title": "word"} for _ in range(11)]),
        "embeds",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "6,001 characters of embeds": (
        embeds(*[{"description": "x" * 2000} for _ in range(3)], {"title": "x"}),
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    "a description of 4,097": (
        embeds({"description": "x" * 4097}),
        "embeds.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a title of 257": (embeds({"title": "x" * 257}), "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    "26 fields": (
        embeds({"fields": [field(number) for number in range(26)]}),
        "embeds.0.fields",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a field's value of 1,025": (
        embeds({"fields": [field(value="x" * 1025)]}),
        "embeds.0.fields.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "mentions of a new kind": (
        {"content": "word", "allowed_mentions": {"parse": ["friends"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    "mentions of all and of some": (
        {"content": "word", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    "mentions of 101 roles": (
        {"content": "word", "allowed_mentions": {"parse": [], "roles": ["1"] * 101}},
        "allowed_mentions.roles",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a field's name of 257": (
        embeds({"fields": [field(name="x" * 257)]}),
        "embeds.0.fields.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a footer of 2,049": (
        embeds({"footer": {"text": "x" * 2049}}),
        "embeds.0.footer.text",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "an author of 257": (
        embeds({"author": {"name": "x" * 257}}),
        "embeds.0.author.name",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "an embed's address of 2,049": (
        embeds({"url": "https://example.com/" + "x" * 2029}),
        "embeds.0.url",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an embed's colour over white": (
        embeds({"title": "word", "color": 0x1000000}),
        "embeds.0.color",
        "NUMBER_TYPE_MAX",
    ),
}
