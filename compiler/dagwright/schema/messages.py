"""Messages for values that the language does not allow, with the text to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isinf

from dagwright.diagnostics.fix import Advice
from dagwright.diagnostics.limits import limit
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.schema import repair
from dagwright.schema.kind_hints import hint, word_of
from dagwright.schema.place import Place, needs_nothing, shown
from dagwright.schema.rules import Rule
from dagwright.schema.writing import write
from dagwright.source.tree import Node, Scalar

_LONGEST_DEFAULT = 40
_FILLED_IN = re.compile(r"\$\{|\{\{|\$\(|\$[A-Za-z_]|%\([a-z]+\)s")
_GIVEN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "a boolean",
}
_WANTED_FORM = {
    "duration": "a duration such as `30s`",
    "memory": "an amount such as `4Gi`",
    "date": "a date such as `2026-01-31`",
    "type": "a type or a mapping",
}
_WANTED_KINDS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"string", "number", "boolean", "object", "array"}), "a value"),
    (frozenset({"string", "number", "boolean"}), "text"),
    (frozenset({"integer", "object"}), "a whole number or a mapping"),
    (frozenset({"string", "array"}), "text or a list"),
    (frozenset({"string", "boolean"}), "an expression"),
    (frozenset({"string", "number"}), "a version"),
    (frozenset({"object"}), "a mapping"),
    (frozenset({"array"}), "a list"),
    (frozenset({"integer"}), "a whole number"),
    (frozenset({"number"}), "a number"),
    (frozenset({"boolean"}), "`true` or `false`"),
    (frozenset({"string"}), "text"),
)


def _wanted(rule: Rule) -> str:
    if rule.form in _WANTED_FORM:
        return _WANTED_FORM[rule.form]
    kinds = rule.kinds - {"null"}
    return next((words for allowed, words in _WANTED_KINDS if allowed == kinds), "something else")


def wrong_kind(place: Place, kind: str, report: Report) -> None:
    """Report a value of the wrong kind, such as a list instead of a mapping; E218 if the value is missing."""
    help_: Advice | str = hint(place, kind)
    if isinstance(place.node, Scalar) and "${{" in place.node.text and "array" not in place.rule.kinds:
        help_ = for_reference(place.node.text)
    if kind == "null":
        report.error("E218", place.say("{it} has no value"), place.span, label="the value is missing", help=help_)
        return
    value = place.node.value if isinstance(place.node, Scalar) else None
    given = "a number that is too large" if isinstance(value, float) and isinf(value) else _GIVEN[kind]
    if not place.path and not place.owner:
        code, message = "E200", place.say(f"{{it}} must be a mapping of keys, not {given}")
    else:
        code, message = "E203", place.say(f"{{it}} must be {_wanted(place.rule)}, not {given}")
    quoted = kind == "string" and isinstance(place.node, Scalar) and not place.node.plain
    words = help_.text if isinstance(help_, Advice) else help_
    because = ", because of the quotes" if quoted and "without quotes" in words else ""
    report.error(code, message, place.span, label=f"this is {given}{because}", help=help_)


def not_listed(place: Place, node: Scalar, report: Report) -> None:
    """Report a word that is not one of the allowed words."""
    rule = place.rule
    _not_one_of(place, node, [str(value) for value in rule.enum or ()], report)


def _not_one_of(place: Place, node: Scalar, options: list[str], report: Report) -> None:
    options = list(dict.fromkeys(options))
    given, key = shown(node.text), place.last_key
    if key == "apiVersion":
        report.error("E216", f"this is version `{given}` of the language, which does not exist", place.span,
                     label="not a version of the language", help=write(place, options[0]))  # fmt: skip
        return
    wanted = _instead(place, node, options)
    if len(options) == 1:
        message = f"{{it}} must be `{options[0]}`, not `{given}`"
    elif len(options) <= 3:
        message = f"{{it}} must be {', '.join(f'`{o}`' for o in options[:-1])} or `{options[-1]}`, not `{given}`"
    else:
        message = f"{{it}} cannot be `{given}`"
    report.error("E204", place.say(message), place.span, label="not one of the words that are allowed here",
                 notes=["allowed: " + ", ".join(options)], help=wanted)  # fmt: skip


def _instead(place: Place, node: Scalar, options: list[str]) -> Advice | str:
    """Advice for a wrong word: an option with its meaning or similar letters, or a declaration for a value."""
    key = "type" if place.rule.form == "type" else place.last_key
    guess = place.words().value(key, node.text)
    if key == "version":
        return write(place, options[-1])
    if guess is None or (" " not in guess and guess[0] != "@" and guess not in options):
        guess = suggest(node.text, options, {})
    if key == "trigger_rule" and guess in options and needs_nothing(place.inside):
        if guess == "any_failed":
            return f"write `trigger_rule: {guess}`, and the tasks that may fail in `needs`"
        return "remove it: this task needs nothing, so it always runs"
    if guess is None and place.rule.form == "type" and (whole := _with_type(place, node)) is not None:
        return whole
    return word_of(place, guess, options)


def _with_type(place: Place, node: Scalar) -> Advice | None:
    """The intended declaration for a value in the place of a type: with the value as default, or as file name."""
    if "default" not in place.rule.properties:
        return None
    value = repair.flow(node.text) if len(node.text) <= _LONGEST_DEFAULT else "..."
    if "filename" not in place.rule.properties:
        return write(place, f"{{type: string, default: {value}}}", ": the type comes first")
    name = node.text.replace("\\", "/").rpartition("/")[2]
    if "." in name and place.rule.properties["filename"].pattern.search(name):  # type: ignore[union-attr]
        return write(place, f"{{type: file, filename: {repair.flow(name)}}}", f": the program writes `$DW_OUT/{name}`")
    return None


def out_of_range(place: Place, node: Scalar, report: Report) -> None:
    """Report a number out of range."""
    rule, value = place.rule, node.value
    assert isinstance(value, int | float)
    if rule.above is not None and value <= rule.above:
        bound, help_ = f"greater than {rule.above:g}", write(place, "1")
    elif rule.minimum is not None and value < rule.minimum:
        bound, help_ = f"at least {rule.minimum:g}", write(place, f"{rule.minimum:g}")
    else:
        assert rule.maximum is not None
        bound, help_ = f"at most {rule.maximum:.0f}", write(place, f"{rule.maximum:.0f}")
    report.error("E209", place.say(f"{{it}} must be {bound}, not {shown(node.text, 16)}"), place.span,
                 label="out of range", help=help_)  # fmt: skip


def empty(place: Place, report: Report) -> None:
    """Report an empty list, mapping or text."""
    report.error("E213", place.say("{it} is empty"), place.span, label="this is empty", help=hint(place, "null"))


def too_many(place: Place, most: int, report: Report) -> None:
    report.error("E214", place.say(f"{{it}} has more than {most} items"), place.span, label="too many",
                 help=f"keep at most {most}")  # fmt: skip


def twice(place: Place, first: Node, again: Node, report: Report) -> None:
    """Report a repeated item in a list of unique items."""
    others = [Label(first.span, "first here")] if first is not again else []
    what = f"`{shown(again.text)}`" if isinstance(again, Scalar) else "an item"
    report.error("E215", place.say(f"{{it}} lists {what} twice"), again.span, label="again", secondary=others,
                 help="remove one of them")  # fmt: skip


def wrong_text(place: Place, node: Scalar, report: Report) -> None:
    """Report a text of the wrong length or form."""
    rule, text = place.rule, node.text
    if text == "" and (rule.min_length or rule.pattern):
        empty(place, report)
    elif rule.max_length is not None and len(text) > rule.max_length:
        size, unit = _size(place, text)
        report.error("E214", place.say(f"{{it}} has {size} {unit}, but at most {rule.max_length} are possible"),
                     place.span, label="too long", help=_shorten(place))  # fmt: skip
    elif rule.form == "type":
        _not_one_of(place, node, rule.properties["type"].schema["enum"], report)
    else:
        _wrong_form(place, text, report)


def _size(place: Place, text: str) -> tuple[int, str]:
    """The length of a text, with its unit: bytes for a script (the schema counts characters), else characters."""
    if place.last_key == "script":
        return len(text.encode("utf-8", "surrogatepass")), "bytes in UTF-8"
    return len(text), "characters"


def _shorten(place: Place) -> str:
    if place.last_key == "script":
        return "put the program into a file in the image or the work folder, and run it with `command`"
    return "shorten it"


_VAR = re.compile(r"\$\{\{\s*vars\.([a-z0-9_]{1,60})\b")


def for_reference(text: str) -> str:
    """The help for a reference where only constants are allowed."""
    if (var := _VAR.search(text)) is not None:
        return f"declare it: `vars: {{{var[1]}: ...}}`"
    if "${{" in text:
        return "this place takes only `${{ vars.<name> }}`: declare the value under `vars:`"
    return limit("values-from-outside")


def _wrong_form(place: Place, text: str, report: Report) -> None:
    code, what, label, fix, fallback = FORMS[place.rule.form]
    zero = place.rule.form == "duration" and place.rule.properties == {} and repair.duration(text) == "0s"
    if zero:
        report.error("E207", place.say("{it} must be at least `1s`"), place.span, label="no time at all",
                     help=write(place, '1s'))  # fmt: skip
        return
    if _FILLED_IN.search(text):  # the author wants a reference, so a corrected form does not help
        label, fix, fallback = "nothing is filled in here", _nothing, for_reference(text)
    fixed = fix(text)
    good = fixed is not None and place.rule.pattern is not None and place.rule.pattern.search(fixed)
    report.error(code, place.say(f"{{it}} must be {what}, not `{shown(text)}`"), place.span, label=label,
                 help=write(place, fixed) if good and fixed else fallback)  # fmt: skip


def _stripped(text: str) -> str | None:
    return "".join(text.split()) or None


def _kubernetes(text: str) -> str | None:
    return repair.kebab_case(text)


def _nothing(text: str) -> str | None:
    return None


def _base_name(text: str) -> str | None:
    return text.replace("\\", "/").rstrip("/").rpartition("/")[2].replace(" ", "_") or None


# form → code, expected value, label, repair, help if the repair finds nothing
FORMS: dict[str, tuple[str, str, str, Callable[[str], str | None], str]] = {
    "duration": ("E207", "a duration", "not a duration", repair.duration,
                 "write whole numbers with the units d, h, m, s in this order, such as `1h30m`"),
    "memory": ("E208", "an amount of memory", "not an amount with a unit", repair.quantity,
               "write a number with one of the units Ki, Mi, Gi, Ti, such as `4Gi`"),
    "image": ("E210", "the name of an image", "blanks and characters beyond ASCII are not possible", _stripped,
              "write it as the registry does, such as `python:3.11`"),
    "kubernetes name": ("E210", "a Kubernetes name", "only a-z, 0-9, `-` and `.`, at most 253 characters", _kubernetes,
                        "write it as `kubectl get` shows it, such as `deploy`"),
    "secret key": ("E210", "a key of a secret or config map", "only letters, digits, `-`, `_` and `.`", _stripped,
                   "write it as `kubectl describe` shows it, such as `token`"),
    "label value": ("E210", "the value of a label", "at most 63 letters, digits, `-`, `_` and `.`", repair.kebab_case,
                    "write one word, such as `growth`"),
    "file name": ("E210", "a file name", "a name without folders: letters, digits and `_.+@=,-`", _base_name,
                  "write a name such as `model.json`"),
    "date": ("E210", "a date or an instant", "neither a date nor an instant with its offset", _nothing,
             "write `2026-01-31` or `2026-01-31T06:00:00Z`"),
    "absolute path": ("E210", "an absolute path", "does not start with `/`", repair.rooted, "write it from `/` on"),
    "relative path": ("E210", "a relative path", "starts with `/`", repair.unrooted,
                      "write it relative to the work folder, such as `.`"),
    "dotted path": ("E210", "a dotted path", "not the path of a function in a module", _stripped,
                    "write the module and the function, such as `acme.alerts.page`"),
    "link": ("E210", "an address", "does not start with `https://`, `http://` or `mailto:`", _nothing,
             "write the whole address, such as `https://wiki.example.com/growth`"),
    "variable": ("E217", "the name of a variable", "not the name of a variable that can be passed", repair.variable,
                 "write a name such as `AWS_PROFILE`"),
    "pipeline name": ("E205", "a-z, 0-9 and `-`", "only a-z, 0-9 and `-`, a letter first", repair.kebab_case,
                      "write a name such as `nightly-report`"),
}  # fmt: skip
