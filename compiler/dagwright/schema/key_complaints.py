"""What is said of keys: unknown, missing, badly named, or not possible together."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePath

from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.schema import repair
from dagwright.schema.kind_hints import example
from dagwright.schema.place import Place, shown
from dagwright.schema.rules import Combination, Rule, root_rule
from dagwright.schema.words import fold, foreign, nearly_foreign
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_ACTIONS = frozenset({"command", "script", "uses"})


def noun(place: Place) -> str:
    """The kind of mapping that a place is: `a task`, `` `retry` ``."""
    title = place.rule.title
    if place.path:
        return f"`{place.path.rpartition('.')[2]}`"
    return "an input" if title == "input" else title if title.startswith("target ") else f"a {title}"


def unknown_key(place: Place, key: Scalar, value: Node, report: Report) -> str:
    """A key that the mapping does not have. Returns the key that it was probably meant to be, or an empty string."""
    word = key.text
    known = list(place.rule.properties)
    meant, help_ = _meaning(place, word, value, known)
    notes = []
    odd = next((c for c in word if not c.isascii()), None)
    if odd is not None:
        notes.append(f"the key holds U+{ord(odd):04X}, which is no plain letter")
    notes.append(_listing(noun(place), known))
    report.error("E201", place.say(f"unknown key `{shown(word)}` in {{it}}"), key.span,
                 label=f"not a key of {noun(place)}", notes=notes, help=help_)  # fmt: skip
    return meant


def _listing(noun_: str, known: list[str]) -> str:
    text = f"keys of {noun_}: " + ", ".join(known)
    return text if len(text) <= 160 else text[: text.rindex(",", 0, 157)] + ", …"


def _meaning(place: Place, word: str, value: Node, known: list[str]) -> tuple[str, str | None]:
    """The key of this mapping that a word stands for (or an empty string), and the help line."""
    alike = next((k for k in known if fold(k) == fold(word)), None)
    if alike is not None:
        return alike, f"did you mean `{alike}`?"
    if ours := foreign(place.rule.title, word):
        return _translated(place, ours, word, value)
    guess = suggest(word, known, {})
    if guess is not None:
        return guess, f"did you mean `{guess}`?"
    if place.rule.title == "pipeline" and isinstance(value, Mapping) and _ACTIONS & value.values.keys():
        return "", f"a task belongs below `tasks:`, as `{repair.snake_case(word) or 'name'}: ...`"
    inside = next((k for k, rule in place.rule.properties.items() if word in rule.properties), None)
    if inside is not None:
        return inside, f"write it inside of `{inside}`, as `{inside}: {{{word}: {_short(value)}}}`"
    owner = _owners().get(word)
    if owner is not None:
        return "", f"`{word}` is a key of {owner}: move it there"
    if ours := nearly_foreign(place.rule.title, word):
        return _translated(place, ours, word, value)
    return "", "remove it, or write one of the keys below"


def _translated(place: Place, ours: str, word: str, value: Node) -> tuple[str, str]:
    if ours in place.rule.properties:
        shaped = _shaped(place.rule.properties[ours], word, value)
        return ours, f"write `{ours}: {shaped}`" if shaped else f"it is called `{ours}` here"
    top, _, below = ours.partition(".")
    if below and " " not in ours:
        value_text = _short(value)
        for part in reversed(below.split(".")):
            value_text = f"{{{part}: {value_text}}}"
        if top in place.rule.properties:
            return top, f"write `{top}: {value_text}`"
        return "", f"it stands at the top of the file, as `{top}: {value_text}`"
    named = _WRITE.match(ours)
    if named is None or named[1] not in place.rule.properties:
        return "", ours
    if isinstance(value, Scalar) and named[1] == "command" and len(made := repair.command(value.text)) <= 80:
        return "command", f"write `{made}`"
    return named[1], ours


_WRITE = re.compile(r"write `([a-z_]+):")


def _shaped(rule: Rule, word: str, value: Node) -> str | None:
    """The value as it would stand at our key, where it is short and of a kind that the key takes."""
    if isinstance(value, Sequence) and "array" in rule.kinds and len(value.items) <= 5:
        texts = [item.text for item in value.items if isinstance(item, Scalar) and len(item.text) <= 20]
        return repair.flow(list(texts)) if len(texts) == len(value.items) else None
    if not isinstance(value, Scalar) or len(value.text) > 40 or value.value is None:
        return None
    if rule.form == "duration":
        minutes = "m" if fold(word).endswith("minutes") else ""
        return repair.duration(value.text + minutes)
    return repair.flow(value.text) if "string" in rule.kinds and isinstance(value.value, str) else None


def _short(value: Node) -> str:
    if isinstance(value, Scalar) and value.value is not None and len(value.text) <= 40:
        return value.text if not isinstance(value.value, str) else repair.flow(value.text)
    return "..."


@cache
def _owners() -> dict[str, str]:
    """Keys and the mapping that has them, where it is one that people name: `needs` is a key of a task."""
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
    """A key that must be there and is not."""
    rule = place.rule.properties[key]
    value = _name_of_file(node) if rule is root_rule("pipeline").properties["name"] else example(Place(rule, node))
    report.error("E202", place.say(f"{{it}} has no `{key}`"), _head(place, node), label=f"`{key}` is missing",
                 help=f"add `{key}: {value}`")  # fmt: skip


def _name_of_file(node: Mapping) -> str:
    """A name for a pipeline out of the name of its file."""
    return repair.kebab_case(PurePath(node.span.source.path).stem) or "my-pipeline"


def _head(place: Place, node: Mapping) -> Span:
    """The key that leads to a mapping, or its first key, or its first character."""
    if place.key is not None and not place.item:
        return place.key.span
    first = next(iter(node.keys.values()), None)
    return first.span if first is not None else place.span


def wrong_name(place: Place, key: Scalar, names: Rule, named: Rule, report: Report) -> None:
    """A name of the author's own that has the wrong form, or is reserved."""
    word, what = key.text, _named(place, named)
    if names.max_length is not None and len(word) > names.max_length:
        report.error("E214", f"this name has {len(word)} characters, and {names.max_length} is the most", key.span,
                     label="too long", help="shorten it")  # fmt: skip
        return
    if word in names.forbidden:
        report.error("E206", f"{what} cannot be called `{word}`, a word of expressions", key.span, label="reserved",
                     help=f"write `{_not_reserved(word, what)}`")  # fmt: skip
        return
    code, label, fallback = _NAME_FORMS[names.form]
    fixed = _FIXES[names.form](word)
    if fixed in names.forbidden:
        fixed = _not_reserved(fixed, what)
    fits = fixed is not None and names.pattern is not None and names.pattern.search(fixed)
    if names.form == "variable" and word.startswith(("DW_", "ARGO_", "KUBERNETES_", "AIRFLOW_")):
        label = "names with this beginning belong to the engines"
    report.error(code, f"`{shown(word)}` cannot be the name of {what}", key.span, label=label,
                 help=f"write `{fixed}`" if fits else fallback)  # fmt: skip


