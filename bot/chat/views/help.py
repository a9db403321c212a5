"""How to use it."""

from collections.abc import Iterator
from dataclasses import replace

from bot.chat.commands import COMMANDS
from bot.chat.context import Frame
from bot.chat.fitting import pages
from bot.chat.views.parts import heading, personal_digest, shaped, small_print, ways_on
from bot.intent import ForgetMe, Help
from bot.locales import DIGEST, Texts
from bot.view import Action, Button, Buttons, Effect, Paragraph, Run, Text, View

# What can be typed, each with the key of what it gives. Every example works as it stands.
EXAMPLES = (
    ("gpu", "chat.help.tag"),
    ("メモリ 帯域", "chat.help.words"),
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


def show_help(intent: Help, frame: Frame) -> View:
    """What can be typed, with examples that work as they stand."""
    texts = frame.texts
    limits = frame.limits
    title = texts("chat.help.heading")
    head = shaped([heading(title), *_commands(texts)], limits)
    behind = replace(intent, start=intent.start + 1)
    on = shaped([Buttons((Button(texts("chat.button.next"), Action(behind)),))], limits)
    hint = [small_print(texts(frame.hint))] if frame.hint else []
    foot = shaped([*hint, _personal(texts), ways_on(texts, intent)], limits)
    explained = pages([Paragraph(_examples(texts))], limits, [*head, *on, *foot])
    at = min(intent.start, len(explained) - 1)
    if at + 1 == len(explained):
        return View(title, (*head, *explained[at], *foot))
    return View(title, (*head, *explained[at], *on, *foot), Action(behind))


def _commands(texts: Texts) -> Iterator[Paragraph]:
    """Every command with what it is for."""
    for command in COMMANDS:
        is_shared = command.subcommands and texts.digest != DIGEST
        # Behind another command only these names are no words to search for.
        named = Texts("en") if is_shared else texts
        path = f"command.{command.name}"
        options = [named(f"{path}.{option.name}.name") for option in command.options]
        inner = [named(f"{path}.{subcommand.name}.name") for subcommand in command.subcommands]
        name = texts.digest if is_shared else f"/{named(f'{path}.name')}"
        called = " ".join([name, *options, *filter(None, ["|".join(inner)])])
        yield Paragraph((Run(called, code=True), Run(f"　{texts(f'{path}.description')}")))


def _personal(texts: Texts) -> Buttons:
    """What everybody may do for themselves, without any command."""
    forgetting = Button(texts("digest.button.forget"), Action(ForgetMe(), Effect.OPEN))
    return Buttons((personal_digest(texts), forgetting))


def _examples(texts: Texts) -> Text:
    rows: list[Run] = []
    for example, key in EXAMPLES:
        rows += [Run(example, code=True), Run(f"　{texts(key)}\n")]
    return (*rows[:-1], Run(rows[-1].text.rstrip("\n")))
