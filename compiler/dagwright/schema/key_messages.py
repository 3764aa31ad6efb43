"""Messages for keys: unknown, missing, badly named, or not allowed together."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import PurePath

from dagwright.diagnostics.fix import Advice, Edit, Fix, removal
from dagwright.diagnostics.limits import limit
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.templates import equivalent_of_text
from dagwright.diagnostics.words import CONDITIONS, fold
from dagwright.schema import repair
from dagwright.schema.kind_hints import example
from dagwright.schema.place import Place, needs_nothing, shown
from dagwright.schema.rules import Combination, Rule, root_rule
from dagwright.schema.writing import shape, value_edit
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar

_LONGEST_PASTE = 80
_ACTIONS = frozenset({"command", "script", "uses"})


def noun(place: Place) -> str:
    """The name of a mapping's kind: `a task`, `` `retry` ``."""
    title = place.rule.title
    if place.path:
        return f"`{place.path.rpartition('.')[2]}`"
    return "an input" if title == "input" else title if title.startswith("target ") else f"a {title}"


def unknown_key(place: Place, key: Scalar, value: Node, report: Report) -> str:
    """Report an unknown key. Returns the key that was probably meant, or an empty string."""
    word = key.text
    known = list(place.rule.properties)
    meant, help_ = cut_text(place, key, value) or _meaning(place, key, value, known)
    notes = []
    odd = next((c for c in word if not c.isascii()), None)
    if odd is not None:
        notes.append(f"the key holds U+{ord(odd):04X}, which is not a plain letter")
    notes.append(_listing(noun(place), known))
    report.error("E201", place.say(f"unknown key `{shown(word)}` in {{it}}"), key.span,
                 label=f"not a key of {noun(place)}", notes=notes, help=help_)  # fmt: skip
    return meant


def _listing(noun_: str, known: list[str]) -> str:
    text = f"keys of {noun_}: " + ", ".join(known)
    return text


Meaning = tuple[str, Advice | str]  # the key of this mapping that a word means, or an empty string; the help


def _meaning(place: Place, key: Scalar, value: Node, known: list[str]) -> Meaning:
    word = key.text
    alike = next((k for k in known if fold(k) == fold(word)), None)
    if alike is not None:
        return alike, _did_you_mean(place, key, alike)
    if ours := place.words().key(place.rule.title, word):
        return _translated(place, ours, key, value)
    guess = suggest(word, known, {})
    if guess is not None:
        return guess, _did_you_mean(place, key, guess)
    if place.rule.title == "pipeline" and isinstance(value, Mapping) and _ACTIONS & value.values.keys():
        return "", f"a task belongs below `tasks:`, as `{repair.snake_case(word) or 'name'}: ...`"
    inside = next((k for k, rule in place.rule.properties.items() if word in rule.properties), None)
    if inside is not None:
        return inside, _below(place, (inside, word), key, value)
    owner = _owners().get(word)
    if owner is not None:
        return "", f"`{word}` is a key of {owner}: move it there"
    if ours := place.words().nearly_key(place.rule.title, word):
        return _translated(place, ours, key, value)
    return "", "remove it, or write one of the keys above"


def _did_you_mean(place: Place, key: Scalar, name: str) -> Advice:
    fix = Fix((Edit(key.span, name),)) if name not in keys_of(place) else None
    return Advice(f"did you mean `{name}`?", fix)


