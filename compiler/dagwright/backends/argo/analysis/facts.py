"""Facts about the whole pipeline that the printing of each task needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.evaluation import can_fail, reads_only_run
from dagwright.backends.argo.analysis.partition import Partition, all_skip, partition_of
from dagwright.ir.expr import Expr, OutputRef, ParamRef, StatusRef, walk
from dagwright.ir.graph import Outcomes, outcomes
from dagwright.ir.model import ForEach, Pipeline, Task, expressions
from dagwright.ir.types import Type
from dagwright.meaning.rules import RUN


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency of a task in its own DAG: a task, or a proxy for tasks of other parts.

    A proxy is skipped if any of its tasks is skipped (with `all_skip`: if all are), and upstream_failed if any of them
    failed or was upstream_failed.
    """

    name: str
    tasks: tuple[str, ...]
    elsewhere: bool = False
    all_skip: bool = False


@dataclass(frozen=True)
class Facts:
    """A pipeline with facts about the relations of its tasks."""

    pipeline: Pipeline

    @cached_property
    def ends(self) -> Outcomes:
        """The tasks that can end as `skipped`."""
        groups = (self.pipeline.tasks, self.pipeline.finally_tasks)
        return Outcomes({name: why for group in groups for name, why in outcomes(group).skips.items()})

    @cached_property
    def partition(self) -> Partition:
        """The parts of the tasks."""
        return partition_of(self.pipeline.tasks, "part")

    def is_elsewhere(self, reader: Task, producer: str) -> bool:
        """Whether two tasks are in different parts."""
        part_of = self.partition.part_of
        return bool(part_of) and part_of.get(reader.name) != part_of.get(producer)

    def needs(self, task: Task) -> tuple[Need, ...]:
        """The dependencies of a task in its own DAG."""
        return self._needs[task.name]

    @cached_property
    def _needs(self) -> dict[str, tuple[Need, ...]]:
        return {task.name: self._needs_of(task) for task in self.pipeline.all_tasks}

    def _needs_of(self, task: Task) -> tuple[Need, ...]:
        if not self.partition.parts:
            return tuple(Need(names.kebab(need), (need,)) for need in task.needs)
        elsewhere = tuple(need for need in task.needs if self.is_elsewhere(task, need))
        here = [Need(names.kebab(need), (need,)) for need in task.needs if need not in elsewhere]
        return (*here, self._proxy(task, elsewhere)) if elsewhere else tuple(here)

    def _proxy(self, task: Task, elsewhere: tuple[str, ...]) -> Need:
        if len(elsewhere) == 1:
            return Need(names.kebab(elsewhere[0]), elsewhere, elsewhere=True)
        return self._proxies[self._proxy_key(task, elsewhere)]

    def _proxy_key(self, task: Task, elsewhere: tuple[str, ...]) -> tuple[str, frozenset[str], bool]:
        return self.partition.part_of[task.name], frozenset(elsewhere), all_skip(task, len(elsewhere))

    @cached_property
    def _proxies(self) -> dict[tuple[str, frozenset[str], bool], Need]:
        """Proxies for several tasks, by part, tasks and `all_skip`; named after the first task that needs them."""
        proxies: dict[tuple[str, frozenset[str], bool], Need] = {}
        for task in self.pipeline.tasks:
            elsewhere = tuple(need for need in task.needs if self.is_elsewhere(task, need))
            if len(elsewhere) > 1:
                key = self._proxy_key(task, elsewhere)
                name = names.helper(task.name, "needs")
                proxies.setdefault(key, Need(name, elsewhere, elsewhere=True, all_skip=key[2]))
        return proxies

    def proxies(self, tasks: tuple[Task, ...]) -> tuple[Need, ...]:
        """The proxies in the DAG of these tasks."""
        return tuple(dict.fromkeys(need for task in tasks for need in self.needs(task) if need.elsewhere))

    def exported(self, tasks: tuple[Task, ...]) -> tuple[str, ...]:
        """The tasks whose states other parts need."""
        return tuple(task.name for task in tasks if task.name in self._exported)

    @cached_property
    def _exported(self) -> frozenset[str]:
        if not self.partition.parts:
            return frozenset()
        return frozenset(n for t in self.pipeline.tasks for n in t.needs if self.is_elsewhere(t, n))

    @cached_property
    def carried(self) -> frozenset[tuple[str, str]]:
        """The artifacts read by tasks of other parts: (task, output)."""
        if not self.partition.parts:
            return frozenset()
        return frozenset(
            (artifact.task, artifact.output)
            for task in self.pipeline.tasks
            for artifact in task.inputs
            if not artifact.fan_out and self.is_elsewhere(task, artifact.task)
        )

    def can_skip(self, need: Need) -> bool:
        """Whether a need can end as `skipped`."""
        return (all if need.all_skip else any)(map(self.ends.can_skip, need.tasks))

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
    def pinned_params(self) -> frozenset[str]:
        """The params that a first task stores as given: all, if a task reads a text among them.

        Argo replaces tags in the arguments of a Workflow and writes the result back, so a text with a tag changes when
        Argo reads it again. For a Workflow created from a template, Argo does not do this. All params are stored, so
        that a retry of the Workflow with other params does not mix old and new values.
        """
        if self.pipeline.schedule is not None:
            return frozenset()
        texts = {param.name for param in self.pipeline.params if param.type in (Type.STRING, Type.JSON)}
        read = (part for task in self.pipeline.all_tasks for root in expressions(task) for part in walk(root))
        if not texts or not any(isinstance(part, ParamRef) and part.name in texts for part in read):
            return frozenset()
        return frozenset(param.name for param in self.pipeline.params)

    def param(self, name: str) -> str:
        """An expr-lang expression for the text of a param."""
        if name in self.pinned_params:
            return f"fromJSON(workflow.outputs.parameters.{names.PARAMS}).{name}"
        return f"workflow.parameters['{name}']"

    def param_tag(self, name: str) -> str:
        """The tag of a param whose text is harmless."""
        if name in self.pinned_params:
            return "{{= " + self.param(name) + " }}"
        return "{{workflow.parameters." + name + "}}"

    def certain(self, reader: Task, producer: str) -> bool:
        """Whether `producer` has succeeded whenever Argo resolves the arguments of `reader`.

        Argo also resolves the arguments of a task skipped by its `when`, and hangs on a missing output. Outputs of
        another part are unknown when Argo first evaluates the DAG of the reader.
        """
        if self.is_elsewhere(reader, producer):
            return False
        return not reader.trigger_rule.runs_after_failure and not self.ends.can_skip(producer)

    @cached_property
    def published(self) -> frozenset[tuple[str, str]]:
        """The outputs that may be absent when they are read: (task, output)."""
        return frozenset(
            (part.task, part.output)
            for reader, part in self.reads
            if isinstance(part, OutputRef) and not self.certain(reader, part.task)
        )

    @cached_property
    def watched(self) -> frozenset[str]:
        """The tasks whose status an expression reads. Argo has a status for a DAG, but not for a loop."""
        watched = {part.task for _, part in self.reads if isinstance(part, StatusRef)}
        watched.update(task for task, _ in self.published)
        for task in self.pipeline.all_tasks:
            watched.update(name for need in self.deciding(task) for name in need.tasks)
            if self.waits(task) and task.needs:
                watched.add(task.needs[0])
        return frozenset(watched) | self._exported

    def deciding(self, task: Task) -> tuple[Need, ...]:
        """The needs whose states decide whether the trigger rule of `task` skips it."""
        rule = task.trigger_rule.row
        if rule.otherwise != RUN:
            return self.needs(task)
        if rule.all_skipped == RUN or not self.ends.skips:
            return ()
        needs = self.needs(task)
        skippable = tuple(need for need in needs if self.can_skip(need))
        return skippable if rule.skipped != RUN or len(skippable) == len(needs) else ()

    def conditional(self, task: Task) -> bool:
        """Whether the task needs a `when`."""
        return task.when is not None or bool(self.deciding(task))

    def waits(self, task: Task) -> bool:
        """Whether an expression of the task needs a guard against evaluation before the task is due.

        Argo evaluates expressions that read only the run together with the whole DAG; an error then ends the Workflow.
        """
        checks_list = isinstance(task.fan_out, ForEach) and reads_only_run(task.fan_out.source)
        return checks_list or any(reads_only_run(root) and can_fail(root) for root in expressions(task))

    @cached_property
    def listed(self) -> frozenset[tuple[str, str]]:
        """The string and json outputs of fan-outs read as lists; their instances mark the texts."""
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
        """All outputs of fan-outs read as lists."""
        return frozenset((p.task, p.output) for _, p in self.reads if isinstance(p, OutputRef) and p.fan_out)

    @cached_property
    def gathered(self) -> frozenset[tuple[str, str]]:
        """The artifact outputs of fan-outs read as one directory."""
        return frozenset((i.task, i.output) for t in self.pipeline.all_tasks for i in t.inputs if i.fan_out)

    def scope_of(self, task: Task) -> str:
        """The name of a task that is terminal when `task` starts, so that expressions can wait for it."""
        return self.needs(task)[0].name if task.needs else names.ENTRY


def output_type(task: Task, output: str) -> Type:
    """The declared type of an output."""
    return next(o.type for o in task.outputs if o.name == output)
