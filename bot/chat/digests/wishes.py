"""What people type about a digest, as what it is set to."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time

from bot.chat.commands import MOST_POSTS, QUIET_DAYS, SPOKEN, YES_NO, wished
from bot.chat.library import Library
from bot.chat.typed import names_of
from bot.digest.offer import shown
from bot.digest.times import time_of, weekdays_of
from bot.digest.zones import zone_of
from bot.errors import UserError
from bot.intent import AddDigest, EditDigest
from bot.locales import LANGUAGES, Texts
from bot.search.suggestion import similar_tags
from bot.search.text import normalise
from bot.search.tokens import tag_key
from bot.subscription import EVERY_DAY, QuietDay, Times, Wishes

# Takes away what was set.
CLEARED = "-"
USUAL_TIME = time(9)
MOST_TAGS = 20
# Longer than any tag, or any name of a role.
_LONGEST = 100
_BETWEEN_TAGS = re.compile(r"[,、，;\n]+")

Typed = AddDigest | EditDigest
_OPTIONS = tuple(spec.name for spec in wished(personal=False))


def times_of(typed: Typed, now_set: Times, zone: str) -> Times:
    """The times as they were set, with what was typed; `zone` is the usual one.

    Raises UserError for what cannot be understood.
    """
    at, weekdays = now_set.at, now_set.weekdays
    if given := typed.time.strip():
        at = USUAL_TIME if given == CLEARED else time_of(given)
    if given := typed.weekdays.strip():
        weekdays = EVERY_DAY if given == CLEARED else weekdays_of(given)
    if given := typed.zone.strip():
        return Times(at, weekdays, zone if given == CLEARED else zone_of(given))
    return Times(at, weekdays, now_set.zone)


async def wishes_of(typed: Typed, now_set: Wishes, usual: Wishes, library: Library) -> Wishes:
    """The wishes as they were set, with what was typed; "-" gives the `usual` ones.

    Raises UserError for what cannot be understood, and for tags that no post has.
    """
    wishes = now_set
    if given := typed.tags.strip():
        wishes = replace(wishes, wanted=await _tags(given, usual.wanted, library))
    if given := typed.without.strip():
        wishes = replace(wishes, unwanted=await _tags(given, usual.unwanted, library))
    _check_apart(wishes)
    if given := typed.posts.strip():
        wishes = replace(wishes, posts=usual.posts if given == CLEARED else _posts(given))
    if given := typed.language.strip():
        spoken = usual.language if given == CLEARED else _chosen(given, SPOKEN)
        wishes = replace(wishes, language=spoken)
    if given := typed.quiet_day.strip():
        quiet = usual.quiet_day if given == CLEARED else QuietDay(_chosen(given, QUIET_DAYS))
        wishes = replace(wishes, quiet_day=quiet)
    if given := typed.role.strip():
        wishes = replace(wishes, role=usual.role if given == CLEARED else _role(given))
    if given := typed.publish.strip():
        publish = usual.publish if given == CLEARED else _chosen(given, YES_NO) == "yes"
        wishes = replace(wishes, publish=publish)
    return wishes


async def errors_in(typed: Typed, library: Library) -> Mapping[str, UserError]:
    """What cannot be understood, by the names of the options; each is looked at by itself."""
    errors: dict[str, UserError] = {}
    nothing, usual = Times(USUAL_TIME, EVERY_DAY, "UTC"), Wishes()
    for name in _OPTIONS:
        alone = AddDigest(**{name: getattr(typed, name)})
        try:
            times_of(alone, nothing, nothing.zone)
            await wishes_of(alone, usual, usual, library)
        except UserError as error:
            errors[name] = error
    return errors


def _posts(given: str) -> int:
    number = normalise(given[:_LONGEST]).removesuffix("件").strip()
    if not re.fullmatch("[0-9]{1,3}", number) or not 1 <= int(number) <= MOST_POSTS:
        raise UserError("digest.bad_posts", value=shown(given), most=MOST_POSTS)
    return int(number)


def _role(given: str) -> str:
    if len(given) > _LONGEST or re.search(r"\s", given) or not given.isprintable():
        raise UserError("digest.bad_role", value=shown(given))
    return given


def _chosen(given: str, choices: Sequence[tuple[str, str]]) -> str:
    """The value that is called so in either language."""
    word = normalise(given[:_LONGEST]).strip()
    for value, key in choices:
        names = [name for each in LANGUAGES for name in names_of(key, Texts(each))]
        if word in (value, *map(normalise, names)):
            return value
    right = " / ".join(value for value, _ in choices)
    raise UserError("digest.bad_choice", value=shown(given), right=right)


async def _tags(given: str, usual: tuple[str, ...], library: Library) -> tuple[str, ...]:
    """Tags in their usual spelling. Raises UserError for one that no post has."""
    if given == CLEARED:
        return usual
    pieces = [piece.strip().removeprefix("#").strip() for piece in _BETWEEN_TAGS.split(given)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > MOST_TAGS:
        raise UserError("digest.too_many_tags", most=MOST_TAGS)
    found: dict[str, str] = {}
    for piece in pieces:
        for name in await _named(piece, library):
            found.setdefault(tag_key(normalise(name)), name)
    if not found or len(found) > MOST_TAGS:
        raise UserError("digest.too_many_tags" if found else "digest.no_tags", most=MOST_TAGS)
    return tuple(found.values())


async def _named(piece: str, library: Library) -> list[str]:
    """The tag that is called so, or several with spaces between them."""
    every = await library.index.on_snapshot(lambda snapshot: snapshot.tags())
    for names in ([piece], [word.removeprefix("#") for word in piece.split()]):
        keys = [tag_key(normalise(name[:_LONGEST])) for name in names[:MOST_TAGS]]
        known = [every[key].name for key in keys if key in every]
        if len(known) == len(names):
            return known
    near = similar_tags(piece[:_LONGEST], every)
    if near:
        raise UserError("digest.near_tag", value=shown(piece), near=" / ".join(near))
    raise UserError("digest.unknown_tag", value=shown(piece))


def _check_apart(wishes: Wishes) -> None:
    """Refuse a tag that is wanted and unwanted."""
    unwanted = {tag_key(normalise(name)) for name in wishes.unwanted}
    both = [name for name in wishes.wanted if tag_key(normalise(name)) in unwanted]
    if both:
        raise UserError("digest.tag_both", value=both[0])