def _translated(place: Place, ours: str, key: Scalar, value: Node) -> Meaning:
    """The meaning of a word of another tool, and the text to write here."""
    if ours.startswith("@"):
        return "", limit(ours[1:])
    if ours == "max_parallel" and not _has_instances(place):
        return "", "remove it: it bounds the instances of a `matrix` or `foreach`, and this task has one"
    if ours == "needs" and isinstance(value, Scalar) and _OPERATORS.search(value.text):
        return "needs", _needs_of_expression(place, key, value)
    if " " in ours:
        ours = _A_NUMBER.sub(value.text if isinstance(value, Scalar) and value.text.isdigit() else "8", ours)
        named = _WRITE.match(ours)
        meant = named[1] if named is not None and named[1] in place.rule.properties else ""
        if meant in ("command", "interpreter") and isinstance(value, Scalar) and (" " in value.text or meant[0] == "c"):
            return _as_command(place, key, value, ours)
        return meant, ours
    path = tuple(ours.split("."))
    if path[0] not in place.rule.properties:
        return "", f"write it at the top of the file, for all tasks: `{_nested(path, _short(value))}`"
    if len(path) > 1:
        return path[0], _below(place, path, key, value)
    rule = place.rule.properties[ours]
    if ours == "when" and isinstance(value, Scalar) and (found := _CONDITION.fullmatch(value.text)):
        return "", _rule_of_condition(place, key, value, CONDITIONS[found[1]])
    shaped = shape(place.words(), rule, key.text, value, ours)
    if shaped is None:
        expression = equivalent_of_text(value.text) if isinstance(value, Scalar) else None
        if ours == "foreach" and expression:
            return ours, f"write `{ours}: {expression}<output>`, with the name of an output of type json"
        return ours, f"it is called `{ours}` here"
    help_ = f"write `{ours}: {shaped}`" + _AFTER.get(ours, "").format(shaped)
    edits = (Edit(key.span, ours), value_edit(value, shaped))
    return ours, Advice(help_, _fix(place, ours, edits))


def _has_instances(place: Place) -> bool:
    """Whether a task has a `matrix` or a `foreach`, perhaps with the name of another tool."""
    names = {place.words().key(place.rule.title, word) or word for word in keys_of(place)}
    return not names.isdisjoint({"matrix", "foreach"})


def _needs_of_expression(place: Place, key: Scalar, value: Scalar) -> Advice | str:
    """The help for needs that are joined with operators: their names, if all must have succeeded."""
    names = [part.strip().removesuffix(".Succeeded") for part in value.text.split("&&")]
    if not all(name.isidentifier() for name in names) or len(names) > _MOST_NEEDS:
        return "list the tasks, as in `needs: [a, b]`; `trigger_rule` or `when` say how they must have ended"
    listed = f"[{', '.join(names)}]"
    edits = (Edit(key.span, "needs"), value_edit(value, listed))
    return Advice(f"write `needs: {listed}`", _fix(place, "needs", edits))


_MOST_NEEDS = 5
_OPERATORS = re.compile(r"&&|\|\||[!()]")
_A_NUMBER = re.compile(r"\bN\b")
_WRITE = re.compile(r"write `([a-z_]+):")
_CONDITION = re.compile(r"\s*(?:\$\{\{)?\s*(always|failure|success)\(\)\s*(?:\}\})?\s*")
_AFTER = {"filename": ", and let the program write `$DW_OUT/{}`"}


def keys_of(place: Place) -> Collection[str]:
    """The keys of the mapping at a place."""
    return place.node.values if isinstance(place.node, Mapping) else ()


def _fix(place: Place, name: str, edits: tuple[Edit | None, ...]) -> Fix | None:
    """Edits that together make an entry called `name`, or None if an edit is missing or the name is taken."""
    made = tuple(edit for edit in edits if edit is not None)
    return Fix(made) if len(made) == len(edits) and name not in keys_of(place) else None


def _as_command(place: Place, key: Scalar, value: Scalar, otherwise: str) -> Meaning:
    made = repair.command(value.text)
    if len(made) > _LONGEST_PASTE or "\n" in made:
        return "command", otherwise
    name, _, written = made.partition(": ")
    return name, Advice(f"write `{made}`", _fix(place, name, (Edit(key.span, name), value_edit(value, written))))


