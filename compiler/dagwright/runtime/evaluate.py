"""The evaluator of encoded expressions: lists of a word and its operands, see `dagwright.expressions.encode`.

Callers pass a `Scope`, which gives the texts of a run.
"""

from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from dagwright.meaning.operators import STRICT
from dagwright.meaning.values import (
    Absent,
    EvaluationError,
    Number,
    canonical_json,
    default,
    describe,
    index,
    list_text,
    number_text,
    parse,
    parse_json,
    spelled,
    to_number,
)

# A text as written, or an encoded constant.
Bound = Union[str, List[Any]]


class Scope:
    """The texts that an expression can read, as written. Subclasses override the methods for existing values."""

    def param(self, name: str) -> Bound:
        raise NotImplementedError

    def output(self, task: str, name: str) -> Optional[str]:
        """The text of an output, or None if it is absent."""
        raise NotImplementedError

    def outputs(self, task: str, name: str) -> Optional[Sequence[str]]:
        """The texts of an output of a fan-out, by index, or None if they are absent."""
        raise NotImplementedError

    def status(self, task: str) -> str:
        raise NotImplementedError

    def matrix(self, axis: str) -> Bound:
        raise NotImplementedError

    def item(self) -> Bound:
        raise NotImplementedError

    def run(self, field: str) -> str:
        raise NotImplementedError

    def in_path(self, name: str) -> str:
        raise NotImplementedError

    def out_path(self, name: str) -> str:
        raise NotImplementedError


def text_of(pieces: Union[str, Sequence[Any]], scope: Scope) -> str:
    """The text of an encoded text: literal strings, with expressions inserted between them."""
    if isinstance(pieces, str):
        return pieces
    return "".join([piece if isinstance(piece, str) else text(piece, scope) for piece in pieces])


def text(code: Sequence[Any], scope: Scope) -> str:
    """The text that an expression inserts: a reference its text as written, other expressions the canonical text.

    The text of an output must have the declared type.
    """
    word = code[0]
    if word in ("const", "parsed") and len(code) > 2:
        return str(code[2])
    if word == "outputs":
        return list_text(_spelled(_outputs(code, scope), code), code[3])
    if word == "output":
        return _spelled([_output(code, scope)], code)[0]
    if word in _READ:
        bound = _READ[word](code, scope)
        return bound if isinstance(bound, str) else text(bound, scope)
    if word == "text":
        return text(code[1], scope)
    if word == "default":
        return str(default(lambda: text(code[1], scope), lambda: text(code[2], scope)))
    return canonical_text(code, scope)


def canonical_text(code: Sequence[Any], scope: Scope) -> str:
    """The canonical text of a value: a string unchanged, other values as JSON."""
    found = json_text(code, scope)
    return str(parse_json(found)) if found.startswith('"') else found


def json_text(code: Sequence[Any], scope: Scope) -> str:
    """The canonical JSON of a value; a number without computation keeps its text."""
    word = code[0]
    if word == "const" and isinstance(code[1], float):
        return number_text(code[2], code[1]) if len(code) > 2 else canonical_json(code[1])
    if word == "outputs" and code[3] == "number":
        return list_text(_spelled(_outputs(code, scope), code), "number")
    if word in _READ and _kind(code) == "number":
        bound = _READ[word](code, scope)
        return _spelled([bound], code)[0] if isinstance(bound, str) else json_text(bound, scope)
    if word in _SPELLED:
        return _SPELLED[word](code, scope)
    return canonical_json(value(code, scope))


def value(code: Sequence[Any], scope: Scope) -> Any:
    """The value of an expression, see `dagwright.meaning.values`. Raises EvaluationError."""
    word = code[0]
    if word == "const":
        return code[1]
    if word == "parsed":
        return parse_json(code[1])
    if word == "outputs":
        return [_parsed(item, code, code[3]) for item in _outputs(code, scope)]
    if word in _READ:
        return _referred(_READ[word](code, scope), code, scope)
    if word in _LAZY:
        return _LAZY[word](code, scope)
    return STRICT[word](*[value(arg, scope) for arg in code[1:]])


def _referred(bound: Bound, code: Sequence[Any], scope: Scope) -> Any:
    """The value of a reference of a declared type. An item of a computed list is JSON, also if it is a plain number."""
    kind = _kind(code)
    if isinstance(bound, str):
        return _parsed(bound, code, kind)
    found = value(bound, scope)
    return parse(found.text, kind) if isinstance(found, Number) and kind != "json" else found


