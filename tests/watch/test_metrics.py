"""What the meter is told becomes metrics, with names that are known beforehand."""

import logging
import re
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as open_metrics,
)
from structlog.stdlib import get_logger

from bot.chat.measuring import NAMES, Measuring
from bot.cli.logs import route_events
from bot.errors import StateError, UserError
from bot.incidents import incident
from bot.intent import Newest, OpenPost
from bot.meter import Answered, Links
from bot.watching.figures import Figures
from bot.watching.metrics import IncidentCounter, Metrics
from tests.watch.asking import Asked
from tests.watch.told import FIGURES, NOW, metrics


def said(told: Metrics, figures: Figures = FIGURES) -> Asked:
    """What Prometheus is told."""
    kind, text = told.exposed(figures, "")
    return Asked(200, kind, text.decode())


def test_figures_are_told_as_they_are_now() -> None:
    now = said(metrics())
    assert now.value("matome_ready") == 1
    assert now.value("matome_adapter_up", platform="discord") == 1
    assert now.value("matome_adapter_up", platform="slack") == 0
    assert now.value("matome_gateway_up", platform="discord", link="1") == 0
    rows = {
        status: now.value("matome_outbox_rows", platform="discord", status=status)
        for status in ("ready", "later", "blocked")
    }
    assert rows == {"ready": 3, "later": 2, "blocked": 1}
    assert now.value("matome_outbox_rows", platform="slack") == 0
    assert now.value("matome_outbox_oldest_ready_seconds", platform="discord") == 90
    assert now.value("matome_outbox_oldest_ready_seconds", platform="slack") == 0
    assert now.value("matome_digest_overdue_seconds", platform="slack") == 300
    assert now.value("matome_index_bytes") == 4096
    newest = now.value("matome_newest_post_timestamp_seconds")
    assert newest == NOW.timestamp() - 86400
    assert now.value("matome_sync_last_success_timestamp_seconds") == NOW.timestamp() - 600
    assert now.value("matome_build_info", version="1.0", python="3.11") == 1


def test_what_is_not_known_is_left_out() -> None:
    now = said(metrics(), Figures(NOW, False, {"slack": True}, {"slack": {}}, False))
    assert (now.value("matome_ready"), now.value("matome_state_up")) == (0, 0)
    for name in (
        "matome_outbox_rows",
        "matome_outbox_oldest_ready_seconds",
        "matome_digest_overdue_seconds",
        "matome_index_posts",
        "matome_newest_post_timestamp_seconds",
        "matome_sync_last_success_timestamp_seconds",
    ):
        assert f"# TYPE {name} gauge" in now.text
        assert now.value(name) is None


def test_everything_that_happens_is_counted() -> None:
    told = metrics()
    told.asked("slack", "search", Answered.USER_ERROR, 0.02)
    told.replied("slack", 0.3, arrived=True)
    told.replied("slack", 0.3, arrived=False)
    told.delivered("slack", "post", "done", -0.1)
    told.delivered("slack", "post", "again", None)
    told.waited("slack", 0.5)
    told.limited("slack", 30.0, everywhere=True)
    told.broke_limit("slack", "blocks")
    told.reconnected("slack", "socket")
    told.synced(3.0, succeeded=True)
    told.synced(1.0, succeeded=False)
    told.lagged(-0.001)
    now = said(told)
    assert now.value("matome_requests_total", intent="search", outcome="user_error") == 1
    assert now.value("matome_request_duration_seconds_sum", intent="search") == 0.02
    assert now.value("matome_reply_duration_seconds_count", platform="slack") == 1
    assert now.value("matome_replies_lost_total", platform="slack") == 1
    assert now.value("matome_deliveries_total", op="post", outcome="again") == 1
    # A clock may have been put back a little.
    assert now.value("matome_delivery_lateness_seconds_sum", op="post") == 0
    assert now.value("matome_delivery_lateness_seconds_count", op="post") == 1
    assert now.value("matome_pace_wait_seconds_sum", platform="slack") == 0.5
    assert now.value("matome_rate_limit_wait_seconds_sum", scope="platform") == 30
    assert now.value("matome_validator_findings_total", limit="blocks") == 1
    assert now.value("matome_gateway_reconnects_total", link="socket") == 1
    assert now.value("matome_syncs_total", result="succeeded") == 1
    assert now.value("matome_syncs_total", result="failed") == 1
    assert now.value("matome_event_loop_lag_seconds_sum") == 0
    assert told.synced_at == NOW


