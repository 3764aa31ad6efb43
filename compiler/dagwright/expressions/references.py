"""References: the meaning of `params.x`, `tasks.t.outputs.o` and the other roots in a scope, and their errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from dagwright.diagnostics import site
from dagwright.diagnostics.fix import Advice
from dagwright.diagnostics.limits import limit
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.templates import equivalent
from dagwright.diagnostics.words import CONDITIONS, OUTSIDE, synonym
from dagwright.diagnostics.words import ROOTS as ROOTS_OF_OTHERS
from dagwright.expressions.rewrite import rewrite
from dagwright.expressions.scope import Scope, TaskSignature
from dagwright.expressions.syntax import Attribute, Name, Node
from dagwright.expressions.tokens import ROOTS
from dagwright.ir.expr import (
    ArtifactRef,
    Expr,
    ItemRef,
    MatrixRef,
    OutPath,
    OutputRef,
    ParamRef,
    RunField,
    RunRef,
    StatusRef,
)
from dagwright.ir.model import Output
from dagwright.ir.types import ListType, Type
from dagwright.source.span import Span

# The two ways to react to the end of a run; each help names the values that the other way can read.
_NOT_FINALLY = (
    "make this an ordinary task with `needs: [{0}]` and `trigger_rule: all_done`, which reads `tasks.{0}.status` "
    f"instead of `run.status`; see {site.LIMITS}#finally-reads-no-tasks"
)
_NOT_YET = (
    "read `tasks.<task>.status` in a task with `trigger_rule: all_done`, or move the task to `finally:` if it reads no "
    "other tasks"
)
_MOST_NAMES = 12
_SHORT = 40


def clip(text: str) -> str:
    """Quoted text, shortened for a message."""
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."


def path_of(node: Node) -> list[Name | Attribute] | None:
    """The steps of a reference, its root first; None if the root is not a name."""
    steps: list[Name | Attribute] = []
    while isinstance(node, Attribute):
        steps.append(node)
        node = node.base
    if not isinstance(node, Name):
        return None
    return [node, *reversed(steps)]


def _place(step: Name | Attribute) -> tuple[int, int]:
    return (step.start, step.end) if isinstance(step, Name) else (step.name_start, step.end)


@dataclass(frozen=True, slots=True)
class References:
    """The resolver for the references of one expression; `locate` turns offsets into spans."""

    scope: Scope
    locate: Callable[[int, int], Span]
    report: Report

    def resolve(self, path: list[Name | Attribute]) -> Expr | None:
        """The typed reference, or None, reported."""
        find = _ROOTS.get(path[0].name)
        if find is None:
            self.unknown_root(path)
            return None
        return find(self, path)

    def span(self, step: Name | Attribute, first: Name | Attribute | None = None) -> Span:
        return self.locate(_place(first or step)[0], step.end)

    def error(
        self,
        code: str,
        message: str,
        step: Name | Attribute,
        *,
        label: str = "",
        notes: Iterable[str] = (),
        help_text: str | Advice | None = None,
    ) -> None:
        self.report.error(code, message, self.span(step), label=label, notes=list(notes), help=help_text)

    def instead(self, step: Name | Attribute, name: str, said: str = "did you mean `{}`?") -> Advice:
        """Advice to replace a step by another word."""
        return rewrite(self.span(step), step.name, name, said=said)

    def unknown_root(self, path: list[Name | Attribute]) -> None:
        root = path[0]
        if root.name == "secrets":
            name = clip(path[1].name) if len(path) > 1 else "TOKEN"
            self.error(
                "E405",
                "secrets are not values, so no expression can read them",
                root,
                label="not readable",
                help_text=f"read `${name}` in a `script`; the task sets it with "
                f"`secrets: {{{name}: {{name: ..., key: ...}}}}`",
            )
            return
        known = self.roots()
        self.error(
            "E404",
            f"nothing is called `{clip(root.name)}` here",
            root,
            label="not in scope",
            notes=[f"in scope in {self.scope.where}: " + ", ".join(known)],
            help_text=self.root_instead(path, known),
        )

    def root_instead(self, path: list[Name | Attribute], known: list[str]) -> str | Advice:
        """Advice about the intended root: a missing root, a root of another tool, or a misspelled root."""
        word = path[0].name
        whole = ".".join(step.name for step in path)
        if (task := self.scope.tasks.get(word)) is not None:
            return self.task_instead(path, task)
        if word in self.scope.params and len(path) == 1:
            return rewrite(self.span(path[0]), word, f"params.{word}")
        if word in CONDITIONS:
            return f"write `trigger_rule: {CONDITIONS[word]}` in the task, which decides by how its needs ended"
        if word == "env":
            name = clip(path[1].name) if len(path) > 1 else "NAME"
            return f"read `${name}` in a `script`: variables are not values of expressions"
        guess = synonym(ROOTS_OF_OTHERS, word)
        if guess in known and self.is_one([Name(0, 0, guess), *path[1:]]):
            return self.instead(path[0], guess)
        if (expression := equivalent(whole)) is not None:
            return self.expression_instead(path, whole, expression)
        if word in OUTSIDE:
            return limit("values-from-outside")
        if guess == "tasks" and len(path) > 1:
            return f"write `tasks.{clip(path[1].name)}.outputs.<output>` or `tasks.{clip(path[1].name)}.status`"
        if guess in known:
            return f"it is called `{guess}` here: write `{guess}.<name>`"
        if (guess := suggest(word, known)) is not None:
            return self.instead(path[0], guess)
        return f"put text in quotes: `'{clip(whole)}'`"

    def is_one(self, path: list[Name | Attribute]) -> bool:
        """Whether a path is a reference in this scope."""
        return replace(self, report=Report()).resolve(path) is not None

    def expression_instead(self, path: list[Name | Attribute], whole: str, expression: str) -> str | Advice:
        """Advice for a reference of another tool with an equivalent expression."""
        if expression == "":
            return limit("values-from-outside")
        if expression.endswith("."):
            return f"write `{expression}<output>`"
        root, _, name = expression.partition(".")
        if root in ("params", "inputs") and name not in (getattr(self.scope, root) or ()):
            return f"write `{expression}`, and declare `{name}` under `{root}`"
        return rewrite(self.span(path[-1], path[0]), whole, expression)

    def task_instead(self, path: list[Name | Attribute], task: TaskSignature) -> str | Advice:
        name = path[0].name
        rest = [step.name for step in path[1:]]
        if rest[:1] in (["outputs"], ["status"]):
            return rewrite(self.span(path[0]), name, f"tasks.{name}")
        if len(rest) == 1 and rest[0] in task.outputs:
            return rewrite(self.span(path[1], path[0]), f"{name}.{rest[0]}", f"tasks.{name}.outputs.{rest[0]}")
        return f"write `tasks.{clip(name)}.outputs.<output>` or `tasks.{clip(name)}.status`"

    def roots(self) -> list[str]:
        scope = self.scope
        there = {
            "params": bool(scope.params),
            "inputs": scope.inputs is not None,
            "outputs": scope.outputs is not None,
            "tasks": bool(scope.tasks),
            "matrix": scope.matrix is not None,
            "item": scope.item is not None,
            "run": bool(scope.run),
            "vars": bool(scope.vars),
        }
        return [root for root in ROOTS if there[root]]

    def name_after(self, path: list[Name | Attribute], form: str, length: int = 2) -> Attribute | None:
        """The last step of a reference of exactly `length` steps; None, reported, for another length."""
        if len(path) < length:
            self.error(
                "E404",
                f"`{path[0].name}` alone is not a value",
                path[-1],
                label="a name must follow",
                help_text=f"write `{form}`",
            )
            return None
        if len(path) > length:
            extra = path[length]
            whole = ".".join(step.name for step in path[:length])
            self.error(
                "E416",
                f"`{clip(whole)}` has no attributes",
                extra,
                label="not an attribute",
                help_text=self.item_of(whole, path, extra),
            )
            return None
        last = path[length - 1]
        assert isinstance(last, Attribute)
        return last

    def item_of(self, base: str, path: list[Name | Attribute], name: Name | Attribute) -> Advice:
        """Advice to read a key of a json value with brackets."""
        said = "to look into a json value write `{}`"
        return rewrite(self.span(name, path[0]), f"{base}.{name.name}", f"{base}['{name.name}']", said=said)

    def instead_of_attributes(self, path: list[Name | Attribute], kind: Type) -> Advice:
        """Advice to read an item whole, since items of its type have no parts."""
        whole = ".".join(step.name for step in path)
        return rewrite(self.span(path[-1], path[0]), whole, "item", f": each item is of type {kind.value}")

    def undefined(self, what: str, step: Attribute, known: Collection[str], add: str) -> None:
        guess = suggest(step.name, known)
        shown = ", ".join(list(known)[:_MOST_NAMES]) + (", ..." if len(known) > _MOST_NAMES else "")
        self.error(
            "E404",
            f"there is no {what} `{clip(step.name)}`",
            step,
            label="not defined",
            notes=[f"in scope in {self.scope.where}: {shown}"] if known else [],
            help_text=self.instead(step, guess) if guess else add.format(clip(step.name)),
        )

    def missing_root(self, path: list[Name | Attribute], message: str, help_text: str) -> None:
        self.error(
            "E405",
            message,
            path[0],
            label="not here",
            notes=[f"in scope in {self.scope.where}: " + ", ".join(self.roots())],
            help_text=help_text,
        )

    def in_component(self) -> bool:
        return self.scope.where.startswith("component") or (
            self.scope.inputs is not None and not self.scope.params and not self.scope.tasks
        )

    def param(self, path: list[Name | Attribute]) -> Expr | None:
        if not self.scope.params and self.in_component():
            self.missing_root(
                path,
                "a component sees only `inputs`, `outputs` and `run`",
                "declare an input, and give it with `with:` where the component is used",
            )
            return None
        step = self.name_after(path, "params.<name>")
        if step is None:
            return None
        param = self.scope.params.get(step.name)
        if param is None:
            self.undefined("param", step, self.scope.params, "declare it: `params: {{{}: string}}`")
            return None
        return ParamRef(param.name, param.type, origin=self.span(step, path[0]))

    def input(self, path: list[Name | Attribute]) -> Expr | None:
        if self.scope.inputs is None:
            self.missing_root(
                path, "this task has no `inputs`", "read the output itself: `tasks.<task>.outputs.<output>`"
            )
            return None
        step = self.name_after(path, "inputs.<name>")
        if step is None:
            return None
        if step.name not in self.scope.inputs:
            self.undefined("input", step, self.scope.inputs, "declare it: `inputs: {{{}: string}}`")
            return None
        return self.scope.inputs[step.name]

    def output(self, path: list[Name | Attribute]) -> Expr | None:
        if self.scope.outputs is None:
            self.missing_root(
                path, "the task's own outputs have no path yet here", "use `outputs.<name>` in `command` or `env`"
            )
            return None
        step = self.name_after(path, "outputs.<name>")
        if step is None:
            return None
        if step.name not in self.scope.outputs:
            self.undefined("output", step, self.scope.outputs, "declare it: `outputs: {{{}: string}}`")
            return None
        return OutPath(step.name, origin=self.span(step, path[0]))

    def task(self, path: list[Name | Attribute]) -> Expr | None:
        if not self.scope.tasks and self.in_component():
            self.missing_root(
                path,
                "a component sees only `inputs`, `outputs` and `run`",
                "declare an input, and give it with `with:` where the component is used",
            )
            return None
        if len(path) < 3:
            self.name_after(path, "tasks.<task>.outputs.<output>", 4)
            return None
        task = path[1]
        assert isinstance(task, Attribute)
        signature = self.scope.tasks.get(task.name)
        if signature is None:
            self.unreadable(task)
            return None
        if path[2].name == "status":
            if self.name_after(path, "tasks.<task>.status", 3) is None:
                return None
            return StatusRef(task.name, origin=self.span(path[2], path[0]))
        return self.task_output(path, task.name, signature)

    def unreadable(self, task: Attribute) -> None:
        reason = self.scope.unreadable.get(task.name)
        if reason is None:
            self.undefined("task", task, self.scope.tasks, "the task `{}` must be defined under `tasks:`")
            return
        self.error(
            "E405",
            f"task `{clip(task.name)}` cannot be read here",
            task,
            label="not readable here",
            notes=[reason],
            help_text=_NOT_FINALLY.format(clip(task.name))
            if RunField.STATUS in self.scope.run
            else "move the reader to `finally:`",
        )

    def task_output(self, path: list[Name | Attribute], task: str, signature: TaskSignature) -> Expr | None:
        if path[2].name != "outputs":
            guess = suggest(path[2].name, ("outputs", "status"), {"output": "outputs", "state": "status"})
            fits = guess is not None and self.is_one([*path[:2], replace(path[2], name=guess), *path[3:]])
            self.error(
                "E404",
                f"a task has only `outputs` and `status`, not `{clip(path[2].name)}`",
                path[2],
                label="not known",
                help_text=self.instead(path[2], str(guess), f"write `tasks.{clip(task)}.{{}}`")
                if fits
                else f"write `tasks.{clip(task)}.outputs.<output>` or `tasks.{clip(task)}.status`",
            )
            return None
        step = self.name_after(path, f"tasks.{clip(task)}.outputs.<output>", 4)
        if step is None:
            return None
        output = signature.outputs.get(step.name)
        if output is None:
            self.undefined(
                f"output of task `{clip(task)}` called",
                step,
                signature.outputs,
                f"declare it in `{clip(task)}`: `outputs: {{{{{{}}: string}}}}`",
            )
            return None
        return _output_ref(task, output, signature.fan_out, self.span(step, path[0]))

    def axis(self, path: list[Name | Attribute]) -> Expr | None:
        if self.scope.matrix is None:
            self.missing_root(path, "there is no `matrix` here", self.of_instances("matrix"))
            return None
        step = self.name_after(path, "matrix.<axis>")
        if step is None:
            return None
        if step.name not in self.scope.matrix:
            self.undefined("axis", step, self.scope.matrix, "add it: `matrix: {{{}: [...]}}`")
            return None
        return MatrixRef(step.name, self.scope.matrix[step.name], origin=self.span(step, path[0]))

    def of_instances(self, key: str) -> str:
        """The help for a value of one instance outside of an instance."""
        if self.scope.fan_out:
            return limit("conditions-on-items")
        return f"use it in `command` or `env` of a task with `{key}:`"

    def item(self, path: list[Name | Attribute]) -> Expr | None:
        if self.scope.item is None:
            self.missing_root(path, "there is no `item` here", self.of_instances("foreach"))
            return None
        if len(path) > 1:
            self.error(
                "E416",
                "`item` has no attributes",
                path[1],
                label="not an attribute",
                help_text=self.item_of("item", path, path[1])
                if self.scope.item is Type.JSON
                else self.instead_of_attributes(path, self.scope.item),
            )
            return None
        return ItemRef(self.scope.item, origin=self.span(path[0]))

    def var(self, path: list[Name | Attribute]) -> Expr | None:
        if self.scope.vars is None:
            self.missing_root(
                path,
                "a component file has no `vars`",
                "declare an input, and give it with `with:` where the component is used",
            )
            return None
        step = self.name_after(path, "vars.<name>")
        if step is None:
            return None
        if step.name not in self.scope.vars:
            self.undefined("var", step, self.scope.vars, "declare it: `vars: {{{}: ...}}`")
            return None
        return replace(self.scope.vars[step.name], origin=self.span(step, path[0]))

    def run(self, path: list[Name | Attribute]) -> Expr | None:
        step = self.name_after(path, "run.id")
        if step is None:
            return None
        try:
            field = RunField(step.name)
        except ValueError:
            self.undefined(
                "field of the run called",
                step,
                [f.value for f in RunField],
                "write one of the names above, such as `run.id`",
            )
            return None
        if field not in self.scope.run:
            known = ", ".join(f"run.{f.value}" for f in RunField if f in self.scope.run)
            self.error(
                "E405",
                f"`run.{field.value}` is known only in `finally`",
                step,
                label="not known yet",
                notes=[f"known here: {known}"],
                help_text=_NOT_YET,
            )
            return None
        return RunRef(field, origin=self.span(step, path[0]))


def _output_ref(task: str, output: Output, fan_out: bool, origin: Span) -> Expr:
    if output.type.is_artifact:
        return ArtifactRef(task, output.name, output.type, fan_out, origin=origin)
    if fan_out:
        return OutputRef(task, output.name, ListType(output.type), None, fan_out=True, origin=origin)
    return OutputRef(task, output.name, output.type, output.default, origin=origin)


_Find = Callable[[References, list[Name | Attribute]], Expr | None]
_ROOTS: dict[str, _Find] = {
    "params": References.param,
    "inputs": References.input,
    "outputs": References.output,
    "tasks": References.task,
    "matrix": References.axis,
    "item": References.item,
    "run": References.run,
    "vars": References.var,
}
