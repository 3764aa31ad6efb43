"""Makes the picture of README.md from real runs of `examples/forecast`: `python docs/picture/make.py [FOLDER]`.

Airflow's grid is a screenshot of a real Airflow, Argo's graph is drawn from the nodes of a real Workflow, and the
terminal shows what `dagwright run` printed. A capture that FOLDER holds already is not made again. The script needs
Chromium and what the tests of the engines need.
"""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jinja2
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXAMPLE = ROOT / "examples" / "forecast"
sys.path[:0] = [str(ROOT / "tests")]

from dagwright.compile import Options, emit, load  # noqa: E402
from dagwright.diagnostics.model import Report  # noqa: E402
from dagwright.ir.model import Pipeline  # noqa: E402
from engines import airflow, airflow_live, argo_run  # noqa: E402
from engines.kept import cache_folder  # noqa: E402

SIZE = (1600, 980)  # of the picture, in pixels of CSS
GRID = (1180, 470)  # of the window in which Airflow is shown
WAIT = 300  # seconds for anything of an engine

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=2",
)


def main() -> None:
    """Write `picture.png` beside this file."""
    report = Report()
    pipeline = load(str(EXAMPLE / "pipeline.yaml"), Options(), report)
    assert pipeline is not None, report.diagnostics
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(sys.argv[1] if len(sys.argv) > 1 else scratch).resolve()
        kept.mkdir(exist_ok=True)
        folder = Path(scratch)
        page = jinja2.Template((HERE / "page.html.j2").read_text(encoding="utf-8"), autoescape=True).render(
            spec=spec_lines((EXAMPLE / "pipeline.yaml").read_text(encoding="utf-8")),
            grid=base64.b64encode(once(kept / "grid.png", lambda: airflow_grid(pipeline, folder))).decode(),
            graph=argo_graph(json.loads(once(kept / "nodes.json", lambda: argo_nodes(pipeline, folder)))),
            terminal=html_of(once(kept / "terminal.txt", lambda: terminal(folder)).decode()),
        )
        (folder / "page.html").write_text(page, encoding="utf-8")
        screenshot((folder / "page.html").as_uri(), SIZE, folder, HERE / "picture.png")


def once(file: Path, capture: Callable[[], bytes]) -> bytes:
    """The content of a file, which is captured if the file is not there yet."""
    if not file.exists():
        file.write_bytes(capture())
    return file.read_bytes()


# ---- the spec and the terminal ----


def spec_lines(text: str) -> list[list[tuple[str, str]]]:
    """The lines of a spec as pieces `(class, text)`: keys, expressions and the rest."""
    pieces = re.compile(r"(?P<key>^ *[\w-]+(?=:)|(?<=[{ ])[\w-]+(?=: ))|(?P<expr>\$\{\{.*?\}\})|(?P<rest>.)")
    return [[(found.lastgroup or "rest", found[0]) for found in pieces.finditer(line)] for line in text.splitlines()]


def terminal(folder: Path) -> bytes:
    """The output of a local run on a terminal, without the place of its record."""
    command = [sys.executable, "-m", "dagwright", "run", str(EXAMPLE), "--runs-dir", str(folder / "runs")]
    lines = [line for line in on_a_terminal(command).splitlines() if "record, logs" not in line]
    return "\n".join(Text.from_ansi(line).plain for line in lines).encode()


def on_a_terminal(command: list[str]) -> str:
    """The output of a command on a terminal that shows colors but cannot move its cursor."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "FORCE_COLOR": "1", "COLUMNS": "100"}
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment)
    os.close(theirs)
    printed = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        printed += chunk
    os.close(ours)
    assert process.wait() == 0, printed
    return printed.decode()


def html_of(printed: str) -> str:
    """The lines of a terminal as HTML, with the states in their colors."""
    escaped = printed.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"\b(succeeded|skipped|failed)\b", r'<b class="\1">\1</b>', escaped)


# ---- Airflow ----


def airflow_grid(pipeline: Pipeline, folder: Path) -> bytes:
    """A screenshot of Airflow's page of a run that has ended, as PNG."""
    home = folder / "airflow"
    dags = home / "dags" / pipeline.name
    shutil.copytree(EXAMPLE, dags, ignore=shutil.ignore_patterns(".dagwright", "__pycache__"))
    (dags / f"{pipeline.name}.py").write_text(emit(pipeline, ["airflow"])[0].text, encoding="utf-8")
    shutil.copy(Path(airflow.python("3.3")).parent.parent / "airflow.db", home / "airflow.db")
    with running_airflow(home) as address:
        api = Api(address)
        wait(lambda: api.get(f"/api/v2/dags/{pipeline.name}"))
        api.send("POST", f"/api/v2/dags/{pipeline.name}/dagRuns", {"dag_run_id": "first", "logical_date": None})
        run = f"/api/v2/dags/{pipeline.name}/dagRuns/first"
        wait(lambda: api.get(run)["state"] in ("success", "failed"))
        assert api.get(run)["state"] == "success"
        screenshot(f"{address}/dags/{pipeline.name}/runs/first", GRID, folder, folder / "grid.png")
    return (folder / "grid.png").read_bytes()


