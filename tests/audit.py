"""Known faults of the packages that are pinned: `make audit` runs this where pip-audit is.

Ends with 0 where none is known of any, 1 where some are, and 3 where that could not be found out:
pip-audit itself takes packages that it knows nothing of for good.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FINE, FAULTY, UNKNOWN = 0, 1, 3
ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt", "requirements-audit.txt")
# What is asked, in seconds and in this order.
TIMEOUT, SERVICES = 15, ("pypi", "osv")


def verdict(report: Mapping[str, Any]) -> tuple[int, Sequence[str]]:
    """What a report of pip-audit (--format json) comes to: the exit status, and what to say."""
    lines, skipped, looked_at = [], [], 0
    for package in report["dependencies"]:
        name = f"{package['name']} {package.get('version', '')}".strip()
        if "skip_reason" in package:
            skipped.append(name)
            continue
        looked_at += 1
        for fault in package["vulns"]:
            fixed = ", ".join(fault["fix_versions"]) or "no version yet"
            lines.append(f"{name}: {fault['id']}, mended in {fixed}")
    if lines:
        return FAULTY, sorted(set(lines))
    if skipped or not looked_at:
        shown = ", ".join(sorted(skipped)[:5]) or "any"
        return UNKNOWN, [f"Nothing is known of {len(skipped)} packages, such as {shown}."]
    return FINE, [f"No fault is known of any of the {looked_at} packages."]


def asked(service: str) -> tuple[int, Sequence[str]]:
    """The verdict by a service that knows of faults."""
    files = [part for file in FILES for part in ("--requirement", str(ROOT / file))]
    given = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *given, "--vulnerability-service", service]
        + ["--timeout", str(TIMEOUT), *files],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return verdict(json.loads(done.stdout))
    except (ValueError, KeyError):
        return UNKNOWN, done.stderr.strip().splitlines()[-1:]


def main() -> int:
    """Ask until one knows; say what it says."""
    status, lines = UNKNOWN, list[str]()
    for service in SERVICES:
        status, said = asked(service)
        lines += [f"{service}: {line}" for line in said]
        if status != UNKNOWN:
            break
    print("\n".join(lines), file=sys.stdout if status == FINE else sys.stderr)
    if status == UNKNOWN:
        print("NOT AUDITED: no service could be reached that knows of faults.", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
