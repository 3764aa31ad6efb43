"""One expression on every evaluator: the encoded form, printed Python, and expr-lang with the real library."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagwright.backends.airflow import expressions
from dagwright.backends.argo.exprlang import printer
from dagwright.expressions import encode
from dagwright.ir.expr import Expr, OutputRef, ParamRef
from dagwright.ir.types import ListType
from dagwright.meaning import values
from dagwright.printing.code import Tree
from dagwright.runtime import evaluate

ERROR = "<error>"


@dataclass
class Texts:
    """The texts that an expression reads, from params and outputs (None: absent; a list: from a fan-out)."""

    params: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str | list[str] | None] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # types of the elements of a fan-out's list


class LocalScope(evaluate.Scope):
    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def param(self, name: str) -> str:
        return self.texts.params[name]

    def output(self, task: str, name: str) -> str | None:
        found = self.texts.outputs[name]
        assert not isinstance(found, list)
        return found

    def outputs(self, task: str, name: str) -> Sequence[str] | None:
        found = self.texts.outputs[name]
        assert not isinstance(found, str)
        return found


def local(expr: Expr, texts: Texts) -> tuple[str, str]:
    """The value, as canonical JSON, and the inserted text."""
    code = json.loads(json.dumps(encode.encode(expr)))
    scope = LocalScope(texts)
    return (
        attempt(lambda: evaluate.json_text(code, scope)),
        attempt(lambda: evaluate.text(code, scope)),
    )


def attempt(compute: Any) -> str:
    try:
        found = compute()
    except values.EvaluationError:
        return ERROR
    assert isinstance(found, str)
    return found


def printed(expr: Expr, texts: Texts) -> tuple[str, str]:
    """The value and the inserted text from the printed Python."""
    env = {name: getattr(values, name) for name in dir(values) if not name.startswith("_")}
    env |= {"param": texts.params.__getitem__, "output": reader(texts)}
    trees = (
        expressions.to_python_json(expr, PYTHON),
        expressions.to_python_text(expr, PYTHON),
    )
    sources = [tree.line for tree in trees]
    return (
        attempt(lambda: eval(sources[0], env)),
        attempt(lambda: eval(sources[1], env)),
    )


def reader(texts: Texts) -> Any:
    def output(name: str) -> str | list[str]:
        found = texts.outputs[name]
        if found is None:
            raise values.Absent(name)
        return found

    return output


def _read(expr: Expr) -> str:
    match expr:
        case ParamRef():
            return f"param({expr.name!r})"
        case OutputRef():
            return f"output({expr.output!r})"
    raise AssertionError(expr)


def python_reference(expr: Expr) -> Tree:
    if isinstance(expr.type, ListType):
        source = f"[parse(text, {expr.type.element.value!r}) for text in {_read(expr)}]"
    else:
        source = f"parse({_read(expr)}, {expr.type.value!r})"
    return Tree(source)


def python_inserted(expr: Expr) -> Tree:
    if isinstance(expr, ParamRef):
        return Tree(_read(expr))
    if isinstance(expr.type, ListType):
        kind = expr.type.element.value
        return Tree(f"list_text([spelled(text, {kind!r}) for text in {_read(expr)}], {kind!r})")
    return Tree(f"spelled({_read(expr)}, {expr.type.value!r})")


def python_spelled(expr: Expr) -> Tree:
    if isinstance(expr.type, ListType):
        return Tree(f"list(map(spelled_number, {_read(expr)}))")
    return Tree(f"spelled_number({_read(expr)})")


PYTHON = expressions.Read(python_reference, python_inserted, python_spelled)


class ExprLang:
    """The running Go program."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, expression: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        assert "{{" not in expression
        assert "}}" not in expression
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"expression": expression, "workflow": {"parameters": parameters}, "tasks": {}}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "compile" not in answer.get("error", "") or "integer divide by zero" in answer["error"], (
            answer,
            expression,
        )
        assert "memory budget" not in answer.get("error", ""), (answer, expression)
        return answer

    def evaluate(self, expr: Expr, texts: Texts) -> tuple[str, str]:
        parameters = dict(texts.params)
        for name, found in texts.outputs.items():
            text = values.list_text(found, texts.kinds[name]) if isinstance(found, list) else found or ""
            parameters |= {name: text, f"{name}_there": "no" if found is None else "yes"}
        value = self.ask(printer.to_exprlang_json(expr, exprlang_reference, exprlang_there), parameters)
        inserted = self.ask(printer.to_exprlang_text(expr, exprlang_reference, exprlang_there), parameters)
        return value.get("value", ERROR), inserted.get("value", ERROR)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def exprlang_reference(expr: Expr) -> str:
    match expr:
        case ParamRef():
            return f"workflow.parameters['{expr.name}']"
        case OutputRef():
            return f"workflow.parameters['{expr.output}']"
    raise AssertionError(expr)


def exprlang_there(expr: Expr) -> str:
    assert isinstance(expr, OutputRef)
    return f"workflow.parameters['{expr.output}_there'] == 'yes'"
