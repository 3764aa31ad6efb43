"""Backends of other packages, found by the entry points of the group `dagwright.backends`.

An entry point names the target and a package, such as `make = "dagwright_make"`. The package has:

* `PROTOCOL`, the version of this protocol for which it is written;
* the module `backend` with `BACKEND`, a `Backend`;
* for settings, the module `settings` with `read(node, report)`, and the file `schema.json`;
* if it likes, the files `words.json` and `page.md`.

Whatever is wrong with a package is a PluginError, and so is any exception that its code raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.metadata import Distribution, EntryPoints, distributions
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, TypeVar

from dagwright.backends.backend import PROTOCOL, Artifact, Backend, Partitions, Support
from dagwright.backends.features import Feature
from dagwright.backends.package import fragment, page, words_of
from dagwright.backends.plugin import Plugin, PluginError
from dagwright.backends.registry import BACKENDS, words
from dagwright.diagnostics.limits import LIMITS
from dagwright.diagnostics.model import CompilationStopped, Report
from dagwright.ir.model import Pipeline
from dagwright.schema.rules import Rule, target_rule
from dagwright.schema.targets import Additions
from dagwright.source.tree import Node, Scalar

T = TypeVar("T")
GROUP = "dagwright.backends"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_METHODS = ("support", "check", "emit")
_RAISED = (Exception, SystemExit)  # what the code of a plug-in may raise


@cache
def plugins() -> Mapping[str, Plugin]:
    """The entry points of other packages by target. One that claims the name of a built-in target is not among them."""
    return {plugin.target: plugin for plugin in _found() if plugin.target not in BACKENDS}


@cache
def _found() -> tuple[Plugin, ...]:
    found: dict[str, Plugin] = {}
    points = [(point, installed) for installed in _distributions() for point in _entry_points(installed)]
    for point, installed in sorted(points, key=lambda pair: (pair[0].name, pair[1].name)):
        if BACKENDS.get(point.name) == point.value:
            continue
        plugin = Plugin(point.name, point.value, installed.name, f"{installed.name} {installed.version}")
        other = found.get(point.name)
        if point.name in BACKENDS:
            plugin = replace(plugin, problem=f"`{point.name}` is the name of a built-in target")
        elif not _NAME.fullmatch(point.name):
            plugin = replace(plugin, problem="a name of a target is a-z, 0-9, `-` and `_`, at most 40 characters")
        elif other is not None:
            plugin = replace(plugin, problem=f"{other.origin} adds a target of the same name")
        found[point.name] = plugin
    return tuple(found.values())


def _distributions() -> Iterable[Distribution]:
    """The installed distributions; of two with the same name, the first one on the path, which Python imports."""
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        with suppress(Exception):  # metadata without a name
            found.setdefault(distribution.name.lower(), distribution)
    return found.values()


def _entry_points(distribution: Distribution) -> EntryPoints:
    """The backends of a distribution; none if its metadata cannot be read."""
    try:
        return distribution.entry_points.select(group=GROUP)
    except Exception:
        return EntryPoints()


def plugin(target: str) -> Plugin:
    """The plug-in of a target that `is_target`."""
    return plugins()[target]


def usable(report: Report) -> tuple[str, ...]:
    """The targets of plug-ins; those that cannot be used are reported (W660) and left out."""
    names = []
    for found in _found():
        try:
            load(found)
            names.append(found.target)
        except PluginError as error:
            error.warn(report)
    return tuple(names)


@cache
def load(plugin: Plugin) -> Backend:
    """The backend of a plug-in. Raises PluginError."""
    rule_of(plugin)
    module = _module(plugin, "backend")
    found = getattr(module, "BACKEND", None)
    if found is None:
        raise PluginError(plugin, f"`{plugin.package}.backend` has no `BACKEND`")
    missing = [name for name in _METHODS if not callable(getattr(found, name, None))]
    if missing:
        raise PluginError(plugin, f"its `BACKEND` has no method `{missing[0]}`")
    if getattr(found, "name", None) != plugin.target:
        raise PluginError(plugin, f"its `BACKEND.name` is not `{plugin.target}`")
    kind = GuardedPartitions if isinstance(found, Partitions) else Guarded
    return kind(plugin, found)


@cache
def rule_of(plugin: Plugin) -> Rule:
    """The rule of a plug-in's settings, after the checks of its package and its data files. Raises PluginError."""
    if plugin.problem:
        raise PluginError(plugin, plugin.problem)
    protocol = getattr(_module(plugin), "PROTOCOL", None)
    if protocol is None:
        raise PluginError(plugin, f"`{plugin.package}` has no `PROTOCOL`")
    if protocol != PROTOCOL:
        problem = f"it is written for version {protocol} of the protocol, and this is version {PROTOCOL}"
        raise PluginError(plugin, problem)
    with _data(plugin, "schema.json"):
        found = fragment(plugin.package)
        rule = target_rule(plugin.target, found)
        if rule.kinds != {"object"} or not rule.closed:
            raise ValueError("it is not a closed mapping: `type: object`, `additionalProperties: false`")
        if rule.properties and not callable(getattr(_module(plugin, "settings"), "read", None)):
            raise PluginError(plugin, f"`{plugin.package}.settings` has no function `read`")
    with _data(plugin, "words.json"):
        table = words_of(plugin.target, plugin.package)
        for meaning in table.keys[f"target {plugin.target}"]:
            _check_meaning(meaning, rule)
        for path in table.keys["task"]:
            _check_meaning(path.split(".", 2)[2], rule)
    return rule


