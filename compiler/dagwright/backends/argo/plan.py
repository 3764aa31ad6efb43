"""What has to be known of the whole pipeline before one of its tasks can be printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dagwright.backends.argo import names
from dagwright.backends.argo.failing import can_fail, reads_only_run
from dagwright.backends.support import walk
from dagwright.ir.expr import Expr, OutputRef, ParamRef, StatusRef
from dagwright.ir.graph import Outcomes, outcomes
from dagwright.ir.model import ForEach, Pipeline, Task, TriggerRule, expressions
from dagwright.ir.types import Type

AFTER_FAILURE = (TriggerRule.ANY_FAILED, TriggerRule.ALL_DONE)


@dataclass(frozen=True)
class Plan:
    """A pipeline and what its tasks know of each other."""

    pipeline: Pipeline

    @cached_property
    def ends(self) -> Outcomes:
        """Which tasks can end `skipped`."""
        groups = (self.pipeline.tasks, self.pipeline.finally_tasks)
        return Outcomes({name: why for group in groups for name, why in outcomes(group).skips.items()})

    @cached_property
    def finals(self) -> frozenset[str]:
        """The tasks of `finally`."""
        return frozenset(task.name for task in self.pipeline.finally_tasks)

    @cached_property
    def reads(self) -> tuple[tuple[Task, Expr], ...]:
        """Every reference to an output or a status of another task, with its reader."""
        return tuple(
            (task, part)
            for task in self.pipeline.all_tasks
            for root in expressions(task)
            for part in walk(root)
            if isinstance(part, OutputRef | StatusRef)
        )

    @cached_property
    def kept(self) -> frozenset[str]:
        """The params that a first task keeps as they were given, where something reads them.

        Argo writes what it makes of the arguments of a Workflow back into it, so that a text that holds a tag reads
        differently from its second look on. It does not where the Workflow comes from a template.
        """
        if self.pipeline.schedule is not None:
            return frozenset()
        read = {
            part.name
            for task in self.pipeline.all_tasks
            for root in expressions(task)
            for part in walk(root)
            if isinstance(part, ParamRef)
        }
        return frozenset(p.name for p in self.pipeline.params if p.name in read and p.type in (Type.STRING, Type.JSON))

    def param(self, name: str) -> str:
        """The text of a param, as an expr-lang expression."""
        if name in self.kept:
            return f"workflow.outputs.parameters['{names.kept_param(name)}']"
        return f"workflow.parameters['{name}']"

    def certain(self, reader: Task, producer: str) -> bool:
        """Whether `producer` has succeeded whenever Argo resolves the arguments of `reader`.

        It resolves them also for a task that its `when` skips, and hangs on an output that is not there.
        """
        return reader.trigger_rule not in AFTER_FAILURE and not self.ends.can_skip(producer)

    @cached_property
    def published(self) -> frozenset[tuple[str, str]]:
        """The outputs that are read where they may be absent: (task, output)."""
        return frozenset(
            (part.task, part.output)
            for reader, part in self.reads
            if isinstance(part, OutputRef) and not self.certain(reader, part.task)
        )

    @cached_property
    def watched(self) -> frozenset[str]:
        """The tasks whose status an expression reads. Argo knows the status of a DAG, but not that of a loop."""
        found = {part.task for _, part in self.reads if isinstance(part, StatusRef)}
        found.update(task for task, _ in self.published)
        for task in self.pipeline.all_tasks:
            found.update(self.deciding(task))
            if self.waits(task) and task.needs:
                found.add(task.needs[0])
        return frozenset(found)

    def deciding(self, task: Task) -> tuple[str, ...]:
        """The needs whose status decides whether `task` is skipped by its trigger rule."""
        skippable = tuple(need for need in task.needs if self.ends.can_skip(need))
        match task.trigger_rule:
            case TriggerRule.ANY_FAILED:
                return task.needs
            case TriggerRule.ALL_SUCCESS:
                return skippable
            case TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS if len(skippable) == len(task.needs):
                return skippable
            case _:
                return ()

    def conditional(self, task: Task) -> bool:
        """Whether a `when` has to be printed for the task."""
        return task.when is not None or bool(self.deciding(task))

    def waits(self, task: Task) -> bool:
        """Whether an expression of the task must be kept from being evaluated before the task's turn.

        Argo evaluates what reads only the run with the whole DAG, and an error there ends the whole Workflow.
        """
        checks_list = isinstance(task.fan_out, ForEach) and reads_only_run(task.fan_out.source)
        return checks_list or any(reads_only_run(root) and can_fail(root) for root in expressions(task))

    @cached_property
    def listed(self) -> frozenset[tuple[str, str]]:
        """The string and json outputs of fan-outs that are read as lists; their instances mark the text."""
        by_name = self.pipeline.by_name
        return frozenset(
            (part.task, part.output)
            for _, part in self.reads
            if isinstance(part, OutputRef)
            and part.fan_out
            and output_type(by_name[part.task], part.output) in (Type.STRING, Type.JSON)
        )

    @cached_property
    def listed_outputs(self) -> frozenset[tuple[str, str]]:
        """All outputs of fan-outs that are read as lists."""
        return frozenset((p.task, p.output) for _, p in self.reads if isinstance(p, OutputRef) and p.fan_out)

    @cached_property
    def gathered(self) -> frozenset[tuple[str, str]]:
        """The artifact outputs of fan-outs that are read as one directory."""
        return frozenset((i.task, i.output) for t in self.pipeline.all_tasks for i in t.inputs if i.fan_out)

    def published_of(self, tasks: tuple[Task, ...]) -> Iterator[tuple[str, str]]:
        """The published outputs of these tasks, in their order."""
        for task in tasks:
            for output in task.outputs:
                if (task.name, output.name) in self.published:
                    yield task.name, output.name

    def scope_of(self, task: Task) -> str:
        """The name of a task that is terminal when `task` starts, for an expression to wait for."""
        if task.needs:
            return names.kebab(task.needs[0])
        return names.TASKS if task.name in self.finals else names.OUTPUTS


def output_type(task: Task, output: str) -> Type:
    """The declared type of an output."""
    return next(o.type for o in task.outputs if o.name == output)
