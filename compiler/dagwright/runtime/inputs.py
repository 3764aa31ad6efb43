"""The inputs of a run: params and secrets, checked before any task starts."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from dagwright.meaning.bounds import broken_bound
from dagwright.meaning.values import EvaluationError, Number, canonical, canonical_json, parse
from dagwright.runtime.model import Plan
from dagwright.runtime.step import printable

TYPE_WORDS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "`true` or `false`",
    "json": "JSON",
}
SECRET_PREFIX = "DW_SECRET_"
_VARIABLE = re.compile(SECRET_PREFIX + r"[A-Z0-9_]+\Z")


@dataclass(frozen=True)
class Complaint:
    """The reason why a run is refused; `param` names the declared param, if the reason is about one."""

    code: str
    message: str
    help: str
    param: str = ""


class Refused(Exception):  # noqa: N818 - a verdict
    """Raised if the run must not start."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("; ".join(complaint.message for complaint in complaints))
        self.complaints = list(complaints)


def shorten(text: str, length: int = 40) -> str:
    """A text of the user for a message: visible, and shortened."""
    shown = printable(text)
    return shown if len(shown) <= length else shown[: length - 3] + "..."


# ---- params ----


def split_param(argument: str) -> Tuple[str, str]:
    """`k=v` as its two parts. Raises Refused."""
    name, equals, text = argument.partition("=")
    if not equals or not name:
        lacks = "no name before the `=`" if equals else "no `=`"
        raise Refused([Complaint("E801", f"`--param {shorten(argument)}` has {lacks}", "write `--param name=value`")])
    return name, text


def read_params_file(path: str) -> Dict[str, Any]:
    """The JSON object of a params file: name to value. Raises Refused."""
    value = _load_json(path, _read_text(path, "params file"), "params file")
    if not isinstance(value, dict):
        raise Refused(
            [Complaint("E806", f"the params file {shorten(path)} holds no JSON object", 'write {"name": value}')]
        )
    return value


def resolve_params(
    plan: Plan, from_file: Mapping[str, Any], from_options: Iterable[Tuple[str, str]]
) -> Tuple[Dict[str, str], List[Complaint]]:
    """The text of every param, and the errors in the given ones. An option overrides the file."""
    declared = {param["name"]: param for param in plan.params}
    texts = {name: param["default"] for name, param in declared.items() if param.get("default") is not None}
    pairs = list(from_options)
    options = dict(pairs)
    names = [name for name, _ in pairs]
    complaints = [_again(name) for name in options if names.count(name) > 1]
    for name in dict.fromkeys([*from_file, *options]):
        param = declared.get(name)
        if param is None:
            complaints.append(_unknown(name, declared))
            continue
        value = options[name] if name in options else text_of_json(from_file[name], param["type"])
        complaint = _wrong(param, value)
        if complaint is None and value is not None:
            texts[name] = value
        elif complaint is not None:
            complaints.append(complaint)
    given = {*from_file, *options}
    for name in declared:
        if name not in texts and name not in given:
            example = f"add `--param {name}=...`"
            complaints.append(Complaint("E802", f"param `{name}` has no default and was not given", example, name))
    return texts, complaints


def _again(name: str) -> Complaint:
    message = f"param `{shorten(name)}` is given by `--param` more than once"
    return Complaint("E809", message, "give it once: only one of the values could count", name)


def _unknown(name: str, declared: Iterable[str]) -> Complaint:
    known = list(declared)
    close = difflib.get_close_matches(name, known, 1)
    if close:
        advice = f"did you mean `{close[0]}`?"
    else:
        advice = "the params are: " + ", ".join(known) if known else "this pipeline has no params"
    return Complaint("E801", f"no param is called `{shorten(name)}`", advice)


def text_of_json(value: Any, kind: str) -> Optional[str]:
    """The text of a value in a params file, or None if its JSON type is not the type of the param."""
    if kind == "json":
        return canonical_json(value)
    if kind == "string":
        return value if isinstance(value, str) else None
    if isinstance(value, bool):
        return ("true" if value else "false") if kind == "boolean" else None
    if not isinstance(value, Number):
        return None
    whole = "." not in value.text and "e" not in value.text.lower()
    return value.text if kind == "number" or (kind == "integer" and whole) else None


def _wrong(param: Mapping[str, Any], text: Optional[str]) -> Optional[Complaint]:
    """The error in the text given for a param, or None."""
    name, kind = param["name"], param["type"]
    try:
        if text is None:
            raise EvaluationError("its JSON type is another one")
        text.encode("utf-8")
        value = parse(text, kind)
    except (EvaluationError, UnicodeEncodeError):
        shown = ", and the file gives another type" if text is None else f", and `{shorten(text, 20)}` is not"
        return Complaint("E803", f"param `{name}` is {TYPE_WORDS[kind]}{shown}"[:90], f"give {TYPE_WORDS[kind]}", name)
    reason = broken_bound(param, value)
    if reason is None:
        return None
    return Complaint("E804", f"param `{name}` {reason}"[:90], _allowed(param), name)