def _parsed(text: str, code: Sequence[Any], kind: str) -> Any:
    """The value of a text that a reference reads."""
    return _read(text, code, lambda text: parse(text, kind))


def _spelled(texts: Sequence[str], code: Sequence[Any]) -> List[str]:
    """The texts that a reference reads, as written and checked."""
    kind = code[3] if code[0] == "outputs" else _kind(code)
    return [_read(text, code, lambda text: spelled(text, kind)) for text in texts]


def _read(text: str, code: Sequence[Any], reader: Callable[[str], Any]) -> Any:
    """The text as read by `reader`; if an output has another type than declared, the error names its task."""
    try:
        return reader(text)
    except EvaluationError as wrong:
        if code[0] not in ("output", "outputs"):
            raise
        raise EvaluationError("the output `%s` of `%s` is wrong: %s" % (code[2], code[1], wrong)) from None


def items(code: Sequence[Any], scope: Scope) -> List[Bound]:
    """The value of `item` in each instance of a `foreach`: texts as written, or encoded constants."""
    if code[0] == "outputs":
        return list(_spelled(_outputs(code, scope), code))
    found = parse_json(json_text(code, scope))
    if not isinstance(found, list):
        raise EvaluationError("`foreach` needs a list, and this is %s" % describe(found))
    return [["parsed", canonical_json(item)] for item in found]


def _kind(code: Sequence[Any]) -> str:
    """The type of a reference; `string` for references without a type."""
    position = {"param": 2, "matrix": 2, "output": 3, "item": 1}.get(code[0])
    return "string" if position is None else code[position]


def _output(code: Sequence[Any], scope: Scope) -> str:
    found = scope.output(code[1], code[2])
    if found is not None:
        return found
    if len(code) > 4:
        return str(code[4])
    raise Absent("the output %s of %s is absent" % (code[2], code[1]))


def _outputs(code: Sequence[Any], scope: Scope) -> Sequence[str]:
    found = scope.outputs(code[1], code[2])
    if found is None:
        raise Absent("the output %s of %s is absent" % (code[2], code[1]))
    return found


def _and(code: Sequence[Any], scope: Scope) -> bool:
    return bool(value(code[1], scope) and value(code[2], scope))


def _or(code: Sequence[Any], scope: Scope) -> bool:
    return bool(value(code[1], scope) or value(code[2], scope))


def _if(code: Sequence[Any], scope: Scope) -> Any:
    return value(code[2] if value(code[1], scope) else code[3], scope)


def _default(code: Sequence[Any], scope: Scope) -> Any:
    return default(lambda: value(code[1], scope), lambda: value(code[2], scope))


def _listed(code: Sequence[Any], scope: Scope) -> str:
    return "[" + ",".join([json_text(item, scope) for item in code[1:]]) + "]"


def _indexed(code: Sequence[Any], scope: Scope) -> str:
    return canonical_json(index(parse_json(json_text(code[1], scope)), value(code[2], scope)))


def _widened(code: Sequence[Any], scope: Scope) -> str:
    found = value(code[1], scope)
    return canonical_json(found if type(found) is int else to_number(found))


_READ: Dict[str, Callable[[Sequence[Any], Scope], Bound]] = {
    "param": lambda code, scope: scope.param(code[1]),
    "output": _output,
    "status": lambda code, scope: scope.status(code[1]),
    "matrix": lambda code, scope: scope.matrix(code[1]),
    "item": lambda code, scope: scope.item(),
    "run": lambda code, scope: scope.run(code[1]),
    "in_path": lambda code, scope: scope.in_path(code[1]),
    "out_path": lambda code, scope: scope.out_path(code[1]),
}

_SPELLED: Dict[str, Callable[[Sequence[Any], Scope], str]] = {
    "if": lambda code, scope: json_text(code[2] if value(code[1], scope) else code[3], scope),
    "default": lambda code, scope: default(lambda: json_text(code[1], scope), lambda: json_text(code[2], scope)),
    "list": _listed,
    "index": _indexed,
    "number": _widened,
    "json": lambda code, scope: json_text(code[1], scope),
}

_LAZY: Dict[str, Callable[[Sequence[Any], Scope], Any]] = {
    "and": _and,
    "or": _or,
    "if": _if,
    "default": _default,
    "text": lambda code, scope: text(code[1], scope),
    "string": lambda code, scope: canonical_text(code[1], scope),
    "to_json": lambda code, scope: json_text(code[1], scope),
    "json": lambda code, scope: parse_json(json_text(code[1], scope)),
}
