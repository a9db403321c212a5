"""What a digest is set to, the list of those that there are, and what can be done with them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.chat.commands import QUIET_DAYS, SPOKEN, wished
from bot.chat.context import Frame
from bot.chat.typed import names_of
from bot.chat.views.parts import (
    LISTED,
    heading,
    listed,
    one_page,
    plain,
    shaped,
    small_print,
    text_of,
    window,
)
from bot.digest.times import complete_time, time_text, weekdays_text
from bot.digest.zones import zone_text
from bot.intent import (
    AddDigest,
    DigestSettings,
    DigestStatus,
    EditDigest,
    ForgetMe,
    ListDigests,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    SendDigest,
)
from bot.locales import Texts
from bot.subscription import Subscription, Times, Wishes
from bot.view import (
    Action,
    Block,
    Button,
    Buttons,
    Choice,
    Effect,
    Item,
    Moment,
    Option,
    Paragraph,
    Run,
    Text,
    View,
)

# Tags that a line names at most.
_NAMED_TAGS = 5


def settings_view(subscription: Subscription, said: str, frame: Frame, now: datetime) -> View:
    """What a digest is set to; `said` is what has just been done with it, if anything has."""
    texts = frame.texts
    title = called(subscription, texts)
    head: list[Block] = [heading(title), *([text_of(said)] if said else [])]
    facts: list[Run | Moment] = []
    for line in settings_lines(subscription, texts, now):
        facts += [*line, Run("\n")]
    foot = list(_changing(subscription, frame))
    blocks = one_page(head, [Paragraph(tuple(facts[:-1]))], foot, frame.limits)
    return View(said or title, blocks)


def settings_lines(subscription: Subscription, texts: Texts, now: datetime) -> Iterator[Text]:
    """Everything that a digest is set to, a line each."""
    zone = zone_text(subscription.times.zone, texts.language, now)
    yield _line("digest.field.time", f"{called(subscription, texts)}　{zone}", texts)
    yield next_line(subscription, texts)
    yield from (_line(key, value, texts) for key, value in wishes_facts(subscription.wishes, texts))


def called(subscription: Subscription, texts: Texts) -> str:
    """How a digest is told from others: by its days and its time."""
    times = subscription.times
    return f"{weekdays_text(times.weekdays, texts)} {time_text(times.at)}"


def next_line(subscription: Subscription, texts: Texts) -> Text:
    """When the next one comes, or why none does."""
    if subscription.due is not None:
        return (Run(texts("digest.field.next")), Moment(subscription.due.at))
    if subscription.stopped is not None:
        gone = subscription.stopped == "gone"
        return plain(texts("digest.stopped.gone" if gone else "digest.stopped.forbidden"))
    return plain(texts("digest.paused"))


def wishes_facts(wishes: Wishes, texts: Texts) -> Iterator[tuple[str, str]]:
    """What is to be in a digest: keys of names with values, those that say something."""
    if wishes.wanted:
        yield "digest.field.tags", _tags(wishes.wanted)
    if wishes.unwanted:
        yield "digest.field.without", _tags(wishes.unwanted)
    yield "digest.field.posts", str(wishes.posts)
    yield "digest.field.quiet", _chosen(QUIET_DAYS, wishes.quiet_day.value, texts)
    yield "digest.field.language", _chosen(SPOKEN, wishes.language, texts)
    if wishes.role is not None:
        yield "digest.field.role", wishes.role
    if wishes.publish:
        yield "digest.field.publish", names_of("word.yes", texts)[0]


def times_facts(times: Times, texts: Texts) -> Iterator[tuple[str, str]]:
    """When a digest comes: keys of names with values."""
    yield "digest.field.time", time_text(times.at)
    yield "digest.field.weekdays", weekdays_text(times.weekdays, texts)
    yield "digest.field.zone", times.zone


def fact_text(key: str, value: str, texts: Texts) -> str:
    """One of these as a line."""
    return f"{texts(key)}{value}"


def _line(key: str, value: str, texts: Texts) -> Text:
    return plain(fact_text(key, value, texts))


def _tags(names: Sequence[str]) -> str:
    return " ".join(f"#{name}" for name in names)


def _chosen(choices: Sequence[tuple[str, str]], wanted: str, texts: Texts) -> str:
    (key,) = (key for value, key in choices if value == wanted)
    return names_of(key, texts)[0]


def _changing(subscription: Subscription, frame: Frame) -> Iterator[Block]:
    """What can be done with it."""
    name, texts = subscription.id, frame.texts
    pausing = "digest.button.resume" if subscription.paused else "digest.button.pause"
    yield Buttons(
        (
            *_forms(subscription, frame),
            Button(texts("digest.button.preview"), Action(PreviewDigest(name), Effect.OPEN)),
            Button(texts("digest.button.now"), Action(SendDigest(name), Effect.OPEN)),
            Button(texts(pausing), Action(PauseDigest(name, resume=subscription.paused))),
            Button(texts("digest.button.status"), Action(DigestStatus(name))),
            Button(texts("digest.button.remove"), Action(RemoveDigest(name))),
        )
    )
    at = time_text(subscription.times.at)
    usual = sorted((offer.value for offer in complete_time("")), key=lambda text: (len(text), text))
    others = [text for text in usual if text != at]
    options = tuple(Option(text, Action(EditDigest(name, time=text))) for text in others)
    yield Choice(texts("digest.other_time"), options)
    if not frame.limits.form_fields:
        yield small_print(texts("digest.how_to_edit", id=name))


def _forms(subscription: Subscription, frame: Frame) -> Iterator[Button]:
    """What opens a form, as many as it takes to ask for everything."""
    texts, room = frame.texts, frame.limits.form_fields
    if room:
        edit = EditDigest(subscription.id)
        yield Button(texts("digest.button.edit"), Action(edit, Effect.FORM))
        for part in range(1, -(-len(wished(personal=subscription.personal)) // room)):
            more = Action(replace(edit, part=part), Effect.FORM)
            yield Button(texts("digest.button.others"), more)


def list_view(subscriptions: Sequence[Subscription], intent: ListDigests, frame: Frame) -> View:
    """The digests of a place or a person, each with the way to its settings."""
    texts = frame.texts
    title = texts("digest.list.personal" if intent.personal else "digest.list.here")
    effect = Effect.FORM if frame.limits.form_fields else Effect.OPEN
    label = texts("digest.button.new" if effect is Effect.FORM else "digest.button.add")
    adding = Button(label, Action(AddDigest(personal=intent.personal), effect), primary=True)
    foot: list[Block] = [Buttons((adding,))]
    if not intent.personal and effect is not Effect.FORM:
        foot.append(small_print(texts("digest.how_to_add")))
    if not subscriptions:
        nothing = texts("digest.list.none")
        return View(nothing, shaped([heading(title), text_of(nothing), *foot], frame.limits))
    offset, count = window(intent.start, LISTED)
    here = subscriptions[offset : offset + count]
    items = [_item(each, texts) for each in here]
    return listed(frame, intent, title, items, foot=foot)


def listed_as(subscription: Subscription, texts: Texts) -> str:
    """How a digest is told from others in a list: by its days, its time and its tags."""
    tags = subscription.wishes.wanted
    named = _tags(tags[:_NAMED_TAGS]) + (" …" if len(tags) > _NAMED_TAGS else "")
    return f"{called(subscription, texts)}　{named}".rstrip("　")


def _item(subscription: Subscription, texts: Texts) -> Item:
    opening = Action(DigestSettings(subscription.id))
    return Item(
        plain(listed_as(subscription, texts)),
        ((Run(f"{subscription.id}　"), *next_line(subscription, texts)),),
        Button(texts("digest.button.settings"), opening),
    )


def asked_view(question: str, yes: Button, back: Action | None, frame: Frame) -> View:
    """A question before something that cannot be taken back."""
    buttons = [yes]
    if back is not None:
        buttons.append(Button(frame.texts("digest.button.keep"), back))
    blocks: list[Block] = [text_of(question), Buttons(tuple(buttons))]
    return View(question, shaped(blocks, frame.limits))


def remove_view(subscription: Subscription, frame: Frame) -> View:
    """Whether a digest is to be ended."""
    texts = frame.texts
    sure = Action(RemoveDigest(subscription.id, sure=True))
    question = texts("digest.remove.sure", name=called(subscription, texts))
    keep = Action(DigestSettings(subscription.id))
    return asked_view(question, Button(texts("digest.button.remove_sure"), sure), keep, frame)


def removed_view(there: ListDigests, frame: Frame) -> View:
    """That it has been, and what is left there."""
    button = Button(frame.texts("digest.button.list"), Action(there))
    return said_view(frame.texts("digest.removed"), frame, (button,))


def forget_view(frame: Frame) -> View:
    """Whether all of a person's is to be deleted."""
    texts = frame.texts
    sure = Button(texts("digest.button.forget_sure"), Action(ForgetMe(sure=True)))
    return asked_view(texts("digest.forget.sure"), sure, None, frame)


def said_view(said: str, frame: Frame, buttons: Sequence[Button] = ()) -> View:
    """One sentence, and where to go from there."""
    blocks: list[Block] = [text_of(said)]
    if buttons:
        blocks.append(Buttons(tuple(buttons)))
    return View(said, shaped(blocks, frame.limits))
