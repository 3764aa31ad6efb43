"""Help lines for values of the wrong kind, and for missing values."""

from __future__ import annotations

import json
import re

from dagwright.diagnostics.fix import Advice, Edit, Fix
from dagwright.diagnostics.limits import limit
from dagwright.diagnostics.words import fold
from dagwright.schedule.cron import Cron, in_fields, parse_cron
from dagwright.schema import repair
from dagwright.schema.accept import text_fits
from dagwright.schema.place import Place, shown
from dagwright.schema.verdict import plain
from dagwright.schema.writing import fits, value_edit, write
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_LONGEST_PASTE = 100
_MOST_WORDS = 8
_LISTS_OF_WORDS = frozenset({"command", "interpreter"})
_NAMES_A_TASK = frozenset({"job", "task", "name", "id", "taskid", "jobname", "taskname", "ref"})
_NAMES_OTHERS = frozenset({"needs", "when", "inputs", "foreach", "uses", "with"})  # examples name other specs' things
_REFERENCE = re.compile(r"\$\{\{")


def hint(place: Place, kind: str) -> Advice | str:
    """The help line for a value of the wrong kind `kind`."""
    special = _special(place, kind)
    if special is not None:
        return special
    if kind == "null" and place.last_key in _NAMES_OTHERS:
        return "remove it, or name what this spec has"
    return write(place, example(place), edit=False)


def example(place: Place) -> str:
    """The schema's example for a place, on one line; a list with references is shortened to two items."""
    examples = place.rule.schema.get("examples")
    if not examples:
        return next((word for kind, word in _BY_KIND.items() if kind in place.rule.kinds), "text")
    found = examples[0]
    text = repair.flow(found[:2] if isinstance(found, list) and _REFERENCE.search(repair.flow(found)) else found)
    return text if len(text) <= _LONGEST_PASTE else "{…}"


_BY_KIND = {"string": "text", "integer": "1", "number": "1", "boolean": "true", "array": "[]", "object": "{}"}


def _special(place: Place, kind: str) -> Advice | str | None:
    kinds, node = place.rule.kinds, place.node
    if kind == "null":
        return _of_nothing(place)
    if isinstance(node, Scalar):
        return _of_scalar(place, node, kind)
    if isinstance(node, Sequence) and "object" in kinds:
        return _mapping_of_list(place, node)
    if isinstance(node, Mapping) and "array" in kinds:
        return _list_of_mapping(place, node)
    if isinstance(node, Mapping) and place.item and place.last_key == "needs":
        return _need_of_mapping(place, node)
    if isinstance(node, Mapping) and place.path.startswith("env.") and (source := node.values.get("valueFrom")):
        return _variable_from(place.last_key, source)
    if isinstance(node, Mapping) and _is_braces(node):
        inner = repair.flow("${{ " + next(iter(_inner(node).values)).strip("{} ") + " }}")
        return f"write {inner}, in quotes: without them YAML reads braces as a mapping"
    if "string" in kinds:
        text = repair.flow(plain(node))
        return f"write it as text, in quotes: '{text}'" if len(text) <= 60 and "'" not in text else None
    return None


def _need_of_mapping(place: Place, node: Mapping) -> Advice | str | None:
    """The help for `needs: [{job: load}]`: the name alone."""
    named = next((value for key, value in node.values.items() if fold(key) in _NAMES_A_TASK), None)
    if not isinstance(named, Scalar) or len(named.text) > 60:
        return "write the name of a task"
    return write(place, named.text) if len(node.values) == 1 else f"write the name of the task alone: `{named.text}`"


def _variable_from(name: str, source: Node) -> str:
    """The help for a variable with `valueFrom` of Kubernetes."""
    secret = source.values.get("secretKeyRef") if isinstance(source, Mapping) else None
    parts = [secret.values.get(key) for key in ("name", "key")] if isinstance(secret, Mapping) else []
    texts = [repair.flow(part.text) for part in parts if isinstance(part, Scalar)]
    if len(texts) < 2:
        return limit("values-from-outside")
    return f"remove it, and write `secrets: {{{shown(name)}: {{name: {texts[0]}, key: {texts[1]}}}}}` in the task"


