"""The alert rules, the dashboard and the documents speak of metrics that there are."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.watch.told import FIGURES, metrics, names

ROOT = Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "deploy/prometheus/alerts.yaml"
RULE_TESTS = ROOT / "deploy/prometheus/alerts_test.yaml"
SCRAPING = ROOT / "deploy/prometheus/prometheus.yaml"
DASHBOARD = ROOT / "deploy/grafana/matome.json"
DOCUMENT = ROOT / "docs/monitoring.md"

METRIC = re.compile(r"\b((?:matome|process|python)_[a-z_]+)\b")
ENDS = re.compile(r"_(bucket|sum|count)$")


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own program that looks at rules."""
    found = shutil.which("promtool")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not there (the package prometheus)")
        pytest.skip("promtool is not there (the package prometheus)")
    return found


def run(*command: str | Path, stdin: str = "") -> None:
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, cwd=RULES.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Advice is no failure to promtool.
    assert not done.stderr, done.stderr


def rules() -> list[dict[str, Any]]:
    found = yaml.safe_load(RULES.read_text("utf-8"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return found


def queries() -> Iterator[str]:
    """What the panels ask for, with values for the variables."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            asked = target["expr"].replace("$__rate_interval", "5m")
            yield re.sub(r"\$(job|instance|platform)", "x", asked)


def metrics_in(text: str) -> set[str]:
    """The metrics that a text names: those of a histogram by its own name."""
    known, found = names(metrics()), set(METRIC.findall(text))
    return {name if name in known else ENDS.sub("", name) for name in found}


def test_the_rules_are_right(promtool: str) -> None:
    run(promtool, "check", "rules", RULES)
    run(promtool, "check", "config", SCRAPING)


def test_the_rules_do_what_they_are_for(promtool: str) -> None:
    done = subprocess.run(
        [promtool, "test", "rules", RULE_TESTS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_what_prometheus_understands(promtool: str, tmp_path: Path) -> None:
    asked = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries())]
    assert len(asked) > 30
    written = tmp_path / "panels.yaml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": asked}]}))
    run(promtool, "check", "rules", written)


def test_the_metrics_are_named_as_prometheus_would(promtool: str) -> None:
    told = metrics()
    told.begin("discord")
    _, text = told.exposed(FIGURES, "")
    run(promtool, "check", "metrics", stdin=text.decode())


@pytest.mark.parametrize("path", [RULES, RULE_TESTS, DASHBOARD, DOCUMENT], ids=lambda p: p.name)
def test_what_is_named_is_there(path: Path) -> None:
    named = metrics_in(path.read_text("utf-8"))
    assert named
    assert named <= names(metrics())


def test_every_metric_is_in_the_table() -> None:
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in METRIC.findall(row.split("|")[1])}
    assert named == names(metrics())


def test_the_dashboard_shows_every_metric_of_ours() -> None:
    shown = metrics_in(DASHBOARD.read_text("utf-8"))
    assert {name for name in names(metrics()) if name.startswith("matome_")} == {
        name for name in shown if name.startswith("matome_")
    }


def test_every_alert_is_tested_and_says_what_to_do() -> None:
    tests, document = RULE_TESTS.read_text("utf-8"), DOCUMENT.read_text("utf-8")
    headings = {line.removeprefix("### ") for line in document.splitlines() if line[:4] == "### "}
    alerts = {rule["alert"] for rule in rules()}
    assert headings == alerts
    for rule in rules():
        name = rule["alert"]
        assert f'"{name}"' in tests
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/monitoring.md#{name.lower()}"


def test_panels_do_not_overlap_and_have_titles() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert panel["title"]
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