@contextmanager
def running_airflow(home: Path) -> Iterator[str]:
    """The address of an Airflow with web server, scheduler and DAG processor."""
    settings = {**airflow.environment(home), **airflow_live.installation()}
    program = Path(airflow.python("3.3")).with_name("airflow")
    settings["PATH"] = f"{program.parent}{os.pathsep}{settings['PATH']}"
    port = settings["DAGWRIGHT_TEST_PORT"]
    parts = (
        ["api-server", "--port", port, "--host", "127.0.0.1", "--workers", "1"],
        ["scheduler", "--skip-serve-logs"],
        ["dag-processor"],
    )
    with (home / "log").open("w") as log:
        processes = [
            subprocess.Popen([program, *part], env=settings, stdout=log, stderr=log, start_new_session=True)
            for part in parts
        ]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                for process in processes:
                    try:
                        os.killpg(process.pid, number)
                    except ProcessLookupError:
                        continue
                time.sleep(2)
            for process in processes:
                process.wait()


class Api:
    """Airflow's REST API, as its only user."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        token = self._request("GET", "/auth/token", None, {})["access_token"]
        return self._request(method, path, body, {"Authorization": f"Bearer {token}"})

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path, data, {"Content-Type": "application/json", **headers}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def wait(condition: Callable[[], Any]) -> None:
    """Ask until the answer is true."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        try:
            if condition():
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        time.sleep(1)
    raise TimeoutError(f"not there after {WAIT} s")


# ---- Argo ----


def argo_nodes(pipeline: Pipeline, folder: Path) -> bytes:
    """The nodes of a Workflow that the real controller has run, by their ids, as JSON."""
    # Every image of the testbed is this machine without its /tmp, so the programs go to the cache.
    app = cache_folder() / "forecast-app"
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(EXAMPLE, app)
    here = replace(pipeline, tasks=tuple(replace(task, workdir=str(app)) for task in pipeline.tasks))
    argo = folder / "argo"
    argo.mkdir()
    (outcome,) = argo_run.run([argo_run.Case(here)], argo)
    assert outcome.get("phase") == "Succeeded", outcome
    return json.dumps(outcome["nodes"], indent=1).encode()


COLORS = {"Succeeded": "#18be94", "Skipped": "#ccd6dd", "Omitted": "#ccd6dd", "Failed": "#e96d76"}
SIGNS = {"Succeeded": "✓", "Skipped": "–", "Omitted": "–", "Failed": "✕"}
STEP_X, STEP_Y, RADIUS = 130, 62, 15


def argo_graph(nodes: Mapping[str, Any]) -> str:
    """The graph of a Workflow from left to right, as SVG."""
    attempts = {child for node in nodes.values() if node["type"] == "Retry" for child in node.get("children", ())}
    children = {
        key: [after for child in node.get("children", ()) for after in seen(child, nodes, attempts)]
        for key, node in nodes.items()
        if key not in attempts
    }
    for key, node in nodes.items():  # children of an attempt are children of its task
        if node["type"] == "Retry":
            children[key] = [n for c in node.get("children", ()) for n in nodes[c].get("children", ())]
    columns = layers(children)
    places = {
        key: (60 + STEP_X * at, 30 + STEP_Y * row + STEP_Y * (2 - len(column) / 2) - STEP_Y / 2)
        for at, column in enumerate(columns)
        for row, key in enumerate(column)
    }
    width, height = 60 * 2 + STEP_X * (len(columns) - 1), 30 + STEP_Y * 3
    parts = [f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">']
    for key, after in children.items():
        for end in after:
            (x, y), (to_x, to_y) = places[key], places[end]
            middle = (x + to_x) / 2
            parts.append(
                f'<path class="edge" d="M{x + RADIUS},{y} C{middle},{y} {middle},{to_y} {to_x - RADIUS},{to_y}"/>'
            )
    for key, (x, y) in places.items():
        phase = nodes[key]["phase"]
        parts.append(f'<circle cx="{x}" cy="{y}" r="{RADIUS}" fill="{COLORS[phase]}"/>')
        parts.append(f'<text x="{x}" y="{y + 5}" class="sign">{SIGNS[phase]}</text>')
        parts.append(f'<text x="{x}" y="{y + RADIUS + 14}">{short(nodes[key]["displayName"])}</text>')
    return "\n".join([*parts, "</svg>"])


def seen(key: str, nodes: Mapping[str, Any], attempts: set[str]) -> list[str]:
    """The node itself, or its children if it is an attempt."""
    return [key] if key not in attempts else [n for child in nodes[key].get("children", ()) for n in (child,)]


def layers(children: Mapping[str, list[str]]) -> list[list[str]]:
    """The nodes in columns, by the length of the longest path to each."""
    depth = dict.fromkeys(children, 0)
    for _ in children:
        for key, after in children.items():
            for child in after:
                depth[child] = max(depth[child], depth[key] + 1)
    return [[key for key in children if depth[key] == at] for at in range(max(depth.values()) + 1)]


def short(name: str) -> str:
    """The last value of an instance, or the name of any other node without its random suffix."""
    found = re.fullmatch(r"(\w+)\(\d+:.*:([^,:]+)\)", name)
    return found[2] if found else re.sub(r"-\w{5}$", "", name)


# ---- Chromium ----


def screenshot(address: str, size: tuple[int, int], folder: Path, file: Path) -> None:
    """Write a page as a browser shows it to a PNG of twice its size."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert browser, f"one of {', '.join(CHROMIUM)} is needed"
    subprocess.run(
        [
            browser, *FLAGS, f"--user-data-dir={folder / 'browser'}", f"--window-size={size[0]},{size[1]}",
            "--virtual-time-budget=20000", f"--screenshot={file}", address,
        ],
        check=True, timeout=WAIT, capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
