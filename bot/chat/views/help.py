"""How to use it."""

from bot.chat.context import Context
from bot.chat.fitting import pages
from bot.chat.views.parts import heading, shaped, ways_on
from bot.view import Paragraph, Run, Text, View

# What can be typed, each with the key of what it gives. Every example works as it stands.
EXAMPLES = (
    ("gpu", "chat.help.tag"),
    ("ローカル LLM", "chat.help.words"),
    ('"メモリ帯域"', "chat.help.phrase"),
    ("GPU -AMD", "chat.help.without"),
    ("tag:GPU", "chat.help.only_tag"),
    ("user:simonw", "chat.help.user"),
    ("month:2025-06", "chat.help.only_month"),
    ("after:2025-05-01", "chat.help.after"),
    ("before:2025-06-01", "chat.help.before"),
    ("gpu in:title", "chat.help.title_only"),
    ("gpu is:highlight", "chat.help.highlight"),
    ("gpu sort:new", "chat.help.newest_first"),
    ("https://news.ycombinator.com/item?id=44365320", "chat.help.link"),
    ("2025-06", "chat.help.month"),
)


def show_help(context: Context) -> View:
    """What can be typed, with examples that work as they stand."""
    texts = context.texts
    title = texts("chat.help.heading")
    rows: list[Run] = []
    for example, key in EXAMPLES:
        rows += [Run(example, code=True), Run(f"　{texts(key)}\n")]
    rows[-1] = Run(rows[-1].text.rstrip("\n"))
    explained: Text = tuple(rows)
    head = shaped([heading(title)], context.limits)
    foot = shaped([ways_on(texts)], context.limits)
    shown = pages([Paragraph(explained)], context.limits, [*head, *foot])[0]
    return View(title, (*head, *shown, *foot))