def _check_meaning(meaning: str, rule: Rule) -> None:
    if meaning.startswith("@"):
        known = meaning[1:] in LIMITS
    elif " " in meaning:
        known = True
    else:
        known = True
        for key in meaning.split("."):
            known = known and key in rule.properties
            rule = rule.properties.get(key, rule)
    if not known:
        raise ValueError(f"there is no `{meaning}`")


def additions_of_plugins(named: Mapping[str, Scalar], report: Report) -> Additions:
    """The schemas and words of all plug-ins. Reports those of the named targets that cannot be used (E660)."""
    for target, key in named.items():
        try:
            if target in plugins():
                rule_of(plugin(target))
        except PluginError as error:
            error.tell(report, key)
    return _additions()


@cache
def _additions() -> Additions:
    good = []
    for found in plugins().values():
        try:
            rule_of(found)
        except PluginError:
            continue
        good.append(found)
    packages = {**BACKENDS, **{found.target: found.package for found in good}}
    return Additions({f.target: fragment(f.package) for f in good}, lambda: words(packages))


def read_settings(plugin: Plugin, node: Node, report: Report) -> object:
    """The settings that a plug-in reads from a valid node; without settings, None. Raises PluginError."""
    if not rule_of(plugin).properties:
        return None
    return _ask(plugin, "settings.read", lambda: _module(plugin, "settings").read(node, report))


def page_of(plugin: Plugin) -> str | None:
    """The documentation of a plug-in. Raises PluginError."""
    rule_of(plugin)
    with _data(plugin, "page.md"):
        return page(plugin.target, plugin.package)


class Guarded:
    """The backend of a plug-in, whose failures are PluginErrors and whose results have the types of the protocol."""

    def __init__(self, plugin: Plugin, backend: Backend) -> None:
        self.plugin = plugin
        self.backend = backend
        self.name = plugin.target

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        table = self.ask("support", lambda: dict(self.backend.support(pipeline)))
        if not all(isinstance(key, Feature) and isinstance(value, Support) for key, value in table.items()):
            raise PluginError(self.plugin, "`support` must return a mapping of `Feature` to `Support`", failed=True)
        return table

    def check(self, pipeline: Pipeline, report: Report) -> None:
        self.ask("check", lambda: self.backend.check(pipeline, report))

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        artifacts = self.ask("emit", lambda: tuple(self.backend.emit(pipeline)))
        paths = set()
        for artifact in artifacts:
            problem = _problem_of(artifact, self.name)
            if not problem and artifact.path in paths:
                problem = f"`emit` returned the path {artifact.path!a} twice"
            if problem:
                raise PluginError(self.plugin, problem, failed=True)
            paths.add(artifact.path)
        return artifacts

    def ask(self, method: str, call: Callable[[], T]) -> T:
        return _ask(self.plugin, method, call)


class GuardedPartitions(Guarded):
    """A plug-in that cuts large pipelines into parts."""

    def explain_partition(self, pipeline: Pipeline) -> tuple[str, ...]:
        found = self.backend
        assert isinstance(found, Partitions)
        return self.ask("explain_partition", lambda: tuple(str(line) for line in found.explain_partition(pipeline)))


def _problem_of(artifact: object, target: str) -> str:
    """The reason why an artifact is refused, or an empty text."""
    if not isinstance(artifact, Artifact) or not isinstance(artifact.path, str) or not isinstance(artifact.text, str):
        return "`emit` must return values of `Artifact`, with a path and a text"
    path = PurePosixPath(artifact.path)
    plain = artifact.path.isprintable() and "\\" not in artifact.path and path.as_posix() == artifact.path
    if not plain or ".." in path.parts or path.parts[0] != target or len(path.parts) < 2:
        return f"`emit` returned the path {artifact.path!a}, which is not a file below `{target}/`"
    try:
        artifact.text.encode("utf-8")
    except UnicodeEncodeError:
        return f"`emit` returned a text for {artifact.path!a} that is not valid Unicode"
    return ""


def _module(plugin: Plugin, name: str = "") -> ModuleType:
    module = f"{plugin.package}.{name}" if name else plugin.package
    try:
        return import_module(module)
    except _RAISED as error:
        raise PluginError(plugin, f"`import {module}` raises {_described(error)}") from error


@contextmanager
def _data(plugin: Plugin, name: str) -> Iterator[None]:
    try:
        yield
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(plugin, f"its `{name}` is not valid: {_described(error)}") from error


def _ask(plugin: Plugin, method: str, call: Callable[[], T]) -> T:
    try:
        return call()
    except (CompilationStopped, PluginError):
        raise
    except _RAISED as error:
        raise PluginError(plugin, f"`{method}` raises {_described(error)}{_place(error)}", failed=True) from error


def _described(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _place(error: BaseException) -> str:
    frame: Any = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    code = frame.tb_frame.f_code
    return f" in {code.co_qualname}, line {frame.tb_lineno}"