def _not_reserved(word: str, what: str) -> str:
    return f"{word.lower()}_{what.rpartition(' ')[2]}"


def _named(place: Place, named: Rule) -> str:
    words = {"task": "a task", "component": "a component", "param": "a param"}
    by_key = {"inputs": "an input", "with": "an input", "outputs": "an output", "env": "a variable",
              "secrets": "a variable", "labels": "a label"}  # fmt: skip
    return words.get(named.title) or by_key.get(place.path.rpartition(".")[2], "an axis")


_NAME_FORMS = {
    "name": ("E205", "only a-z, 0-9 and single `_`, a letter first", "write a name such as `train_model`"),
    "variable": ("E217", "letters, digits and `_`, no digit first", "write a name such as `LOG_LEVEL`"),
    "label name": ("E205", "at most 63 letters, digits, `-`, `_` and `.`", "write a name such as `team`"),
}
_FIXES = {"name": repair.snake_case, "variable": repair.variable, "label name": repair.kebab_case}

# Keys of a rule of combination → message, label, help. The first key is the one that is pointed at.
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
    """Keys that do not go together, or of which one is missing."""
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
                     label="nothing says what it runs", help="add `command: [python3, train.py]`")  # fmt: skip
        return
    words = " and ".join(f"`{key.text}`" for key in given)
    report.error("E211", place.say(f"{{it}} has {words}, and only one is possible"), given[1].span,
                 label="one too many", secondary=[Label(given[0].span, "first here")],
                 help=f"remove `{given[1].text}` or `{given[0].text}`")  # fmt: skip
