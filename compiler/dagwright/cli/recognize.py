"""The kind of a YAML file in a folder: a spec (even if misspelled), a component file, or another file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import Enum

from dagwright.diagnostics.suggest import suggest
from dagwright.reading.budgets import DEFAULT_BUDGETS

_LANGUAGE, _VERSION = "dagwright", "apiVersion"
_SLIP = 3  # maximum difference in length of a misspelled word
_KEY = re.compile(r"""(?:"([^"]*)"[ \t]*|'([^']*)'[ \t]*|([^\s"'#?:\-\[\]{},][^:]*)):(?:[ \t]+(.*))?""")
_MADE_BY_US = "app.kubernetes.io/managed-by: dagwright"
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class Kind(Enum):
    SPEC = "spec"
    COMPONENTS = "components"
    GENERATED = "generated"
    OTHER = "other"


def kind_of(path: str) -> Kind:
    """The kind of a file, from its first keys. An unreadable file is a spec, so that reading reports the error."""
    if not os.path.isfile(path) or os.path.basename(path).lower().startswith("taskfile."):  # go-task has `tasks:` too
        return Kind.OTHER
    try:
        with open(path, "rb") as file:
            data = file.read(DEFAULT_BUDGETS.max_bytes)
    except OSError:
        return Kind.SPEC
    return kind_of_text(data.decode(_WIDE.get(data[:2], "utf-8"), "replace").lstrip("\ufeff"))


def kind_of_text(text: str) -> Kind:
    from dagwright.lower.component_file import holds_only_components

    keys = _keys(text)
    ours = any(_is_our_version(key, value) for key, value in keys.items())
    if holds_only_components(keys) and (ours or set(keys) == {"components"}):
        return Kind.COMPONENTS
    if ours or "tasks" in keys:
        return Kind.SPEC
    return Kind.GENERATED if _MADE_BY_US in text else Kind.OTHER


def _is_our_version(key: str, value: str) -> bool:
    """Whether a line is the `apiVersion` of a spec, even if its key or value is misspelled."""
    language, slash, _ = value.partition("/v")
    if language == _LANGUAGE and slash:
        return True
    word = re.split(r"[/\s]", value.lower(), maxsplit=1)[0]
    return _is_near(key, _VERSION) and _is_near(word, _LANGUAGE)


def _is_near(word: str, wanted: str) -> bool:
    return word == wanted or (abs(len(word) - len(wanted)) <= _SLIP and suggest(word, (wanted,)) is not None)


def _keys(text: str) -> Mapping[str, str]:
    """The keys of the outermost mapping, each with the text after it; the rest need not be valid YAML."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "%"))]
    lines = [line.removeprefix("---") for line in lines if line.strip() not in ("---", "...")]
    if lines and re.match(r"\s*\{(?!\{)", lines[0]):
        return _keys_of_flow(text)
    indent = len(lines[0]) - len(lines[0].lstrip(" ")) if lines else 0
    found: dict[str, str] = {}
    for line in lines:
        match = _KEY.fullmatch(line[indent:]) if not line[:indent].strip() else None
        if match is not None:
            found[(match[1] or match[2] or match[3] or "").rstrip()] = re.split(r"\s#", match[4] or "")[0].strip(
                " \t\"'"
            )
    return found


def _keys_of_flow(text: str) -> Mapping[str, str]:
    """The keys of `{...}`; if that is not valid YAML, `tasks` if it is a key anywhere."""
    from dagwright.reading.read import parse
    from dagwright.source.span import Source
    from dagwright.source.tree import Mapping as Table
    from dagwright.source.tree import Scalar

    tree = parse(Source("", text))
    if isinstance(tree, Table):
        return {key: value.text if isinstance(value, Scalar) else "" for key, value in tree.values.items()}
    return {"tasks": ""} if tree is None and re.search(r"""\btasks["']?\s*:|dagwright/v""", text) else {}