def test_counts_of_a_platform_begin_with_zero() -> None:
    told = metrics()
    told.begin("discord")
    missed = {"platform": "discord", "op": "digest", "outcome": "missed"}
    assert said(told).value("matome_deliveries_total", **missed) == 0
    assert said(told).value("matome_replies_lost_total", platform="discord") == 0


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        ("application/openmetrics-text; version=1.0.0,text/plain;q=0.5", "application/openmetrics"),
        ("application/openmetrics-text; version=none", "text/plain; version=0.0.4"),
    ],
)
def test_it_is_told_in_the_form_that_is_asked_for(accept: str, kind: str) -> None:
    told = metrics()
    told.begin("discord")
    found, text = told.exposed(FIGURES, accept)
    assert found.startswith(kind)
    if kind.endswith("openmetrics"):
        families = open_metrics(text.decode())  # type: ignore[no-untyped-call]
        assert len(list(families)) > 20


def test_two_registries_know_nothing_of_each_other() -> None:
    one, other = metrics(), metrics()
    one.waited("slack", 1.0)
    assert said(other).value("matome_pace_wait_seconds_count") is None


def test_requests_are_measured_by_what_they_are_about_and_how_they_end() -> None:
    told, clock = metrics(), iter([0.0, 1.0, 2.0, 4.0, 5.0, 5.5, 6.0])
    measuring = Measuring(told, lambda: next(clock))
    with measuring.of("slack") as asking:
        asking.about(OpenPost("key"))
    with pytest.raises(UserError), measuring.of("slack"):
        raise UserError("query.empty")
    with pytest.raises(StateError), measuring.of("slack") as asking:
        asking.about(Newest())
        raise StateError("state.none", path="x")
    # Who has gone is not counted: there is no more to be read of the clock than its beginning.
    with pytest.raises(GeneratorExit), measuring.of("slack"):
        raise GeneratorExit
    now, requests = said(told), "matome_requests_total"
    assert now.value(requests, intent="open_post", outcome="ok") == 1
    assert now.value(requests, intent="unknown", outcome="user_error") == 1
    assert now.value(requests, intent="newest", outcome="incident") == 1
    assert now.value(requests) == 3
    assert now.value("matome_request_duration_seconds_sum", intent="unknown") == 2.0


def test_the_names_of_intents_are_few_and_plain() -> None:
    assert len(NAMES) == len(set(NAMES.values())) < 40
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", name) for name in NAMES.values())


def test_a_link_that_comes_back_is_a_reconnect() -> None:
    told = metrics()
    links = Links("discord", told)
    links.expect("0", "1")
    assert links.missing == ["0", "1"]
    links.opened("0")
    links.opened("1")
    assert not links.missing
    links.closed("1")
    links.expect("1")
    assert links.states == {"0": True, "1": False}
    links.opened("1")
    assert said(told).value("matome_gateway_reconnects_total") == 1


@pytest.fixture
def counted() -> Iterator[Metrics]:
    """Metrics that count what is logged."""
    told, root = metrics(), logging.getLogger()
    counter = IncidentCounter(told)
    route_events()
    root.addHandler(counter)
    yield told
    root.removeHandler(counter)


def test_incidents_are_counted_by_their_place_and_nothing_else_is(counted: Metrics) -> None:
    log = get_logger("bot.somewhere")
    incident(log, "it failed", ValueError("x"))
    incident(log, "it failed", StateError("state.none", path="x"))
    log.error("an answer could not be shown", cause="incident")
    logging.getLogger("library").error("incident of a library")
    now = said(counted)
    assert now.value("matome_incidents_total", place="bot.somewhere") == 2
    assert now.value("matome_incidents_total") == 2
