"""docs/run-record.md and the schema describe every event, field and file of a run; the page describes no others."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator as Validator

SPEC = """\
apiVersion: dagwright/v1
name: everything
params: {word: {type: string, default: hi}, address: {type: string, default: here}}
tasks:
  write:
    interpreter: [python3, -c]
    script: |
      import os
      text = "x" * 200_000_000
      for name in ("words", "file"):
          with open(os.environ["DW_OUT"] + "/" + name, "w") as file:
              file.write(text[:3])
    outputs: {words: string, file: file}
  read:
    command: [cat, "${{ tasks.write.outputs.file }}"]
  again:
    matrix: {side: [left, right]}
    script: test $DW_ATTEMPT = 2
    retry: {limit: 1, delay: 1s}
  lost:
    foreach: "['a', 'b']"
    command: [echo, "${{ if(item == 'a', string(1 / len('')), item) }}"]
  missing:
    command: [./no-such-program]
  leaves:
    script: echo 1 > left.txt
  skipped:
    when: params.word == 'ho'
    command: [echo]
  secret:
    command: [env]
    secrets: {TOKEN: {name: mail, key: token}}
finally:
  last:
    command: [sleep, "${{ if(params.word == 'hi', '0', '60') }}"]
"""
_ROW = re.compile(r"^\| (?P<star>\*?)`(?P<name>\w+)`\*? \| (?P<type>\w+) \|", re.MULTILINE)
_TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "run-record.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The folders of runs: to its end, resumed with another spec, of some tasks, and stopped in `finally`."""
    home = tmp_path_factory.mktemp("runs")
    (home / "spec.yaml").write_text(SPEC, encoding="utf-8")
    for command in (["init", "-q"], ["-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "m", "--allow-empty"]):
        subprocess.run(["git", *command], cwd=home, check=True)
    command = [sys.executable, "-m", "dagwright", "run", "spec.yaml", "--quiet"]
    environment = {**os.environ, "DW_SECRET_MAIL_TOKEN": "abcdef"}
    # A process starts with the peak memory of its parent, and pytest has used much: the shell between has used little.
    small = ["sh", "-c", '"$@"; exit $?', "sh"]
    whole = subprocess.run([*small, *command], cwd=home, env=environment, capture_output=True, check=False)
    assert whole.returncode == 5, whole.stderr
    runs = home / ".dagwright" / "runs"
    folders = [(runs / "latest").resolve()]
    (home / "spec.yaml").write_text(SPEC.replace("echo 1", "echo 2"), encoding="utf-8")
    resume = [sys.executable, "-m", "dagwright", "resume", "--spec", "spec.yaml", "--quiet"]
    resumed = subprocess.run(resume, cwd=home, env=environment, capture_output=True, check=False)
    assert resumed.returncode == 5, resumed.stderr
    (home / ".git").rename(home / "gone")
    part = subprocess.run([*command, "--only", "read"], cwd=home, env=environment, capture_output=True, check=False)
    assert part.returncode == 0, part.stderr
    folders.append((runs / "latest").resolve())
    stopping = [*command, "--param", "word=ho", "--param", "address=http://abcdef@here"]
    stopped = subprocess.Popen(stopping, cwd=home, env=environment, stderr=subprocess.DEVNULL)
    record = home / ".dagwright" / "runs" / "latest" / "record.jsonl"
    first = record.resolve()
    while record.resolve() == first or not record.exists() or '"finally"' not in record.read_text(encoding="utf-8"):
        assert stopped.poll() is None
        time.sleep(0.1)
    stopped.send_signal(signal.SIGINT)
    assert stopped.wait(60) == 130
    return [*folders, record.resolve().parent]


@pytest.fixture(scope="module")
def schema(root: Path) -> Validator:
    found = json.loads((root / "schemas" / "run-record.v1.json").read_text(encoding="utf-8"))
    Validator.check_schema(found)
    return Validator(found)


def test_the_schema_refuses_other_events(schema: Validator, folders: list[Path]) -> None:
    for line in (folders[0] / "record.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        for name in schema.schema["$defs"][f"event_{event['event']}"]["required"]:
            assert not schema.is_valid({key: value for key, value in event.items() if key != name}), (name, event)


def section(page: str, heading: str) -> str:
    found = re.search(rf"^(#+) {heading}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"no section `{heading}`"
    return found[2]


def fields(text: str) -> dict[str, tuple[bool, str]]:
    """The fields of the first table: whether each is optional, and its type."""
    table = re.split(r"\n\n(?!\|)", text[text.index("| field") :])[0]
    return {row["name"]: (bool(row["star"]), row["type"]) for row in _ROW.finditer(table)}


def compare(name: str, documented: dict[str, tuple[bool, str]], objects: Iterable[dict[str, Any]]) -> None:
    """Every field occurs, is documented, and has its type; only optional fields may be missing."""
    objects = list(objects)
    for entry in objects:
        for field, value in entry.items():
            assert field in documented, f"`{field}` of `{name}` is not documented"
            kind = documented[field][1]
            assert isinstance(value, _TYPES[kind]), f"`{field}` of `{name}` is not {kind}: {value!r}"
            assert isinstance(value, bool) == (kind == "boolean"), f"`{field}` of `{name}`: {value!r}"
    for field, (optional, _) in documented.items():
        count = sum(field in entry for entry in objects)
        assert count, f"`{field}` of `{name}` never occurs"
        assert (count < len(objects)) == optional, f"`{field}` of `{name}` is there {count} of {len(objects)} times"


def test_every_event_is_described(page: str, folders: list[Path], schema: Validator) -> None:
    events: dict[str, list[dict[str, Any]]] = {}
    for folder in folders:
        for line in (folder / "record.jsonl").read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            schema.validate(event)
            datetime.fromisoformat(event.pop("at"))
            events.setdefault(event.pop("event"), []).append(event)
    described = re.findall(r"^### (\w+)$", section_of_events(page), re.MULTILINE)
    assert set(described) == set(events)
    inherited = {name: row for name, row in fields(section(page, "run")).items() if name != "record"}
    optional = {name: row for name, row in inherited.items() if not row[0]}
    for name in described:
        documented = fields(section(page, name))
        compare(
            name, {**optional, "git": (False, "object"), **documented} if name == "resume" else documented, events[name]
        )


def section_of_events(page: str) -> str:
    return page[page.index("## Events") : page.index("## Trace")]


def test_the_trace_is_described(page: str, folders: list[Path]) -> None:
    traces = [json.loads((folder / "trace.json").read_text(encoding="utf-8")) for folder in folders]
    text = page[page.index("## Trace") :]
    compare("trace", fields(text), traces)
    entries = [entry for trace in traces for entry in trace["tasks"].values()]
    compare("tasks", fields(text[text.index("An entry of `tasks`") :]), entries)
    for entry in entries:
        for instance in entry.get("instances", ()):
            assert set(instance) == {"state", "attempts", "outputs"}


def test_every_file_is_described(page: str, folders: list[Path]) -> None:
    patterns = {
        re.sub("<[a-z]+>", r"[\\w.]+", re.escape(name))
        for name in re.findall(r"^\| `([^`]+)` \|", section(page, "Files"), re.MULTILINE)
    }
    used = set()
    for folder in folders:
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if name in ("logs", "outputs", "inputs"):
                continue
            matching = {pattern for pattern in patterns if re.match(pattern, name + ("/" if path.is_dir() else ""))}
            assert matching, f"{name} is not described"
            used |= matching
    assert used == patterns
