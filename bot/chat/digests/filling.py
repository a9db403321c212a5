"""What a form about a digest asks for: what it is set to now, and which answers make no sense."""

from collections.abc import Mapping
from dataclasses import replace

from bot.chat.commands import wished
from bot.chat.context import Context
from bot.chat.digests.access import is_personal, place_for, subscription_of
from bot.chat.digests.changing import usual
from bot.chat.digests.desk import Desk
from bot.chat.digests.wishes import Typed
from bot.digest.times import time_text, weekdays_text
from bot.intent import AddDigest, EditDigest
from bot.locales import Texts
from bot.subscription import Times, Wishes


async def set_now(desk: Desk, intent: Typed, context: Context) -> tuple[Typed, Mapping[str, str]]:
    """The intent with the digest that it is about, and what each option is set to, by its name.

    A new digest has the usual values. Raises UserError for who may not do it.
    """
    match intent:
        case AddDigest():
            personal = is_personal(intent, context)
            if not personal and not (intent.elsewhere and not intent.target.strip()):
                await place_for(desk, intent, context)
            times, wishes = usual(desk, context, personal=personal)
            found = options_of(times, wishes, context.texts, personal=personal)
            return intent, found if personal else {**found, "target": ""}
        case EditDigest():
            stores = await desk.get_stores()
            now = await subscription_of(desk, stores, intent.subscription, context)
            found = options_of(now.times, now.wishes, context.texts, personal=now.personal)
            return replace(intent, subscription=now.id), found


def options_of(times: Times, wishes: Wishes, texts: Texts, *, personal: bool) -> dict[str, str]:
    """What people would type for this, by the names of the options; "" where nothing is set."""
    found = {
        "time": time_text(times.at),
        "weekdays": weekdays_text(times.weekdays, texts),
        "zone": times.zone,
        "tags": ", ".join(wishes.wanted),
        "without": ", ".join(wishes.unwanted),
        "posts": str(wishes.posts),
        "language": wishes.language,
        "quiet_day": wishes.quiet_day.value,
        "role": wishes.role or "",
        "publish": "yes" if wishes.publish else "no",
    }
    return {spec.name: found[spec.name] for spec in wished(personal=personal)}
