"""How the program stands at a moment, as figures: what is asked for when metrics are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.stores import Backlog


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """How large the index is, in bytes with what belongs to it, and what is in it.

    `newest` is the date of the newest post, None where there is none.
    """

    posts: int
    comments: int
    size: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class StateFigures:
    """What is to be sent, and since when the longest due digest of each platform is due (UTC)."""

    backlog: Sequence[Backlog] = ()
    overdue: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is known at a time (UTC); None for what could not be asked just now.

    `adapters` says of each platform whether people are answered there, `links` of each of its
    connections whether it is up. `synced_at` is when the last sync ended that succeeded (UTC);
    `sync_every` is how many seconds are between two, 0 where the bot makes none but the first.
    """

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    is_ready: bool | None = None
    adapters: Mapping[str, bool] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    is_state_up: bool | None = None
    state: StateFigures | None = None
    index: IndexFigures | None = None
    synced_at: datetime | None = None
    sync_every: float | None = None


# The values of the labels, and the number.
Sample = tuple[Sequence[str], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure by the name that it has in Prometheus, with its samples."""

    name: str
    help: str
    labels: Sequence[str]
    samples: Sequence[Sample]


def gauges_of(figures: Figures) -> Sequence[Gauge]:
    """All gauges, also those of which nothing is known, then without samples."""
    return (*_of_program(figures), *_of_state(figures), *_of_index(figures))


def _of_program(figures: Figures) -> Sequence[Gauge]:
    links = [
        ((platform, link), float(is_up))
        for platform, states in figures.links.items()
        for link, is_up in states.items()
    ]
    adapters = [((name,), float(is_up)) for name, is_up in figures.adapters.items()]
    return (
        Gauge("matome_ready", "Whether GET /readyz says 200.", (), _one(figures.is_ready)),
        Gauge(
            "matome_adapter_up",
            "Whether people are answered on a platform.",
            ("platform",),
            adapters,
        ),
        Gauge(
            "matome_gateway_up",
            "Whether a shard of Discord or a socket of Slack is connected.",
            ("platform", "link"),
            links,
        ),
    )


def _of_state(figures: Figures) -> Sequence[Gauge]:
    rows: list[Sample] = []
    ages: list[Sample] = []
    overdue: list[Sample] = []
    if figures.state is not None:
        backlogs = {one.platform: one for one in figures.state.backlog}
        for platform in figures.adapters:
            one = backlogs.get(platform) or Backlog(platform)
            counts = {"ready": one.ready, "later": one.later, "blocked": one.blocked}
            rows += [((platform, status), count) for status, count in counts.items()]
            ages.append(((platform,), _age(one.oldest, figures.now)))
            overdue.append(((platform,), _age(figures.state.overdue.get(platform), figures.now)))
    return (
        Gauge(
            "matome_state_up",
            "Whether the state answers, or none is needed yet.",
            (),
            _one(figures.is_state_up),
        ),
        Gauge(
            "matome_outbox_rows",
            "Rows that are to be sent, 10,000 at most: ready now, later, or blocked by others.",
            ("platform", "status"),
            rows,
        ),
        Gauge(
            "matome_outbox_oldest_ready_seconds",
            "Since when the row is ready that is ready for the longest time, 0 for none.",
            ("platform",),
            ages,
        ),
        Gauge(
            "matome_digest_overdue_seconds",
            "How long the longest due digest is due that is not in the outbox yet, 0 for none.",
            ("platform",),
            overdue,
        ),
    )


def _of_index(figures: Figures) -> Sequence[Gauge]:
    index = figures.index
    newest = None if index is None else index.newest
    return (
        Gauge(
            "matome_index_posts",
            "Posts that are served.",
            (),
            _one(None if index is None else index.posts),
        ),
        Gauge(
            "matome_index_comments",
            "Comments that are served.",
            (),
            _one(None if index is None else index.comments),
        ),
        Gauge(
            "matome_index_bytes",
            "The size of the index on the disk.",
            (),
            _one(None if index is None else index.size),
        ),
        Gauge(
            "matome_newest_post_timestamp_seconds",
            "The date of the newest post.",
            (),
            _one(None if newest is None else newest.timestamp()),
        ),
        Gauge(
            "matome_sync_last_success_timestamp_seconds",
            "When the last sync of this process ended that succeeded.",
            (),
            _one(None if figures.synced_at is None else figures.synced_at.timestamp()),
        ),
        Gauge(
            "matome_sync_interval_seconds",
            "Between two syncs as it is set; 0 for none but that at the start.",
            (),
            _one(figures.sync_every),
        ),
    )


def _one(number: float | None) -> Sequence[Sample]:
    return [] if number is None else [((), float(number))]


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