def _rule_of_condition(place: Place, key: Scalar, value: Scalar, rule: str) -> Advice | str:
    if rule == "all_success":
        return Advice("remove it: a task runs after all its needs have succeeded", Fix((removal(key, value),)))
    help_ = f"write `trigger_rule: {rule}`, which decides by how the needs ended"
    if needs_nothing(place.mapping):
        return "remove it: this task needs nothing, so it always runs"
    if "needs" not in keys_of(place):
        return help_
    return Advice(help_, _fix(place, "trigger_rule", (Edit(key.span, "trigger_rule"), value_edit(value, rule))))


def _below(place: Place, path: tuple[str, ...], key: Scalar, value: Node) -> Advice | str:
    """Advice to write a value below another key of this mapping, together with its siblings of another tool."""
    top = path[0]
    mapping = place.node
    assert isinstance(mapping, Mapping)
    there = mapping.values.get(top)
    made = _at_path(place, path, key, value)
    if isinstance(there, Mapping):
        return f"write it in the `{top}` that is already there, as `{_inner(path, made)}`"
    if there is not None or "..." in made or len(path) != 2:
        return f"write `{_nested(path, made)}`"
    parts, edits = {}, []
    for name, other in mapping.values.items():
        found = place.words().key(place.rule.title, name) if name not in place.rule.properties else None
        if name == key.text or (found or "").startswith(top + "."):
            way = path if name == key.text else tuple((found or "").split("."))
            parts[way[1]] = _at_path(place, way, mapping.keys[name], other)
            if name != key.text:
                edits.append(removal(mapping.keys[name], other))
    if "..." in "".join(parts.values()):
        return f"write `{_nested(path, made)}`"
    lacking = [name for name in place.rule.properties[top].required if name not in parts]
    if lacking:
        return f"write it as `{_inner(path, made)}` in a `{top}`, which needs a `{lacking[0]}`, too"
    whole = "{" + ", ".join(f"{name}: {text}" for name, text in parts.items()) + "}"
    return Advice(f"write `{top}: {whole}`", _fix(place, top, (Edit(key.span, top), value_edit(value, whole), *edits)))


def _at_path(place: Place, path: tuple[str, ...], key: Scalar, value: Node) -> str:
    """The value in the form of the key at a path."""
    rule = place.rule
    for name in path:
        rule = rule.properties[name]
    return shape(place.words(), rule, key.text, value, path[-1]) or "..."


def _inner(path: tuple[str, ...], value: str) -> str:
    return _nested(path[1:], value)


def _nested(path: tuple[str, ...], value: str) -> str:
    """`a: {b: value}` for the path `a`, `b`."""
    for name in reversed(path[1:]):
        value = f"{{{name}: {value}}}"
    return f"{path[0]}: {value}"


def _short(value: Node) -> str:
    if isinstance(value, Scalar) and value.value is not None and len(value.text) <= 40:
        return value.text if not isinstance(value.value, str) else repair.flow(value.text)
    return "..."


def cut_text(place: Place, key: Scalar, value: Node) -> Meaning | None:
    """Advice to quote a text with a comma inside braces, where the text after the comma looks like a key."""
    if not isinstance(place.node, Mapping) or not isinstance(value, Scalar) or value.start != value.end:
        return None
    text = place.node.source.text
    if value.start > key.end or text[place.node.start : place.node.start + 1] != "{":
        return None
    names = list(place.node.values)
    known = [name for name in names[: names.index(key.text)] if name in place.rule.properties]
    before = place.node.values[known[-1]] if known else None
    if not isinstance(before, Scalar) or not before.plain or before.start == before.end:
        return None
    rule = place.rule.properties[known[-1]]
    whole = text[before.start : key.end]
    if "array" in rule.kinds:
        written = "[" + ", ".join(part.strip() for part in whole.split(",")) + "]"
    elif "string" in rule.kinds:
        written = json.dumps(whole, ensure_ascii=False)
    else:
        return None
    quotes = "" if "array" in rule.kinds else ", in quotes: the comma ends a text in braces"
    edit = Edit(Span(place.node.source, before.start, key.end), written)
    return "", Advice(f"write `{known[-1]}: {written}`{quotes}", Fix((edit,)))