def _of_nothing(place: Place) -> Advice | str | None:
    title = place.rule.title
    if title in ("task", "component"):
        return "write below it what it runs, such as `command: [python3, train.py]`"
    if place.path == "tasks":
        return "write a task below it, such as `load: {command: [python3, load.py]}`"
    if title.startswith("target ") or title == "targets":
        return write(place, "{}", " to name the target without settings")
    if title == "text" and not place.item:
        empty = '""'
        return write(place, empty, " for an empty text, or remove it")
    if place.item:
        return "remove the item, or write its text in quotes"
    return None


def _of_scalar(place: Place, node: Scalar, kind: str) -> Advice | str | None:
    rule, kinds, text, key = place.rule, place.rule.kinds, node.text, place.last_key
    if "object" in kinds and ("string" not in kinds or rule.title == "param"):
        return _mapping_of_scalar(place, node, kind)
    if "array" in kinds:
        return _list_of_scalar(place, text)
    if "boolean" in kinds:
        word = repair.boolean(text)
        return write(place, word, ", without quotes") if word else None
    if "integer" in kinds or "number" in kinds:
        return _number_of_text(place, text, kind)
    if rule.form == "duration":
        made_duration = repair.duration(text)
        return write(place, made_duration, ", with its unit") if made_duration and fits(rule, made_duration) else None
    if rule.form == "memory":
        return write(place, text + "Mi", ", with its unit") if text.isdigit() else None
    if rule.enum is not None:
        return word_of(place, place.words().value(key, text), [str(value) for value in rule.enum])
    quoted = json.dumps(text, ensure_ascii=False)
    return write(place, quoted, ", in quotes") if len(text) <= 40 and text_fits(rule, text) else None


def word_of(place: Place, guess: str | None, options: list[str]) -> Advice | str:
    """The help line for a word that is not one of `options`; `guess` is its meaning in the table of foreign words."""
    if guess is not None and guess.startswith("@"):
        return limit(guess[1:])
    if guess is not None and guess in options:
        return write(place, guess)
    if guess is not None and " " in guess:
        return guess
    return write(place, options[0], edit=len(options) == 1)


def _number_of_text(place: Place, text: str, kind: str) -> Advice | None:
    if place.last_key == "cpu" and (milli := re.fullmatch(r"([0-9]{1,6})m", text)):
        return write(place, f"{int(milli[1]) / 1000:g}", ", in cores")
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*", text)
    fine = found is not None and kind == "string" and fits(place.rule, found[1])
    return write(place, found[1], ", without quotes") if found and fine else None


def _list_of_scalar(place: Place, text: str) -> Advice | str | None:
    key = place.last_key
    if key == "foreach" and text.isdigit():
        return "write a list, such as `foreach: [0, 1, 2]`: there is one instance for each item"
    if key not in _LISTS_OF_WORDS or place.item:
        return write(place, f"[{repair.flow(text)}]") if len(text) <= 40 else None
    made = repair.command(text)
    if len(made) > _LONGEST_PASTE:
        return None
    if made.startswith("command:"):
        return write(place, made.partition(": ")[2])
    value = value_edit(place.node, made.partition(": ")[2])
    assert place.key is not None
    fix = Fix((Edit(place.key.span, "script"), value)) if key == "command" and value and "\n" not in made else None
    return Advice(f"write `{made}`", fix)


