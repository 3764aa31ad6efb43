"""The machine of a run, with states and events alone: no clock, no process, no file."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dagwright.runtime import machine as machine_module
from dagwright.runtime.machine import Command, Machine, Place, Release, Retry, Start, Tell
from dagwright.runtime.model import read_plan
from dagwright.runtime.reading import RunFacts

Ends = Mapping[str, Sequence[Any]]  # by the label of an attempt's job: the reason of a failure, or outputs


def machine_of(tasks: Sequence[Mapping[str, Any]], parallel: int = 9, **plan: Any) -> Machine:
    """A machine for some tasks, which have the command `x` if they name none."""
    entries = [{"command": ["x"], **task} for task in tasks]
    found = read_plan({"name": "p", "digest": "", "tool": "", "tasks": entries, **plan})
    return Machine(found, RunFacts("r", "2026-01-31T00:00:00Z", "UTC", {"n": "3"}), "/runs/r", parallel)


class Driver:
    """Carries out commands on paper: an attempt ends when `end` is called."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.started: dict[str, Start] = {}
        self.commands: list[Command] = []

    def advance(self) -> None:
        while self.machine.advance() or self.machine.commands:
            self.carry_out()

    def carry_out(self) -> None:
        while self.machine.commands:
            command = self.machine.commands.popleft()
            self.commands.append(command)
            if isinstance(command, Start):
                self.started[command.step.label] = command
            elif isinstance(command, Place):
                self.machine.placed(command, None)

    def end(self, label: str, outcome: Any = None) -> None:
        """End an attempt: outputs for a success, a text as the reason of a failure."""
        start = self.started.pop(label)
        failed = isinstance(outcome, str)
        self.machine.ended(start.job, {}, outcome if failed else None, {} if failed else outcome or {})
        self.advance()

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [c.event for c in self.commands if isinstance(c, Tell) and c.event["event"] == kind]

    @property
    def states(self) -> dict[str, str]:
        return {event["task"]: event["state"] for event in self.told("state")}


def begun(machine: Machine) -> Driver:
    driver = Driver(machine)
    machine.begin()
    driver.advance()
    return driver


def test_tasks_start_when_their_needs_have_succeeded() -> None:
    driver = begun(machine_of([{"name": "b", "needs": ["a"]}, {"name": "a"}]))
    assert set(driver.started) == {"a"}
    driver.end("a")
    assert set(driver.started) == {"b"}
    assert driver.machine.is_active
    driver.end("b")
    assert not driver.machine.is_active
    assert driver.machine.status == "succeeded"
    assert driver.states == {"a": "succeeded", "b": "succeeded"}


def test_no_more_than_the_parallel_attempts_run() -> None:
    driver = begun(machine_of([{"name": name} for name in "abc"], parallel=2))
    assert set(driver.started) == {"a", "b"}
    driver.end("b")
    assert set(driver.started) == {"a", "c"}


def test_a_failure_passes_on_with_its_cause() -> None:
    tasks = [{"name": "a"}, {"name": "b", "needs": ["a"]}, {"name": "c", "needs": ["b"]}]
    driver = begun(machine_of([*tasks, {"name": "d", "needs": ["c"], "trigger_rule": "any_failed"}]))
    driver.end("a", "exit status 1")
    assert driver.told("state")[0] == {"event": "state", "task": "a", "state": "failed", "reason": "exit status 1"}
    assert [event["reason"] for event in driver.told("state")[1:]] == ["`a` failed", "`a` failed"]
    driver.end("d")
    assert driver.machine.status == "failed"


def test_a_retry_waits_and_counts_its_attempts() -> None:
    retry = {"limit": 2, "delay": 5, "factor": 3}
    driver = begun(machine_of([{"name": "a", "retry": retry}]))
    for pause in (5, 15):
        start = driver.started["a"]
        driver.end("a", "exit status 1")
        assert driver.commands[-1] == Retry(start.job, pause)
        assert driver.machine.is_active
        assert not driver.started
        driver.machine.due(start.job)
        driver.advance()
    assert driver.started["a"].step.attempt == 3
    assert driver.started["a"].step.out == "/runs/r/outputs/a.attempt-3"
    driver.end("a", "exit status 1")
    assert driver.states == {"a": "failed"}
    assert ["retry_in" in event for event in driver.told("end")] == [True, True, False]


def test_a_step_has_every_text_evaluated() -> None:
    task = {
        "name": "a",
        "command": ["echo", ["n is ", ["param", "n", "integer"]]],
        "env": {"N": [["param", "n", "integer"]]},
        "secrets": {"PASSWORD": ["db", "password"]},
        "timeout": 7,
        "workdir": "sub",
        "outputs": [{"name": "v", "type": "string"}],
    }
    step = begun(machine_of([task])).started["a"].step
    assert step.argv == ["echo", "n is 3"]
    assert step.env == {"N": "3"}
    assert step.secrets == [("PASSWORD", "DW_SECRET_DB_PASSWORD")]
    assert (step.timeout, step.workdir, step.label) == (7, "sub", "a")
    assert step.identity["DW_IN"] == "/runs/r/inputs/none"
    assert step.identity["DW_ATTEMPT"] == "1"


