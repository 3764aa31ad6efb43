"""Options and fixtures of all tests, and the selection of tests: engine tests run only with `--engines`."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from engines import marked, missing, progress
from engines.ahead import Ahead, Work
from engines.marked import TITLES, engines_of
from engines.order import place
from engines.sample import TAKEN
from program import running as program

ROOT = Path(__file__).resolve().parent.parent

AHEAD = pytest.StashKey[Ahead]()
LEFT_OUT = pytest.StashKey[dict[str, int]]()  # the number of tests left out per engine that was not requested


def pytest_addoption(parser: pytest.Parser) -> None:
    names = ", ".join([*TITLES, marked.FULL])
    parser.addoption(
        "--engines",
        nargs="?",
        type=marked.asked,
        const=marked.ALL,
        default=frozenset(),
        metavar="NAMES",
        help=f"run the tests of real engines, too: all, or these of {names}; `full` takes no samples",
    )
    parser.addoption("--bless", action="store_true", help="rewrite goldens and generated documentation")
    parser.addoption("--random-pipelines", type=int, metavar="N", help="run N random pipelines on every engine")


def pytest_configure(config: pytest.Config) -> None:
    """Let slow work print past the capture, and turn SIGTERM into an interruption, which cleans up."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        progress.uncaptured = capture.global_and_fixture_disabled
    if is_worker(config):
        return
    if config.option.engines and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--engines runs in one process, with no -n")
    signal.signal(signal.SIGTERM, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """The number of processes: one for a part of the suite, for tests that write files, and for shared engines.

    Otherwise two for each processor, since many tests wait for tasks that sleep.
    """
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return 2 * (os.cpu_count() or 1) if whole and not config.option.bless and not config.option.engines else 0


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs tests for another one."""
    return hasattr(config, "workerinput")


# ---- selection of tests ----


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test with the engines of the work that it waits for."""
    engines = {name for work in works_of(item) for name in work.engines}
    if engines:
        item.add_marker(pytest.mark.engine(*sorted(engines)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests of engines that were not requested; run engine tests late, and background work last.

    Several processes take the longest files first, so that all of them have work until the end.
    """
    asked = config.option.engines
    left_out = [item for item in items if not engines_of(item) <= asked]
    config.stash[LEFT_OUT] = Counter(name for item in left_out for name in engines_of(item) - asked)
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if engines_of(item) <= asked]
    if is_worker(config):
        items.sort(key=place)
    else:
        items.sort(key=lambda item: 2 if works_of(item) else bool(engines_of(item)))
    for item in items:
        item.user_properties += [("engine", name) for name in engines_of(item)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Any:
    """Allow a test only the engines that it is marked with."""
    marked.running = engines_of(item)
    try:
        return (yield)
    finally:
        marked.running = None


# ---- work in the background ----


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    session.config.stash[AHEAD] = Ahead()
    if not session.testsfailed and not session.config.option.collectonly and not is_worker(session.config):
        works = dict.fromkeys(work for item in session.items for work in works_of(item))
        for work in sorted(works, key=lambda work: "argo" not in work.engines):  # before other tests need a cluster
            session.config.stash[AHEAD].start(work)


def works_of(item: pytest.Item) -> tuple[Work, ...]:
    mark = item.get_closest_marker("ahead")
    return () if mark is None else mark.args


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    program.end()
    if AHEAD in config.stash:
        config.stash[AHEAD].end()
    if is_worker(config):
        config.workeroutput["left out"] = dict(config.stash.get(LEFT_OUT, {}))  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over a worker's counts of left-out tests; all workers leave out the same tests."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", {})


# ---- fixtures ----


@pytest.fixture
def done(request: pytest.FixtureRequest) -> Callable[[Work], Any]:
    """A function from a work that the test is marked with to its result, see `engines/ahead.py`."""
    return lambda work: request.config.stash[AHEAD].start(work).result()


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether this run rewrites the expected files instead of comparing them."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return ROOT


# ---- the summary ----


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the number of tests per engine, the missing engines with reasons, and the command to run those."""
    lines = [f"{TITLES[name]} judged {count} tests" for name, count in sorted(judged(terminalreporter).items())]
    lines += [f"{title}: {text}" for (title, _), text in sorted(config.stash.get(TAKEN, {}).items())]
    if config.stash.get(TAKEN, {}):
        lines.append(f"everything, without samples: pytest --engines={marked.FULL}")
    lines += [f"did NOT judge {count} tests: {why}" for why, count in sorted(missed(terminalreporter).items())]
    left_out = config.stash.get(LEFT_OUT, {})
    lines += [f"{TITLES[n]} did NOT judge {count} tests: pytest --engines={n}" for n, count in sorted(left_out.items())]
    if len(left_out) > 1:
        lines.append("all engines: pytest --engines")
    if lines:
        terminalreporter.section("engines")
    for line in lines:
        terminalreporter.write_line(line)


def judged(terminalreporter: Any) -> Counter[str]:
    """The number of tests run per engine."""
    ended = (report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ()))
    return Counter(name for report in ended for key, name in report.user_properties if key == "engine")


def missed(terminalreporter: Any) -> Counter[str]:
    """The number of tests skipped because of a missing tool or engine, by reason."""
    reports = (r for r in terminalreporter.stats.get("skipped", ()) if isinstance(r.longrepr, tuple))
    reasons = (report.longrepr[2].removeprefix("Skipped: ") for report in reports)
    return Counter(why for why in reasons if why.startswith(missing.SAYS))