@cache
def _owners() -> dict[str, str]:
    """Keys with the mapping that has them, for mappings with a common name: `needs` is a key of a task."""
    top = root_rule("pipeline").properties
    named: list[tuple[str, Rule | None]] = [
        ("a pipeline", root_rule("pipeline")),
        ("a task", top["tasks"].extra),
        ("`schedule`", top["schedule"]),
        ("a param", top["params"].extra),
    ]
    found: dict[str, str] = {}
    for words, rule in named:
        for key in rule.properties if rule is not None else ():
            found.setdefault(key, words)
    return found


def missing(place: Place, node: Mapping, key: str, report: Report) -> None:
    """Report a missing key."""
    rule = place.rule.properties[key]
    value = _name_of_file(node) if rule is root_rule("pipeline").properties["name"] else example(Place(rule, node))
    report.error("E202", place.say(f"{{it}} has no `{key}`"), _head(place, node), label=f"`{key}` is missing",
                 help=_addition(node, f"{key}: {value}"))  # fmt: skip


def _addition(node: Mapping, entry: str) -> Advice:
    """Advice to add an entry at the head of a mapping."""
    text, start = node.source.text, node.start
    if text[start : start + 1] == "{":
        at, made = start + 1, entry + ", " if node.values else entry
    else:
        at, made = start, entry + "\n" + " " * (start - text.rfind("\n", 0, start) - 1)
    fix = Fix((Edit(Span(node.source, at, at), made),)) if "…" not in entry else None
    return Advice(f"add `{entry}`", fix)


def _name_of_file(node: Mapping) -> str:
    """A pipeline name derived from the file name."""
    return repair.kebab_case(PurePath(node.span.source.path).stem) or "my-pipeline"


def _head(place: Place, node: Mapping) -> Span:
    """The key that leads to a mapping, or its first key, or its first character."""
    if place.key is not None and not place.item:
        return place.key.span
    first = next(iter(node.keys.values()), None)
    return first.span if first is not None else place.span


def wrong_name(place: Place, key: Scalar, names: Rule, named: Rule, report: Report) -> None:
    """Report a name of the author that has the wrong form, or is reserved."""
    word, what = key.text, _named(place, named)
    if names.max_length is not None and len(word) > names.max_length:
        report.error("E214", f"this name has {len(word)} characters, at most {names.max_length} are possible", key.span,
                     label="too long", help="shorten it")  # fmt: skip
        return
    if word in names.forbidden:
        report.error("E206", f"{what} cannot be called `{word}`, a word of expressions", key.span, label="reserved",
                     help=_renamed(place, key, _not_reserved(word, what)))  # fmt: skip
        return
    code, label, fallback = _NAME_FORMS[names.form]
    fixed = _FIXES[names.form](word)
    if fixed in names.forbidden:
        fixed = _not_reserved(fixed, what)
    fits = fixed is not None and names.pattern is not None and names.pattern.search(fixed)
    if "${{" in word:
        fits, label, fallback = False, "nothing is filled in here", "write the key out: only values take references"
    if names.form == "variable" and word.startswith(("DW_", "ARGO_", "KUBERNETES_", "AIRFLOW_")):
        label = "names with this beginning belong to the engines"
    report.error(code, f"`{shown(word)}` cannot be the name of {what}", key.span, label=label,
                 help=_renamed(place, key, fixed) if fits and fixed else fallback)  # fmt: skip


def _renamed(place: Place, key: Scalar, name: str) -> Advice:
    """Advice to rename an entry; with an edit only if the old name occurs nowhere else, such as in references."""
    once = key.source.text.count(key.text) == 1 and name not in keys_of(place)
    return Advice(f"write `{name}`", Fix((Edit(key.span, name),)) if once else None)