def _mapping_of_scalar(place: Place, node: Scalar, kind: str) -> Advice | str | None:
    title, text = place.rule.title, node.text
    name, colon, value = text.partition(":")
    if colon and value and name in place.rule.properties and "\n" not in value and len(value) <= 60:
        after = node.part(len(name) + 1, len(name) + 1)
        line = after.source.text.rfind("\n", 0, node.start) + 1
        alone = node.plain and not after.source.text[line : node.start].strip()
        return Advice(f"write `{name}: {value}`, with a blank after the colon",
                      Fix((Edit(after, " "),)) if alone else None)  # fmt: skip
    if title == "schedule":
        if text.strip() == "@once":
            return limit("start-without-a-schedule")
        fields = in_fields(text) or text
        return write(place, "{cron: " + repair.flow(fields) + "}") if isinstance(parse_cron(fields), Cron) else None
    if title in ("task", "component"):
        made = repair.command(text)
        return write(place, "{" + made + "}") if len(made) <= 80 and "\n" not in made else None
    if title == "param" and kind in ("integer", "number", "boolean"):
        return write(place, f"{{type: {kind}, default: {text}}}")
    if title == "secret":
        return write(place, f"{{name: {repair.kebab_case(text) or 'deploy'}, key: ...}}", ", with the secret's key")
    return None


def _mapping_of_list(place: Place, node: Sequence) -> Advice | str | None:
    key = place.last_key
    first = node.items[0] if node.items else None
    if isinstance(first, Mapping):
        if pairs := _pairs(node):
            return write(place, "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}")
        named = first.values.get("name") or first.values.get("id")
        if key == "env" and isinstance(named, Scalar):
            variable = repair.variable(named.text) or "NAME"
            source = next((item.values["valueFrom"] for item in node.items
                           if isinstance(item, Mapping) and "valueFrom" in item.values), None)  # fmt: skip
            tail = "" if source is None else "; " + _variable_from(variable, source).removeprefix("remove it, and ")
            return f"write each under its own name, without `-`: `{variable}: value`{tail}"
        name = repair.snake_case(named.text) if isinstance(named, Scalar) else next(iter(first.values), None)
        return f"write each under its own name, without `-`: `{shown(name)}: {{…}}`" if name else None
    words = [item.text for item in node.items if isinstance(item, Scalar)]
    if not isinstance(first, Scalar) or len(words) < len(node.items) or len(words) > _MOST_WORDS:
        return None
    if key == "env" and all("=" in word for word in words):
        made = [f"{name}: {repair.flow(value)}" for name, _, value in (word.partition("=") for word in words)]
        return write(place, "{" + ", ".join(made) + "}")
    if key == "matrix":
        return "name the axis, as in `matrix: {value: [a, b]}`, or use `foreach` for a list without a name"
    if key == "secrets":
        return write(place, "{" + f"{repair.variable(words[0]) or 'TOKEN'}: {{name: ..., key: ...}}" + "}",
                     ", with the name of the secret and its key")  # fmt: skip
    if key in ("outputs", "params") or (key == "inputs" and place.owner.startswith("component")):
        names = [repair.snake_case(word) or "name" for word in words]
        return write(place, "{" + ", ".join(f"{name}: string" for name in names) + "}",
                     ", with its type" if len(names) == 1 else ", with their types")  # fmt: skip
    return None


def _pairs(node: Sequence) -> list[tuple[str, str]]:
    """The names and values in a list of `{name: …, value: …}`, or [] if an item has another form."""
    found = []
    for item in node.items:
        name, value = (item.values.get("name"), item.values.get("value")) if isinstance(item, Mapping) else (None, None)
        if isinstance(name, Scalar) and isinstance(value, Scalar) and len(item.values) == 2:  # type: ignore[union-attr]
            found.append((shown(name.text), repair.flow(plain(value))))
    return found if len(found) == len(node.items) <= _MOST_WORDS else []


def _list_of_mapping(place: Place, node: Mapping) -> Advice | str | None:
    if place.last_key in ("needs", "pass_env", "tags") and len(node.values) <= _MOST_WORDS:
        words = ", ".join(repair.flow(name) for name in node.values)
        return write(place, f"[{words}]", edit=all(_is_null(value) for value in node.values.values()))
    return None


def _is_braces(node: Mapping) -> bool:
    """Whether a mapping is an unquoted `{{ params.x }}`: one key, a mapping, without a value."""
    inner = _inner(node)
    return len(inner.values) == 1 and all(_is_null(value) for value in inner.values.values())


def _inner(node: Mapping) -> Mapping:
    only = next(iter(node.values.values())) if len(node.values) == 1 else None
    return only if isinstance(only, Mapping) else node


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