def _allowed(param: Mapping[str, Any]) -> str:
    if param.get("enum"):
        return "choose one of: " + ", ".join(shorten(choice) for choice in param["enum"])
    words = {"minimum": "at least {}", "maximum": "at most {}", "min_length": "at least {} characters long",
             "max_length": "at most {} characters long"}  # fmt: skip
    bounds = [text.format(canonical(param[key])) for key, text in words.items() if param.get(key) is not None]
    return "give a value that is " + " and ".join(bounds)


# ---- secrets ----


def read_secrets_file(path: str) -> Dict[str, str]:
    """Secrets from a file, by the name of the variable for each. Raises Refused, which shows no text of the file.

    Either lines `DW_SECRET_NAME_KEY=value` (blank lines and lines that start with `#` are ignored; a value is all
    text after the first `=`, including quotes), or a JSON object `{"name": {"key": "value"}}`.
    """
    text = _read_text(path, "secrets file")
    if text.lstrip().startswith("{"):
        return _secrets_of_json(path, _load_json(path, text, "secrets file"))
    found: Dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line[:-1] if line.endswith("\r") else line
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name = name.strip()
        if not equals or not _VARIABLE.match(name):
            raise Refused([_bad_line(number, name if equals else "")])
        if name in found:
            message = f"line {number} of the secrets file names a variable for the second time"
            raise Refused([Complaint("E806", message, "remove one of the two lines")])
        found[name] = value
    return found


def _bad_line(number: int, name: str) -> Complaint:
    """The error in a line, without its text: even an apparent name may be the end of a secret."""
    message = f"line {number} of the secrets file is not `DW_SECRET_NAME_KEY=value`"
    if name.split()[:1] == ["export"]:
        return Complaint("E806", message, "leave out `export`: the file is not a shell script")
    return Complaint(
        "E806", message, "write `DW_SECRET_NAME_KEY=value`, the name in upper case, with `_` for `-` and `.`"
    )


def _secrets_of_json(path: str, value: Any) -> Dict[str, str]:
    found: Dict[str, str] = {}
    for name, entry in value.items():
        keys = {f"_{key}": text for key, text in entry.items()} if isinstance(entry, dict) else {"": entry}
        for key, text in keys.items():
            if not isinstance(text, str):
                message = f"the secret `{shorten(name)}` of the secrets file is not a string"
                raise Refused([Complaint("E806", message, 'write {"name": {"key": "value"}}')])
            found[_prefixed(name + key)] = text
    return found


def _prefixed(name: str) -> str:
    name = name.upper().replace("-", "_").replace(".", "_")
    return name if name.startswith(SECRET_PREFIX) else SECRET_PREFIX + name


def resolve_secrets(
    plan: Plan, from_file: Mapping[str, str], caller: Mapping[str, str]
) -> Tuple[Dict[str, str], List[Complaint]]:
    """The secrets of the tasks, by variable, and errors for missing or unusable ones."""
    found: Dict[str, str] = {}
    complaints: Dict[str, Complaint] = {}
    for task in (*plan.tasks, *plan.finally_tasks):
        for _, variable in task.secrets:
            value = from_file.get(variable, caller.get(variable))
            if value is None:
                message = f"task `{task.name}` needs the secret {shorten(variable)}"
                advice = f"set {variable}, or put it into a file for --secrets-file"
                complaints.setdefault(variable, Complaint("E805", message[:90], advice))
            elif "\0" in value or len(value.encode("utf-8", "surrogatepass")) > 120 * 1024:
                message = f"the secret {shorten(variable)} cannot be handed to a process"
                advice = "a secret is at most 120 KiB of text without NUL characters"
                complaints.setdefault(variable, Complaint("E805", message[:90], advice))
            else:
                found[variable] = value
    return found, list(complaints.values())


# ---- files ----


def _read_text(path: str, what: str) -> str:
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        message = f"the {what} {shorten(path) or 'with an empty name'} cannot be read"
        raise Refused([Complaint("E806", message[:90], f"{error.strerror}: check its path and rights")]) from None
    except UnicodeDecodeError:
        raise Refused(
            [Complaint("E806", f"the {what} {shorten(path)} is not UTF-8"[:90], "save it as UTF-8")]
        ) from None


def _load_json(path: str, text: str, what: str) -> Any:
    def once(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
        found: Dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise Refused([_twice(path, what, name)])
            found[name] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=once, parse_int=Number, parse_float=Number)
    except (ValueError, RecursionError) as error:
        # The message of a decoding error contains a place, but no text.
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "it"
        message = f"the {what} {shorten(path)} is not JSON"
        raise Refused([Complaint("E806", message[:90], f"look at {where}")]) from None


def _twice(path: str, what: str, name: str) -> Complaint:
    message = f"the {what} {shorten(path, 30)} holds the key `{shorten(name, 25)}` twice"
    return Complaint("E806", message[:90], "remove one of the two: only one could count")
