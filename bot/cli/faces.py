"""The platforms that the settings have a token for; a new adapter is one more line in FACES."""

from collections.abc import Callable, Sequence

from structlog.stdlib import get_logger

from bot.app import pictures_of
from bot.locales import Texts
from bot.meter import NO_METER, Meter
from bot.running.faces import Face
from bot.sealing import Sealer
from bot.settings import Settings
from bot.watching.clock import ClockWatch

# What adapters tell the operator is of the log, like everything that a running bot says.
_log = get_logger(__name__)

Make = Callable[[Settings, Texts, ClockWatch, Meter], Face | None]


def faces_of(
    settings: Settings, texts: Texts, clock: ClockWatch, meter: Meter = NO_METER
) -> Sequence[Face]:
    """A face for each of them; `texts` are for the operator."""
    made = [make(settings, texts, clock, meter) for make in FACES]
    return [face for face in made if face is not None]


def _discord(settings: Settings, texts: Texts, clock: ClockWatch, meter: Meter) -> Face | None:
    given = settings.discord
    if given is None:
        return None
    # Imported only now: it takes long, and the terminal does without.
    from adapters.discord.client import Connection, Shards
    from adapters.discord.face import discord_face

    shards = None if given.shards is None else Shards(*given.shards)
    connection = Connection(given.token, shards, given.api_url, given.gateway_url)
    return discord_face(
        connection,
        settings.language,
        texts,
        _log.info,
        clock,
        pictures_of(settings),
        only_admins=_only_admins(settings),
        meter=meter,
    )


def _slack(settings: Settings, texts: Texts, clock: ClockWatch, meter: Meter) -> Face | None:
    given = settings.slack
    if given is None:
        return None
    # Imported only now, as above.
    from adapters.slack.connection import App, Connection
    from adapters.slack.face import Manner, SlackFace

    app = None
    if given.oauth is not None:
        sealer = Sealer(settings.secret_keys)
        app = App(given.oauth.client_id, given.oauth.client_secret, sealer)
    connection = Connection(
        given.bot_token, given.app_token, given.signing_secret, app, given.api_url
    )
    only = _only_admins(settings)
    manner = Manner(settings.language, only, texts, _log.info, clock.now, meter=meter, clock=clock)
    return SlackFace(connection, manner)


def _only_admins(settings: Settings) -> bool:
    return settings.managers == "admins"


FACES: tuple[Make, ...] = (_discord, _slack)