def _not_reserved(word: str, what: str) -> str:
    return f"{word.lower()}_{what.rpartition(' ')[2]}"


def _named(place: Place, named: Rule) -> str:
    words = {"task": "a task", "component": "a component", "param": "a param"}
    by_key = {"inputs": "an input", "with": "an input", "outputs": "an output", "env": "a variable",
              "secrets": "a variable", "labels": "a label",
              "workdirs": "a folder"}  # fmt: skip
    return words.get(named.title) or by_key.get(place.path.rpartition(".")[2], "an axis")


_NAME_FORMS = {
    "name": ("E205", "only a-z, 0-9 and single `_`, a letter first", "write a name such as `train_model`"),
    "variable": ("E217", "letters, digits and `_`, no digit first", "write a name such as `LOG_LEVEL`"),
    "absolute path": ("E210", "a path that starts with `/`", "write it from `/` on, such as `/app`"),
    "label name": ("E205", "at most 63 letters, digits, `-`, `_` and `.`", "write a name such as `team`"),
}
_FIXES = {"name": repair.snake_case, "variable": repair.variable, "label name": repair.kebab_case,
          "absolute path": repair.rooted}  # fmt: skip

# Keys of a combination → message, label, help. The diagnostic points at the first key.
TOGETHER: dict[tuple[str, ...], tuple[str, str, str]] = {
    ("with", "uses"): ("`with` of {it} gives the inputs of a component, and there is no `uses`",
                       "no component is named",
                       "add `uses: component_name`, or hand values over with `env`"),
    ("interpreter", "command"): ("`interpreter` is for a `script`, and {it} has a `command`", "not beside `command`",
                                 "remove `interpreter`, or put it in front: `command: [bash, -c, ...]`"),
    ("inputs", "uses"): ("{it} uses a component, which takes its inputs from `with`", "not beside `uses`",
                         "rename `inputs` to `with`"),
    ("outputs", "uses"): ("{it} has the outputs of the component that it uses", "not beside `uses`",
                          "remove `outputs`, or declare them in the component"),
    ("foreach", "matrix"): ("{it} has both `matrix` and `foreach`", "only one of them is possible",
                            "make the list an axis: `matrix: {item_value: [a, b]}`"),
    ("max_parallel", "matrix", "foreach"): ("`max_parallel` of {it} has no `matrix` or `foreach` to bound",
                                            "the task has one instance",
                                            "remove it, or add `foreach: [a, b]`"),
}  # fmt: skip


def wrong_combination(place: Place, node: Mapping, combination: Combination, report: Report) -> None:
    """Report keys that are not allowed together, or a group of keys with one missing."""
    involved = frozenset({combination.key} if combination.key else ()).union(*combination.groups)
    if involved == _ACTIONS:
        _wrong_action(place, node, report)
        return
    keys = next(keys for keys in TOGETHER if involved == frozenset(keys))
    message, label, help_ = TOGETHER[keys]
    others = [node.keys[key].span for key in keys[1:] if key in node.keys]
    report.error("E212", place.say(message), node.keys[keys[0]].span, label=label,
                 secondary=[Label(span, "here") for span in others], help=help_)  # fmt: skip


def _wrong_action(place: Place, node: Mapping, report: Report) -> None:
    given = [key for key in node.keys.values() if key.text in _ACTIONS]
    if not given:
        report.error("E211", place.say("{it} has none of `command`, `script` and `uses`"), _head(place, node),
                     label="it has nothing to run", help="add `command: [python3, train.py]`")  # fmt: skip
        return
    words = " and ".join(f"`{key.text}`" for key in given)
    report.error("E211", place.say(f"{{it}} has {words}, but only one is possible"), given[1].span,
                 label="one too many", secondary=[Label(given[0].span, "first here")],
                 help=f"remove `{given[1].text}` or `{given[0].text}`")  # fmt: skip
