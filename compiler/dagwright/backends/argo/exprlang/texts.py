"""Expressions and texts of a task: printed into its template, or passed to the template as arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dagwright.backends.argo import names
from dagwright.backends.argo.exprlang.escape import data, literal, tag
from dagwright.backends.argo.exprlang.printer import to_exprlang, to_exprlang_json, to_exprlang_text
from dagwright.backends.argo.exprlang.references import References, in_path, out_path
from dagwright.ir.expr import (
    Const,
    Expr,
    InPath,
    ItemRef,
    MatrixRef,
    Op,
    Operator,
    OutPath,
    OutputRef,
    ParamRef,
    RunField,
    RunRef,
    StatusRef,
    Text,
)
from dagwright.ir.model import Task
from dagwright.ir.types import Type

# Texts of these types contain neither braces nor dollars, once they are checked: those of params by the first task.
HARMLESS = (Type.INTEGER, Type.NUMBER, Type.BOOLEAN)


def text_of(expr: Expr, references: References) -> str:
    """An expr-lang expression for the text that an expression inserts."""
    match expr:
        case Op(operator=Operator.TEXT):
            return text_of(expr.args[0], references)
        case Op(operator=Operator.DEFAULT, args=(OutputRef() as ref, other)):
            return references.or_else(ref, text_of(other, references), checked=True)
        case Op():
            return to_exprlang_text(expr, references.spell, references.is_there, checked_params=True)
        case OutputRef():
            return references.output(expr, checked=True)
        case _:
            return references.spell(expr)


def json_of(expr: Expr, references: References) -> str:
    """The JSON of a list or of a json value, as an expr-lang expression; for a reference, its text, which is JSON."""
    match expr:
        case Op():
            return to_exprlang_json(expr, references.spell, references.is_there, checked_params=True)
        case _:
            return references.spell(expr)


def condition(expr: Expr, references: References) -> str:
    """A boolean expression in expr-lang."""
    return to_exprlang(expr, references.spell, references.is_there, checked_params=True)


@dataclass
class TemplateTexts:
    """The texts of a template in Argo's syntax; collects the expressions that become inputs, with their names."""

    task: Task
    references: References
    by_expr: dict[Expr, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=lambda: {names.INDEX})

    def render(self, text: Text) -> str:
        """A text for env, command or args."""
        pieces = list(merged(text, self.task))
        words: list[str] = []
        for at, piece in enumerate(pieces):
            if isinstance(piece, str):
                words.append(literal(piece, after_tag=at > 0, before_tag=at + 1 < len(pieces)))
            else:
                words.append(self.insert(piece))
        return "".join(words)

    def insert(self, expr: Expr) -> str:
        """The tag of one reference."""
        match expr:
            case ParamRef() if expr.type in HARMLESS:
                return self.references.facts.param_tag(expr.name)
            case ParamRef():
                return tag(data(self.references.spell(expr)))
            case RunRef(name=RunField.ID):
                return "{{workflow.name}}"
            case RunRef():
                return tag(self.references.spell(expr))
            case _:
                return names.input_tag(self.name(expr))

    def name(self, expr: Expr) -> str:
        """The name of the argument for the text of an expression."""
        if expr not in self.by_expr:
            first_choice = argument_name(expr)
            name, count = first_choice, 1
            while name in self.taken:
                count += 1
                name = f"{first_choice}_{count}"
            self.taken.add(name)
            self.by_expr[expr] = name
        return self.by_expr[expr]


def argument_name(expr: Expr) -> str:
    """The name of an argument, after the first reference in the expression."""
    match expr:
        case OutputRef():
            return f"{expr.task}_{expr.output}"
        case StatusRef():
            return f"{expr.task}_status"
        case RunRef():
            return f"run_{expr.name.value}"
        case MatrixRef():
            return expr.axis
        case ItemRef():
            return "item"
        case ParamRef():
            return expr.name
        case Op(args=(first, *_)):
            return argument_name(first)
        case _:
            return "value"


def merged(text: Text, task: Task) -> Iterator[str | Expr]:
    """The pieces of a text, with constants and paths merged into adjacent literals."""
    literal_text = ""
    for piece in text.pieces:
        match piece:
            case str():
                literal_text += piece
            case Const():
                literal_text += piece.text
            case InPath():
                literal_text += in_path(task, piece.input)
            case OutPath():
                literal_text += out_path(task, piece.output)
            case _:
                if literal_text:
                    yield literal_text
                    literal_text = ""
                yield piece
    if literal_text:
        yield literal_text
