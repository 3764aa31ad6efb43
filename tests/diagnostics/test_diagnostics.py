"""Every diagnostic as printed for users: `<CODE>/<case>/pipeline.yaml` prints exactly `expected.txt`."""

from __future__ import annotations

import pytest

from dagwright.diagnostics.explain import codes, explain
from dagwright.diagnostics.render import render
from diagnostics.cases import CASES, HERE, report_of

ENGINES = ("Airflow", "Argo", "Kubernetes", "Python")


@pytest.mark.parametrize("case", CASES)
def test_diagnostic(case: str, bless: bool) -> None:
    report = report_of(case)
    text = render(report.diagnostics, "text")
    expected = HERE / case / "expected.txt"
    if bless:
        expected.write_text(text, encoding="utf-8")
    code = case.split("/", 1)[0]
    assert code in {d.code for d in report.diagnostics}, text
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_rules_of_messages(case: str) -> None:
    """A message is at most 90 characters, in small letters, without a full stop, and in the user's words."""
    for diagnostic in report_of(case).diagnostics:
        message = diagnostic.message
        assert len(message) <= 90, message
        assert not message.endswith("."), message
        first = message.split()[0]
        assert first == first.lower() or first[0] in '`"' or first.isupper() or first in ENGINES, message
        assert not {"dict", "NoneType", "str", "ruamel", "jsonschema", "libyaml"} & set(message.split()), message


def test_every_code_has_a_case() -> None:
    """Every code that a single spec can cause has a case; codes about files, runs and targets are tested elsewhere."""
    shown = {code for code in codes() if (page := explain(code)) is not None and page.wrong is not None}
    assert shown - {case.split("/", 1)[0] for case in CASES} == set()


def test_nine_of_ten_helps() -> None:
    """At least nine of ten cases have a help that can be pasted."""
    found = [d for case in CASES for d in report_of(case).diagnostics if d.code == case.split("/", 1)[0]]
    helped = [d for d in found if d.help]
    assert len(helped) >= 0.9 * len(found)
