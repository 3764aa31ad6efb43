"""What pods an Argo manifest asks for, with given values for everything that its tasks read.

A walk over the templates, as the controller does it, in a run where everything succeeds; expressions are evaluated by
the real expr-lang. Conditions are not looked at: every task runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

TAG = re.compile(r"\{\{(=?)(.*?)\}\}", re.DOTALL)
RUN = "the-run"

Scope = dict[str, Any]
Evaluate = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class NoValue(Exception):  # noqa: N818 - what happens to the task
    """An expression has no value."""


class Manifest:
    """The templates of a manifest; `pods` collects what containers are asked for."""

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]],
        outputs: Mapping[str, Mapping[str, str]],
        params: Mapping[str, str],
        evaluate: Evaluate,
    ) -> None:
        workflow = objects[-1]
        spec = workflow["spec"].get("workflowSpec", workflow["spec"])
        if "workflowTemplateRef" in spec:
            spec = next(found["spec"] for found in objects if found["kind"] == "WorkflowTemplate")
        self.spec = spec
        self.templates = {
            template["name"]: template for found in objects for template in found["spec"].get("templates", ())
        }
        self.outputs, self.evaluate = outputs, evaluate
        declared = spec.get("arguments", {}).get("parameters", [])
        given = {found["name"]: found.get("value", "") for found in declared} | dict(params)
        self.workflow: dict[str, Any] = {
            "name": RUN,
            "parameters": {name: text for name, text in given.items() if name in {d["name"] for d in declared}},
            "outputs": {"parameters": {}},
            "status": "Succeeded",
            "creationTimestamp": {"RFC3339": "2026-01-02T03:04:05Z"},
        }
        self.pods: list[dict[str, Any]] = []

    def run(self) -> list[dict[str, Any]]:
        """All pods, each `{"template", "container"}` with texts resolved and expanded, or `{"template", "error"}`."""
        self.call(self.templates[self.spec["entrypoint"]], {}, "")
        return self.pods

    # ---- texts -----------------------------------------------------------------------------------------------------

    def text(self, text: str, scope: Scope) -> str:
        return TAG.sub(
            lambda tag: self.expression(tag[2], scope) if tag[1] else self.plain(tag[2].strip(), scope), text
        )

    def plain(self, path: str, scope: Scope) -> str:
        found: Any = {"workflow": self.workflow, **scope}
        for part in path.split("."):
            found = found[part]
        assert isinstance(found, str), path
        return found

    def expression(self, expression: str, scope: Scope) -> str:
        answer = self.evaluate(expression, {"workflow": self.workflow, "tasks": {}, **scope})
        if "error" in answer:
            raise NoValue(f"{answer['error']}: {expression}")
        value = answer["value"]
        return value if isinstance(value, str) else json.dumps(value)

    # ---- templates -------------------------------------------------------------------------------------------------

    def call(self, template: Mapping[str, Any], inputs: Mapping[str, str], caller: str) -> dict[str, str]:
        """Everything of a template that a task calls; gives its outputs."""
        scope: Scope = {"inputs": {"parameters": dict(inputs)}, "retries": "0", "tasks": {"name": caller}}
        if "container" in template:
            return self.pod(template, scope)
        if "dag" in template:
            scope["tasks"] = {}
            for task in template["dag"]["tasks"]:
                self.task(task, scope)
        return dict(self.results(template, scope))

    def results(self, template: Mapping[str, Any], scope: Scope) -> Iterator[tuple[str, str]]:
        for found in template.get("outputs", {}).get("parameters", ()):
            source = found["valueFrom"]
            if "expression" in source:
                text = self.expression(source["expression"], scope)
            else:  # of a template without a pod, what nobody supplies has its default
                text = self.text(source["default"] if "supplied" in source else source["parameter"], scope)
            yield self.kept(found, text)

    def kept(self, declared: Mapping[str, Any], text: str) -> tuple[str, str]:
        """An output by its name, which the whole workflow sees too where it is declared so."""
        if "globalName" in declared:
            self.workflow["outputs"]["parameters"][declared["globalName"]] = text
        return declared["name"], text

    def task(self, task: Mapping[str, Any], scope: Scope) -> None:
        """All instances of one task of a DAG; their outputs are what its later tasks see."""
        reference = task.get("templateRef", {}).get("template") or task["template"]
        made = []
        for item in self.items(task, scope):
            inner = scope if item is None else {**scope, "item": item}
            try:
                arguments = {
                    found["name"]: self.text(found["value"], inner)
                    for found in task.get("arguments", {}).get("parameters", ())
                }
            except NoValue as why:
                self.pods.append({"template": reference, "error": str(why)})
                arguments = {}
                continue
            declared = {
                p["name"]: p["value"]
                for p in self.templates[reference].get("inputs", {}).get("parameters", ())
                if "value" in p
            }
            made.append(self.call(self.templates[reference], declared | arguments, task["name"]))
        looped = any(key.startswith("with") for key in task)
        names = dict.fromkeys(name for outputs in made for name in outputs)
        outputs = {n: json.dumps([o[n] for o in made]) for n in names} if looped else (made[0] if made else {})
        scope["tasks"][task["name"]] = {"status": "Succeeded", "outputs": {"parameters": outputs}}

    def items(self, task: Mapping[str, Any], scope: Scope) -> Sequence[Any]:
        if "withItems" in task:
            return list(task["withItems"])
        if "withSequence" in task:
            return [str(at) for at in range(int(self.text(task["withSequence"]["count"], scope)))]
        assert "withParam" not in task, "the walk knows no withParam"
        return [None]

    def pod(self, template: Mapping[str, Any], scope: Scope) -> dict[str, str]:
        container = template["container"]
        env: dict[str, str] = {}
        secrets: dict[str, dict[str, str]] = {}
        for variable in container.get("env", ()):
            if "valueFrom" in variable:
                secrets[variable["name"]] = variable["valueFrom"]["secretKeyRef"]
            else:
                env[variable["name"]] = expand(self.text(variable["value"], scope), env)
        argv = [
            expand(self.text(text, scope), env) for text in (*container.get("command", ()), *container.get("args", ()))
        ]
        self.pods.append({"template": template, "argv": argv, "env": env, "secrets": secrets})
        texts = self.outputs.get(env["DW_TASK"], {})
        return dict(
            self.kept(found, texts[found["name"]]) for found in template.get("outputs", {}).get("parameters", ())
        )


def expand(text: str, env: Mapping[str, str]) -> str:
    """What Kubernetes makes of `$(NAME)` and `$$`."""

    def replaced(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else env.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", replaced, text)