def test_the_instances_of_a_fan_out_follow_its_limit() -> None:
    fan_out = {"items": [["const", 1], ["const", 2], ["const", 3]]}
    driver = begun(machine_of([{"name": "a", "fan_out": fan_out, "max_parallel": 2}]))
    assert driver.told("instances") == [{"event": "instances", "task": "a", "count": 3}]
    assert set(driver.started) == {"a.0", "a.1"}
    assert driver.started["a.1"].event["values"] == {"item": "2"}
    driver.end("a.1")
    assert set(driver.started) == {"a.0", "a.2"}
    driver.end("a.0", "exit status 9")
    driver.end("a.2")
    assert driver.states == {"a": "failed"}
    assert [event["state"] for event in driver.told("instance")] == ["succeeded", "failed", "succeeded"]


def test_a_list_of_an_output_makes_the_instances() -> None:
    source = ["output", "a", "v", "json"]
    tasks = [
        {"name": "a", "outputs": [{"name": "v", "type": "json"}]},
        {"name": "b", "needs": ["a"], "fan_out": {"source": source}},
        {"name": "c", "needs": ["b"]},
    ]
    driver = begun(machine_of(tasks))
    driver.end("a", {"v": "[]"})
    assert driver.states == {"a": "succeeded", "b": "skipped", "c": "skipped"}
    driver = begun(machine_of(tasks))
    driver.end("a", {"v": "{}"})
    assert driver.states["b"] == "failed"
    assert driver.told("state")[1]["reason"].startswith("the instances cannot be made: ")


def test_artifacts_are_placed_before_a_task_starts_and_released_after() -> None:
    given = {"name": "model", "task": "a", "output": "m", "filename": "m.pkl"}
    tasks = [
        {"name": "a", "outputs": [{"name": "m", "type": "file", "filename": "m.pkl"}]},
        {"name": "b", "needs": ["a"], "inputs": [given]},
    ]
    driver = begun(machine_of(tasks))
    path = "/runs/r/outputs/a.attempt-1/m.pkl"
    driver.end("a", {"m": path})
    (end,) = driver.told("end")
    assert end["outputs"] == {"m": "outputs/a.attempt-1/m.pkl"}
    (place,) = [command for command in driver.commands if isinstance(command, Place)]
    assert (place.folder, place.links) == ("/runs/r/inputs/b", [(path, "model/m.pkl")])
    assert driver.started["b"].step.identity["DW_IN"] == place.folder
    driver.end("b")
    assert Release(place.folder) in driver.commands


def test_an_input_that_cannot_be_placed_fails_its_task() -> None:
    given = {"name": "model", "task": "a", "output": "m", "filename": "m"}
    tasks = [
        {"name": "a", "outputs": [{"name": "m", "type": "file"}]},
        {"name": "b", "needs": ["a"], "inputs": [given]},
    ]
    machine = machine_of(tasks)
    driver = begun(machine)
    start = driver.started.pop("a")
    machine.ended(start.job, {}, None, {"m": "/runs/r/outputs/a.attempt-1/m"})
    driver.carry_out()
    assert machine.advance()
    (place,) = machine.commands
    assert isinstance(place, Place)
    machine.commands.clear()
    machine.placed(place, "No space left on device")
    driver.advance()
    assert driver.told("state")[-1]["reason"] == "its inputs cannot be put in place: No space left on device"
    assert not [command for command in driver.commands if isinstance(command, Release)]


def test_a_text_without_a_value_fails_before_the_first_attempt() -> None:
    driver = begun(
        machine_of([{"name": "a", "command": ["x", [["from_json", ["const", "{"]]]], "retry": {"limit": 3}}])
    )
    assert not driver.started
    (state,) = driver.told("state")
    assert state["reason"].startswith("cannot be evaluated: ")


def test_a_condition_decides_once_the_needs_have_ended() -> None:
    when = ["eq", ["status", "a"], ["const", "succeeded"]]
    tasks = [{"name": "a"}, {"name": "b", "needs": ["a"], "trigger_rule": "all_done", "when": when}]
    driver = begun(machine_of(tasks))
    driver.end("a", "exit status 1")
    assert driver.told("state")[1] == {"event": "state", "task": "b", "state": "skipped", "reason": "`when` is false"}


def test_finally_knows_the_status_of_the_tasks() -> None:
    last = {"name": "z", "command": ["x", [["run", "status"]]]}
    machine = machine_of([{"name": "a"}], **{"finally": [last]})
    driver = begun(machine)
    driver.end("a", "exit status 1")
    assert not machine.is_active
    machine.begin_finally()
    driver.advance()
    assert driver.told("finally") == [{"event": "finally", "status": "failed"}]
    assert driver.started["z"].step.argv == ["x", "failed"]


def test_nothing_starts_after_a_stop() -> None:
    retried = {"name": "a", "retry": {"limit": 5}}
    machine = machine_of(
        [retried, {"name": "b"}, {"name": "c", "needs": ["b"], "trigger_rule": "all_done"}], parallel=2
    )
    driver = begun(machine)
    job = driver.started["a"].job
    driver.end("a", "exit status 1")
    machine.stop("SIGTERM")
    machine.due(job)
    driver.advance()
    assert machine.is_active
    driver.end("b", "killed by SIGTERM")
    assert not machine.is_active
    assert not driver.started
    assert driver.told("end")[-1]["reason"] == "stopped"
    machine.cancel()
    driver.advance()
    assert driver.states == {"b": "cancelled", "a": "cancelled", "c": "cancelled"}
    assert machine.status == "cancelled"


@pytest.mark.parametrize("module", ["time", "subprocess", "signal", "shutil"])
def test_the_machine_imports_no_clock_and_no_processes(module: str) -> None:
    tree = ast.parse(Path(machine_module.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert module not in imported
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert {call for call in calls if call.startswith("os.")} == {"os.path.relpath"}
    assert "open" not in calls
