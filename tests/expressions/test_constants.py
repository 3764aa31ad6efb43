"""No reference is silently ignored: each text of a spec either is read as an expression, or refuses a `${{ }}`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.reading.read import parse
from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

SPEC = """\
apiVersion: dagwright/v1
name: demo
description: words
owner: team
labels: {team: growth}
params:
  who: {type: string, default: world, min_length: 1, enum: [world, moon], description: words}
  size: {type: number, default: 1, minimum: 0, maximum: 2}
  any: {type: json, default: {key: [value]}}
schedule: {cron: "30 4 * * *", timezone: Europe/Berlin, overlap: forbid, start: 2026-01-01, catchup: false}
defaults:
  image: python
  interpreter: [sh, -c]
  workdir: /jobs
  retry: {limit: 2, delay: 30s, factor: 2, max_delay: 10m}
  timeout: 1h
  env: {A: READ}
  labels: {x: y}
  resources: {cpu: 1, memory: 4Gi, gpu: 1}
components:
  copy:
    inputs: {what: {type: string, default: it, description: words}, list: {type: json, default: [1]}}
    outputs: {done: {type: string, filename: done, default: no, description: words}}
    command: [READ, READ]
    env: {B: READ}
    image: python
    workdir: /jobs
    description: words
    secrets: {TOKEN: {name: deploy, key: token}}
tasks:
  first: {command: [READ], env: {C: READ}, description: words, image: python, workdir: /jobs, labels: {a: b}}
  second: {uses: copy, with: {what: READ, list: [1, {key: value}]}, needs: [first], trigger_rule: all_done, timeout: 1h}
  third: {script: echo, interpreter: [sh, -c], matrix: {k: [v], include: [{k: w}], exclude: [{k: x}]}, max_parallel: 2}
  fourth: {command: [READ], foreach: [a, b], needs: third}
  fifth: {command: [READ], when: "true", inputs: {given: READ}}
finally:
  last: {command: [READ], description: words}
targets:
  airflow: {version: "3.3", tags: [a], pool: b, queue: c, namespace: d, service_account: e, runtime: auto, workdir: /f,
            startup_timeout: 1h, artifacts: {path: /g, volume_claim: h}, pass_env: [I], max_active_tasks: 1}
  argo: {version: "4.0", image: a, image_pull_policy: Always, namespace: b, service_account: c,
         artifact_repository: {config_map: d, key: e}, parallelism: 1, ttl: 1h}
  local: {max_parallel: 1, pass_env: [A]}
"""


def scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for name, value in node.values.items():
                yield node.keys[name]
                yield from scalars(value)


def compiled(text: str, folder: Path) -> Report:
    path, report = folder / "pipeline.yaml", Report()
    path.write_text(text, encoding="utf-8")
    load(str(path), Options(), report)
    return report


def errors_with(span: Span, folder: Path) -> set[str]:
    """The codes of the errors in the spec after a reference replaces a text."""
    text = SPEC[: span.start] + '"${{ run.id }}"' + SPEC[span.end :]
    return {d.code for d in compiled(text, folder).diagnostics if d.severity.value == "error"}


TREE = parse(Source("pipeline.yaml", SPEC))
assert TREE is not None
PLACES = [found.span for found in scalars(TREE)]


@pytest.mark.parametrize("span", PLACES, ids=lambda span: "{}:{}".format(*span.source.position(span.start)))
def test_a_reference_is_read_or_refused(span: Span, tmp_path: Path) -> None:
    errors = errors_with(span, tmp_path)
    assert (errors == set()) == (SPEC[span.start : span.end] == "READ")


def test_the_spec_itself_is_right(tmp_path: Path) -> None:
    text = SPEC.replace("READ", '"${{ run.id }}"')
    assert not compiled(text, tmp_path).failed


def test_component_files_too(tmp_path: Path) -> None:
    (tmp_path / "lib.yaml").write_text('components: {c: {command: [a], description: "x ${{ run.id }}"}}\n')
    report = compiled("apiVersion: dagwright/v1\nname: a\ntasks: {t: {uses: ./lib.yaml}}\n", tmp_path)
    (found,) = report.diagnostics
    assert (found.code, found.span and Path(found.span.source.path).name) == ("E440", "lib.yaml")
    assert found.span is not None
    assert found.span.source.text[found.span.start : found.span.end] == "${{ run.id }}"
