"""Texts with a meaning only in other tools: their templates (W441), and the signs of a shell
(W442, W443).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from os.path import basename

from dagwright.diagnostics import site
from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.fix import Advice, Edit, Fix
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.templates import equivalent
from dagwright.expressions.rewrite import rewrite
from dagwright.expressions.scope import Scope
from dagwright.schema import repair
from dagwright.source.span import Span
from dagwright.source.tree import Scalar
from dagwright.source.tree import Sequence as Items

_LONGEST = 30  # characters of a quoted text
_LONGEST_PASTE = 100

_REFERENCE = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{-?\s*(?P<inner>[^{}]+?)\s*-?\}\}")

_VARIABLE = r"\$\{[A-Za-z_]\w*(?::?[-+?=][^}]*)?\}|\$\([^)]*\)|\$[A-Z_][A-Z0-9_]+\b"
_IN_ENV = re.compile(r"^`[^`]+`$|\$\{[A-Z_][A-Z0-9_]*(?::?-[^}]*)?\}|\$\([A-Za-z_][\w ./-]*\)|\$[A-Z_][A-Z0-9_]+\b")
_OPERATOR = re.compile(r"&&|\|\||\||;|&|[0-9&]?>>?(?:&[0-9]|[\w./-]+)?|<[\w./-]*")
_IN_COMMAND = re.compile(rf"{_VARIABLE}|(?:^[^\s`]*`[^`]+`$)|(?:^~(?=/|$))|(?:^(?:{_OPERATOR.pattern})$)")
_GLOB = re.compile(
    r"(?:[\w./-]*/)?\*|[\w./-]*/\*[\w.-]*|[\w./-]*[*?][\w./*?-]*\.\w+|[\w./-]*\{[\w./-]+(?:,[\w./-]+)+\}[\w./-]*"
)
_JOINS = re.compile(r"&&|\|\|?|[0-9&]?>>?|<")  # an operator that needs a word after it
_NEEDS_QUOTES = re.compile(r"[\s\"'\\;&|<>()]")

# A word of a command that is followed by a program that interprets signs like those of a shell.
_INTERPRETERS = re.compile(
    r"(?:ba|da|z|k|a|fi|c|tc)?sh|python[0-9.]*|pypy3?|node|deno|bun|perl|ruby|php|lua|Rscript|R|pwsh|powershell|julia|nu"
)
_PROGRAM = re.compile(r"-[A-Za-z]*[ce]|-r|--(?:eval|command|expression|execute|print|init)|-Command")
_READ_SIGNS = frozenset(
    [
        *("awk", "gawk", "mawk", "nawk", "sed", "jq", "yq", "grep", "egrep", "rg", "envsubst", "xargs", "expr", "test"),
        *("psql", "mysql", "sqlite3", "duckdb", "mongosh", "ssh", "parallel", "watch", "make", "ninja", "cmake", "dbt"),
        *("find", "fd", "git", "aws", "gsutil", "gcloud", "s3cmd", "rclone", "rsync", "tar", "zip", "unzip"),
        *("kubectl", "helm"),
    ]
)


def report_templates(text: Scalar, scope: Scope, report: Report) -> None:
    """Warn about each template of another tool in a text (W441), once even if several tasks share the text."""
    if "{{" not in text.text:
        return
    for found in _TEMPLATE.finditer(_without_references(text.text)):
        inner = found["inner"]
        instead = equivalent(inner)
        span = text.part(*found.span())
        if instead is None or not report.is_new("W441", span):
            continue
        report.warning(
            "W441",
            f"`{echoed(found[0], _LONGEST)}` is a template of another tool, and stays as it is",
            span,
            label="nothing is put in here",
            help=_reference(span, found[0], instead, scope),
        )


def report_templates_in_script(key: Scalar, script: Scalar, report: Report) -> None:
    """Warn about each template of Airflow or Argo in a script (W441), into which nothing is inserted.

    The warning is at the key if the template is on another line: a comment within a script ignores nothing.
    """
    if "{{" not in script.text:
        return
    for found in _TEMPLATE.finditer(_without_references(script.text)):
        expression, span = equivalent(found["inner"]), script.part(*found.span())
        embedded = expression is None or expression.startswith(("params.", "item")) or expression in ("", "inputs.")
        here = span.source.position(span.start)[0] == key.source.position(key.start)[0]
        if embedded or not report.is_new("W441", span):  # text for a program that reads such templates itself
            continue
        name = (repair.variable(found["inner"].rpartition(".")[2]) or "VALUE").upper()
        value = f"{expression}<output>" if str(expression).endswith(".") else expression
        report.warning(
            "W441",
            f"`{echoed(found[0], _LONGEST)}` is a template of another tool, and stays as it is",
            span if here else key.span,
            label="nothing is put in here" if here else "in this script",
            secondary=() if here else (Label(span, "nothing is put in here"),),
            help=f'write `env: {{{name}: "${{{{ {value} }}}}"}}` in the task, and `${name}` here',
        )


def _without_references(text: str) -> str:
    """The text with its references replaced by blanks, so that offsets do not change."""
    return _REFERENCE.sub(lambda found: " " * len(found[0]), text)


def _reference(span: Span, old: str, expression: str, scope: Scope) -> str | Advice:
    """The help for a template with the equivalent `expression`; empty if there is none."""
    root, _, name = expression.partition(".")
    if expression == "":
        return f"write an expression, such as `${{{{ params.name }}}}`; see {site.LIMITS}#values-from-outside"
    if expression.endswith("."):
        return f"write `${{{{ {expression}<output> }}}}`"
    if root == "inputs" and scope.inputs is None:
        root, expression = "params", f"params.{name}"
    if root == "tasks":
        output = scope.tasks.get(name.partition(".")[0])
        if output is None or name.rpartition(".")[2] not in output.outputs:
            return f"write `${{{{ {expression} }}}}`, and declare the output in that task"
    known = {"params": scope.params, "inputs": scope.inputs or {}, "outputs": scope.outputs or {}}
    if root in known and name not in known[root]:
        return f"write `${{{{ {expression} }}}}`, and declare `{name}` under `{root}`"
    if root == "item" and scope.item is None:
        return f"write `${{{{ {expression} }}}}` in a task with `foreach`"
    return rewrite(span, old, f"${{{{ {expression} }}}}")


def report_shell_in_env(value: Scalar, report: Report) -> None:
    """Warn about a variable or a command in the value of a variable, which no shell expands (W442)."""
    if "$" not in value.text and "`" not in value.text:
        return
    found = _IN_ENV.search(_without_references(value.text))
    if found is not None and report.is_new("W442", value.part(*found.span())):
        report.warning(
            "W442",
            f"`{echoed(found[0], _LONGEST)}` stays as it is: no shell reads the values of `env`",
            value.part(*found.span()),
            label="nothing is put in here",
            help="set the variable in a `script`, or insert a param with `${{ params.name }}`",
        )


def report_shell_in_command(key: Scalar, command: Items, report: Report) -> None:
    """Warn about a command line in one element (W443), else about the first sign of a shell in a command (W442)."""
    elements = [item for item in command.items if isinstance(item, Scalar)]
    if len(elements) == 1 and re.search(r"\S\s+\S", _without_references(elements[0].text).strip()):
        _report_line(key, command, elements[0], report)
        return
    for element, found in _signs(elements):
        span = element.part(*found)
        if report.is_new("W442", span):
            sign = element.text[slice(*found)]
            report.warning(
                "W442",
                f"`{echoed(sign, _LONGEST)}` stays as it is: no shell reads a `command`",
                span,
                label="an argument like any other",
                help=_script(key, command, elements),
            )
        return


def _report_line(key: Scalar, command: Items, line: Scalar, report: Report) -> None:
    if not report.is_new("W443", line.span):
        return
    made = repair.command(line.text)
    name, _, value = made.partition(": ")
    paste = len(made) <= _LONGEST_PASTE and "\n" not in made and command.end > command.start
    edits = (Edit(command.span, value),) + (() if name == key.text else (Edit(key.span, name),))
    report.warning(
        "W443",
        "this command is one word with blanks in it, which is the name of one program",
        line.span,
        label="not split into words",
        help=Advice(f"write `{made}`", Fix(edits)) if paste else "write each word as an element of its own",
    )


def _signs(elements: Sequence[Scalar]) -> Iterator[tuple[Scalar, tuple[int, int]]]:
    """The signs of a shell in the elements of a command, except for programs that interpret such signs themselves."""
    interpreter = False
    before = ""
    for element in elements:
        text = element.text
        name = basename(text)
        if name in _READ_SIGNS:
            return
        program = _PROGRAM.fullmatch(before) is not None and (interpreter or " " in text)
        if not program:
            plain = _without_references(text)
            if found := _IN_COMMAND.search(plain):
                yield element, found.span()
            elif not (before.startswith("-") and len(before) > 1) and (glob := _GLOB.fullmatch(plain)):
                yield element, glob.span()
        interpreter = interpreter or _INTERPRETERS.fullmatch(name) is not None
        before = text


def _script(key: Scalar, command: Items, elements: Sequence[Scalar]) -> str | Advice:
    """The help for a command that needs a shell: the same line as a script."""
    texts = [element.text for element in elements]
    if key.text != "command" or any("${{" in text for text in texts):
        return "write a `script`, which a shell runs, and give it values with `env`"
    if any(_GLOB.fullmatch(text) and "{" in text for text in texts):
        return "write each name as an element of its own: `sh` does not expand braces either"
    line = " ".join(map(_shell_word, texts))
    if len(line) > _LONGEST_PASTE or "\n" in line or not _is_line(texts):
        return "write a `script`, which a shell runs"
    value = repair.flow(line)
    return Advice(f"write `script: {value}`", Fix((Edit(key.span, "script"), Edit(command.span, value))))


def _shell_word(text: str) -> str:
    """An element of a command as a word of a shell: with its signs active, otherwise unchanged."""
    if _OPERATOR.fullmatch(text) or _GLOB.fullmatch(text):
        return text
    if not _IN_COMMAND.search(text):
        return shlex.quote(text)
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if _NEEDS_QUOTES.search(text) else text


def _is_line(texts: Sequence[str]) -> bool:
    """Whether a shell reads the elements as a line: each operator has a word before and after it."""
    if _OPERATOR.fullmatch(texts[0]):
        return False
    following = [*texts[1:], "|"]
    return not any(_JOINS.fullmatch(text) and _OPERATOR.fullmatch(after)
                   for text, after in zip(texts, following, strict=True))  # fmt: skip
