"""The type checker: from a syntax tree and a scope to a typed expression, or to reported type errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dagwright.diagnostics.fix import Advice
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.words import CONDITIONS, synonym
from dagwright.diagnostics.words import FUNCTIONS as FUNCTIONS_OF_OTHERS
from dagwright.expressions.convert import coerce, is_path, widen
from dagwright.expressions.hints import operand_hint, truth_hint
from dagwright.expressions.overloads import apply, first_misfit
from dagwright.expressions.references import References, clip, path_of
from dagwright.expressions.rewrite import rewrite
from dagwright.expressions.scope import Scope
from dagwright.expressions.signatures import FUNCTIONS, OPERATORS, UNARY, Function
from dagwright.expressions.syntax import Attribute, Binary, Call, Index, ListLiteral, Literal, Name, Node, Unary
from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef
from dagwright.ir.types import ExprType, ListType, Type, type_name
from dagwright.meaning.values import EvaluationError, apply_date_pattern, canonical, find_zone
from dagwright.source.span import Span

__all__ = ["check", "coerce"]

_LITERALS = {str: Type.STRING, bool: Type.BOOLEAN, int: Type.INTEGER, float: Type.NUMBER}


def check(node: Node, text: str, scope: Scope, locate: Callable[[int, int], Span], report: Report) -> Expr | None:
    """The typed expression of `node`, which was parsed from `text`; None after a reported error."""
    return _Checker(text, scope, locate, report).expr(node)


@dataclass(frozen=True, slots=True)
class _Checker:
    text: str
    scope: Scope
    locate: Callable[[int, int], Span]
    report: Report

    def span(self, node: Node) -> Span:
        return self.locate(node.start, node.end)

    def source(self, node: Node) -> str:
        return clip(self.text[node.start : node.end])

    def write(self, node: Node, form: str, tail: str = "", *, said: str = "write `{}`") -> Advice:
        """Advice to replace a node by another text; `{}` in `form` is the text of the node."""
        old = self.text[node.start : node.end]
        return rewrite(self.span(node), old, form.replace("{}", old), tail, said=said)

    def expr(self, node: Node) -> Expr | None:
        """A typed expression for any place; the path of a file is allowed."""
        match node:
            case Literal():
                value = node.value
                text = "".join(self.text[node.start : node.end].split()) if type(value) is float else canonical(value)
                return Const(_LITERALS[type(value)], value, text, origin=self.span(node))
            case Name() | Attribute():
                return self.reference(node)
            case Index():
                return self.index(node)
            case Call():
                return self.call(node)
            case Unary():
                return self.unary(node)
            case Binary():
                return self.binary(node)
            case ListLiteral():
                return self.list_literal(node)

    def value(self, node: Node) -> Expr | None:
        """A typed expression for an operand, so not the path of a file."""
        found = self.expr(node)
        if found is None or not is_path(found):
            return found
        self.report.error(
            "E412",
            "a file or directory can only be inserted, not computed with",
            self.span(node),
            label="this is a path",
            help=f"insert it alone: `${{{{ {self.source(node)} }}}}`",
        )
        return None

    def reference(self, node: Name | Attribute) -> Expr | None:
        path = path_of(node)
        if path is not None:
            return References(self.scope, self.locate, self.report).resolve(path)
        assert isinstance(node, Attribute)
        self.report.error(
            "E416",
            "values have no attributes",
            self.locate(node.name_start, node.end),
            label="not an attribute",
            help=rewrite(
                self.span(node),
                self.text[node.start : node.end],
                f"{self.text[node.base.start : node.base.end]}['{node.name}']",
                said="to look into a json value write `{}`",
            ),
        )
        return None

    def list_literal(self, node: ListLiteral) -> Expr | None:
        if not node.items:
            self.report.error(
                "E410",
                "an empty list has no type here",
                self.span(node),
                label="a list of what?",
                help="write at least one item, or `default(reference, [])`",
            )
            return None
        items = [self.value(item) for item in node.items]
        known = [item for item in items if item is not None]
        if len(known) < len(items):
            return None
        element = self.element_type(node, known)
        if element is None:
            return None
        args = tuple(fit for item in known if (fit := widen(item, element)) is not None)
        return Op(Operator.LIST, args, ListType(element), origin=self.span(node))

    def element_type(self, node: ListLiteral, items: list[Expr]) -> Type | None:
        """The common type of all items (number for a mix with integers); None, reported, if there is none."""
        types: list[ExprType] = [item.type for item in items]
        first = Type.NUMBER if Type.NUMBER in types and types[0] is Type.INTEGER else types[0]
        for written, found in zip(node.items, items, strict=True):
            if isinstance(found.type, ListType):
                self.report.error(
                    "E410",
                    "a list holds values, not lists",
                    self.span(written),
                    label="a list",
                    help="write nested lists as `from_json('[[1],[2]]')`",
                )
                return None
            if widen(found, first) is None:
                self.report.error(
                    "E410",
                    f"this list holds both {type_name(first)} and {type_name(found.type)}",
                    self.span(written),
                    label=type_name(found.type),
                    secondary=[Label(self.span(node.items[0]), type_name(first))],
                    help="write all items as one type, or a cast such as `string(...)` around some",
                )
                return None
        assert isinstance(first, Type)
        return first

    def index(self, node: Index) -> Expr | None:
        path = path_of(node.base)
        if path is not None and path[-1].name in ("params", "inputs", "outputs", "tasks", "matrix", "run"):
            name = str(node.key.value) if isinstance(node.key, Literal) else "name"
            fits = isinstance(node.key, Literal) and name.isidentifier()
            self.report.error(
                "E416",
                "references are written with dots",
                self.span(node),
                label="not indexable",
                help=self.write(node, f"{self.source(node.base)}.{name}")
                if fits
                else f"write `{self.source(node.base)}.{clip(name)}`",
            )
            return None
        base, key = self.value(node.base), self.value(node.key)
        if base is None or key is None:
            return None
        if isinstance(base.type, ListType):
            if key.type is Type.INTEGER:
                return Op(Operator.INDEX, (base, key), base.type.element, origin=self.span(node))
        elif base.type is Type.JSON:
            if key.type in (Type.INTEGER, Type.STRING):
                return Op(Operator.INDEX, (base, key), Type.JSON, origin=self.span(node))
        else:
            name = type_name(base.type)
            self.report.error(
                "E411",
                f"only json values and lists have items, and this is {name}",
                self.span(node.base),
                label=name,
                help=self.write(node.base, "from_json({})", ", a json value, if its text is JSON").text
                if base.type is Type.STRING
                else "index a json value",
            )
            return None
        wanted = "an integer" if isinstance(base.type, ListType) else "a string or an integer"
        self.report.error(
            "E411",
            f"an index is {wanted}, not {type_name(key.type)}",
            self.span(node.key),
            label=type_name(key.type),
            help="write an index such as `[0]`",
        )
        return None

    def call(self, node: Call) -> Expr | None:
        function = FUNCTIONS.get(node.name)
        if function is None:
            for arg in node.args:
                self.expr(arg)
            guess = synonym(FUNCTIONS_OF_OTHERS, node.name) or suggest(node.name, FUNCTIONS)
            place = self.locate(node.start, node.name_end)
            if node.name in CONDITIONS:
                help_: str | Advice = f"write `trigger_rule: {CONDITIONS[node.name]}` in the task instead of this"
            elif guess:
                help_ = rewrite(place, node.name, guess, said="did you mean `{}`?")
            else:
                help_ = "use one of the functions above"
            self.report.error(
                "E406",
                f"there is no function `{clip(node.name)}`",
                place,
                label="not a function",
                notes=["functions: " + ", ".join(FUNCTIONS)],
                help=help_,
            )
            return None
        args = self.arguments(node)
        if not any(overload.accepts_count(len(node.args)) for overload in function.overloads):
            self.wrong_count(node, function)
            return None
        if args is None or (function.operator is Operator.DEFAULT and not self.is_output(args[0], node)):
            return None
        typed = apply(function, args, self.span(node))
        if typed is None:
            self.wrong_arguments(node, function, args)
        elif function.operator is Operator.FORMAT_DATE and not self.is_date_format(node, args):
            return None
        return typed

    def is_date_format(self, node: Call, args: list[Expr]) -> bool:
        """Whether the literal format and zone of a `format_date` are valid; a computed one is checked at run time."""
        checks = ((_try_pattern, "write `'YYYY-MM-DD HH:mm:ss'`"), (find_zone, "write `'Europe/Berlin'`"))
        fine = True
        for written, arg, (attempt, hint) in zip(node.args[1:], args[1:], checks, strict=False):
            try:
                if isinstance(arg, Const):
                    attempt(str(arg.value))
            except EvaluationError as error:
                what = "date format" if attempt is not find_zone else "time zone"
                self.report.error(
                    "E417",
                    f"this is not a {what}",
                    self.span(written),
                    label=f"not a {what}",
                    notes=[str(error)],
                    help=hint,
                )
                fine = False
        return fine

    def arguments(self, node: Call) -> list[Expr] | None:
        """The typed arguments; an empty list takes the type of the first. All errors are reported."""
        if (
            node.name == "default"
            and len(node.args) == 2
            and node.args[1] == ListLiteral(node.args[1].start, node.args[1].end, ())
        ):
            first = self.value(node.args[0])
            if first is not None and isinstance(first.type, ListType):
                return [first, Const(first.type, [], "[]", origin=self.span(node.args[1]))]
            if first is None:
                return None
        found = [self.value(arg) for arg in node.args]
        known = [arg for arg in found if arg is not None]
        return known if len(known) == len(found) else None

    def is_output(self, arg: Expr, node: Call) -> bool:
        if isinstance(arg, OutputRef):
            return True
        self.report.error(
            "E413",
            "`default` takes a reference to an output of a task first",
            self.span(node.args[0]),
            label="is never absent",
            help=self.write(node, self.text[node.args[0].start : node.args[0].end], " alone"),
        )
        return False

    def wrong_count(self, node: Call, function: Function) -> None:
        forms = " or ".join(f"{node.name}({overload.text})" for overload in function.overloads)
        count = f"{len(node.args)} argument" + ("" if len(node.args) == 1 else "s")
        self.report.error(
            "E407",
            f"`{node.name}` does not take {count}",
            self.locate(node.start, node.end),
            label=f"{count} given",
            help=f"write `{forms}`",
        )

    def wrong_arguments(self, node: Call, function: Function, args: list[Expr]) -> None:
        given = ", ".join(type_name(arg.type) for arg in args)
        forms = [f"{node.name}({o.text})" for o in function.overloads if o.accepts_count(len(args))]
        wrong = first_misfit(function, args)
        message = f"`{node.name}` cannot take {type_name(args[wrong].type)} here"
        self.report.error(
            "E409",
            message,
            self.span(node.args[wrong]),
            label=type_name(args[wrong].type),
            notes=[f"given: {node.name}({clip(given)})", "takes: " + " or ".join(forms)],
            help=self.cast_hint(node, function, wrong),
        )

    def cast_hint(self, node: Call, function: Function, wrong: int) -> Advice:
        overload = next(o for o in function.overloads if o.accepts_count(len(node.args)))
        wanted = overload.args[min(wrong, len(overload.args) - 1)]
        cast = wanted if wanted in FUNCTIONS else "string"
        return self.write(node.args[wrong], f"{cast}({{}})", said="cast it, as in `{}`")

    def unary(self, node: Unary) -> Expr | None:
        operand = self.value(node.operand)
        if operand is None:
            return None
        typed = apply(UNARY[node.operator], [operand], self.span(node))
        if typed is None:
            wanted = "a boolean" if node.operator == "not" else "a number"
            name = type_name(operand.type)
            self.report.error(
                "E408",
                f"`{node.operator}` takes {wanted}, and this is {name}",
                self.span(node.operand),
                label=name,
                help=truth_hint(node.operand, operand.type, self.write)
                if node.operator == "not"
                else self.write(node.operand, "number({})"),
            )
        return typed

    def binary(self, node: Binary) -> Expr | None:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        operator = node.operator.removeprefix("not ")
        for function in OPERATORS[operator]:
            typed = apply(function, [left, right], self.span(node))
            if typed is not None:
                return typed if operator == node.operator else Op(Operator.NOT, (typed,), Type.BOOLEAN, typed.origin)
        self.wrong_operands(node, left.type, right.type)
        return None

    def wrong_operands(self, node: Binary, left: ExprType, right: ExprType) -> None:
        names = type_name(left), type_name(right)
        verb = {"+": "add", "and": "combine", "or": "combine", "in": "look up", "not in": "look up"}.get(node.operator)
        verb = verb or ("compare" if node.operator[0] in "=!<>" else "compute with")
        message = f"`{node.operator}` cannot {verb} {names[0]} and {names[1]}"
        self.report.error(
            "E408",
            message,
            self.locate(node.operator_start, node.operator_end),
            label="does not fit",
            secondary=[Label(self.span(node.left), names[0]), Label(self.span(node.right), names[1])],
            help=operand_hint(node, left, right, self.write),
        )


def _try_pattern(pattern: str) -> None:
    """Raise an EvaluationError if a pattern contains anything but date fields and punctuation."""
    apply_date_pattern(datetime(2000, 1, 1), pattern)
