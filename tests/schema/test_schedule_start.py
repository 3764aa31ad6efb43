"""The start of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report

SPEC = """\
apiVersion: dagwright/v1
name: demo
schedule: {{cron: 0 6 * * *, timezone: America/New_York, start: "{start}"}}
tasks: {{a: {{command: [echo]}}}}
"""


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        ("2026-01-01", datetime(2026, 1, 1, 5, tzinfo=UTC)),  # midnight in New York
        ("2026-07-01", datetime(2026, 7, 1, 4, tzinfo=UTC)),
        ("2026-01-01T06:00:00Z", datetime(2026, 1, 1, 6, tzinfo=UTC)),
        ("2026-01-01T06:00:00+02:00", datetime(2026, 1, 1, 4, tzinfo=UTC)),
        ("9999-12-31", None),
        ("0001-01-01", None),
        ("2026-02-30", None),
    ],
)
def test_start(start: str, instant: datetime | None, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(SPEC.format(start=start), encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    if instant is None:
        assert "E255" in [found.code for found in report.diagnostics]
        return
    assert pipeline is not None
    assert pipeline.schedule is not None
    assert pipeline.schedule.start == instant
