"""The recipes of CONTRIBUTING.md, carried out on a copy of the project: they work, in as many files as they name."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine("long")

PACKAGE = "compiler/dagwright"
HEAD = "apiVersion: dagwright/v1\nname: demo\n"


class Copy:
    """A copy of the project that a recipe changes; `touched` are the changed files."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for name in ("compiler", "schemas", "templates"):
            shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def insert(self, name: str, after: str, text: str) -> None:
        """Insert a text after the only place of another one."""
        before = (self.folder / name).read_text(encoding="utf-8")
        assert before.count(after) == 1, f"{name} has {before.count(after)} times: {after}"
        self.write(name, before.replace(after, after + text))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        self.touched.add(name)

    def schema(self, change: Callable[[dict[str, dict[str, object]]], None]) -> None:
        """Change the definitions of the published schema."""
        name = "schemas/pipeline.v1.json"
        document = json.loads((self.folder / name).read_text(encoding="utf-8"))
        change(document["$defs"])
        self.write(name, json.dumps(document))

    def run(self, *arguments: str, spec: str) -> subprocess.CompletedProcess[str]:
        """`dagwright` of the copy, with a spec beside it."""
        (self.folder / "demo.yaml").write_text(HEAD + spec, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "dagwright", *arguments],
            cwd=self.folder, env={**os.environ, "PYTHONPATH": str(self.folder / "compiler")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Copy:
    return Copy(root, tmp_path)


def recipe(root: Path, title: str) -> str:
    """The section of CONTRIBUTING.md."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def assert_named(root: Path, title: str, copy: Copy) -> None:
    """Each changed file is in the recipe, by its path or by its path in the package or in `backends`."""
    named = set(re.findall(r"`([\w./]+\.(?:py|json))`", recipe(root, title)))
    for file in copy.touched:
        short = file.removeprefix(f"{PACKAGE}/")
        assert named & {file, short, short.removeprefix("backends/")}, f"{title} does not name {file}"


def test_a_function(root: Path, copy: Copy) -> None:
    copy.insert(
        f"{PACKAGE}/meaning/values.py", "def lower(text: str) -> str:",
        '\n    return _folded(text)\n\n\ndef unquote(text: str) -> str:\n    return text.strip("_")\n\n\n'
        "def _folded(text: str) -> str:",
    )  # fmt: skip
    copy.insert(f"{PACKAGE}/meaning/operators.py", '    "lower": lower,\n', '    "unquote": unquote,\n')
    copy.insert(f"{PACKAGE}/meaning/operators.py", "    to_number,\n", "    unquote,\n")
    copy.insert(
        f"{PACKAGE}/meaning/operators.py", '    "lower": Row("lower", _ONE_STRING, can_fail=False),  # ASCII only\n',
        '    "unquote": Row("unquote", _ONE_STRING, can_fail=False),\n',
    )  # fmt: skip
    copy.insert(f"{PACKAGE}/ir/expr.py", '    LOWER = "lower"\n', '    UNQUOTE = "unquote"\n')
    copy.insert(
        f"{PACKAGE}/backends/argo/exprlang/printer.py",
        '                return _ascii_case(args[0], "lower", "A", "Z")\n',
        "            case Operator.UNQUOTE:\n                return f\"trim({args[0]}, '_')\"\n",
    )
    spec = (
        "params: {who: {type: string, default: '__ada_'}}\n"
        "tasks:\n  one:\n    command: [echo, \"<${{ unquote(params.who) + '!' }}>\"]\n"
        "    when: unquote(params.who) == 'ada'\n"
        "targets: {argo: {image: alpine}}\n"
    )
    made = copy.run("compile", "demo.yaml", "-t", "airflow,argo,local", spec=spec)
    assert made.returncode == 0, made.stderr
    assert "def unquote(text" in (copy.folder / "build/airflow/demo.py").read_text(encoding="utf-8")
    manifest = (copy.folder / "build/argo/demo.yaml").read_text(encoding="utf-8")
    assert re.search(r"trim\([^,]*params[^,]*, '_'\)|trim\([^,]*who[^,]*, '_'\)", manifest)
    script = subprocess.run(
        [sys.executable, str(copy.folder / "build/local/demo.py")], cwd=copy.folder, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert script.returncode == 0, script.stderr
    logs = [path.read_text(encoding="utf-8") for path in (copy.folder / ".dagwright").rglob("*") if path.is_file()]
    assert any("<ada!>" in log for log in logs)
    assert len(copy.touched) == 4
    assert_named(root, "Add a function", copy)


def test_a_key(root: Path, copy: Copy) -> None:
    nice = {
        "title": "Niceness",
        "description": "How much the task yields to others.",
        "examples": [10],
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 19,
    }

    def add(definitions: dict[str, dict[str, object]]) -> None:
        for name in ("task", "component", "defaults"):
            properties = definitions[name]["properties"]
            assert isinstance(properties, dict)
            properties["nice"] = nice

    copy.schema(add)
    copy.insert(f"{PACKAGE}/ir/model.py", "    timeout: timedelta | None = None\n", "    nice: int | None = None\n")
    line = '            timeout=self.duration("timeout"),\n'
    copy.insert(f"{PACKAGE}/lower/task.py", line, '            nice=number(self.node("nice")),\n')
    copy.insert(f"{PACKAGE}/backends/features.py", '    TIMEOUT = "timeout"\n', '    NICE = "nice"\n')
    line = '    (Feature.TIMEOUT, "timeout", lambda t: t.timeout is not None),\n'
    copy.insert(f"{PACKAGE}/backends/features.py", line, '    (Feature.NICE, "nice", lambda t: t.nice is not None),\n')
    for target, level in (("argo", "UNSUPPORTED"), ("local", "ADVISORY")):
        name = f"{PACKAGE}/backends/{target}/support.py"
        line = "SUPPORT: dict[Feature, Support] = {\n"
        copy.insert(name, line, f'    Feature.NICE: Support(Level.{level}, "the niceness of the process"),\n')
    spec = "defaults: {nice: 5}\ntasks:\n  one: {command: [echo, hi], image: alpine, nice: 10}\n"
    good = copy.run("check", "demo.yaml", "-t", "local", spec=spec)
    assert (good.returncode, good.stdout) == (0, "demo.yaml: ok (1 task)\n"), good.stderr
    for target in ("argo", "airflow"):  # one says so in its table, the other has no line for it
        refused = copy.run("check", "demo.yaml", "-t", target, "--format", "concise", spec=spec)
        assert refused.returncode == 1
        assert f"error[E601]: target `{target}`" in refused.stderr
        assert "cannot keep `nice: 10`" in refused.stderr
    wrong = copy.run("check", "demo.yaml", spec=spec.replace("10", "20"))
    assert "must be from 0 to 19, not 20" in wrong.stderr or "must be at most 19, not 20" in wrong.stderr
    assert "\nnice " in copy.run("support", spec=spec).stdout
    assert len(copy.touched) == 6  # and a line in the third table, if that engine has it
    assert_named(root, "Add a key to the language", copy)
