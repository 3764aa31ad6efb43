"""The pipeline as a networkx graph, and the nodes and edges that every picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagwright.ir.graph import leaves
from dagwright.ir.model import ForEach, ForEachItems, Matrix, Pipeline, Task, TriggerRule

if TYPE_CHECKING:
    import networkx as nx

# networkx's transitive reduction is quadratic, so larger graphs keep every edge.
_REDUCE_UP_TO = 500


@dataclass(frozen=True, slots=True)
class Box:
    """A task in a picture: its name, marks such as `×3` or `when`, and whether it is in `finally`."""

    name: str
    marks: tuple[str, ...]
    is_finally: bool


@dataclass(frozen=True, slots=True)
class View:
    """Boxes in layers, each after the layers that it needs, and edges (from, to)."""

    title: str
    layers: tuple[tuple[Box, ...], ...]
    edges: tuple[tuple[str, str], ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(box for layer in self.layers for box in layer)


def view(pipeline: Pipeline) -> View:
    """The layers and edges to draw, without redundant edges; `finally` follows every leaf."""
    import networkx as nx

    graph = digraph(pipeline)
    order = {task.name: index for index, task in enumerate(pipeline.all_tasks)}
    layers = tuple(
        tuple(_box(pipeline, name) for name in sorted(generation, key=order.__getitem__))
        for generation in nx.topological_generations(graph)
    )
    if graph.number_of_nodes() <= _REDUCE_UP_TO:
        graph = _reduced(pipeline, graph)
    edges = sorted(graph.edges, key=lambda edge: (order[edge[0]], order[edge[1]]))
    return View(pipeline.name, layers, tuple(edges))


def _reduced(pipeline: Pipeline, graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """The graph without redundant edges. A task with another trigger rule than `all_success` reads each of its needs,
    so its edges stay, and no path through it makes another edge redundant.
    """
    import networkx as nx

    def waits(task: str) -> bool:
        return pipeline.by_name[task].trigger_rule is TriggerRule.ALL_SUCCESS

    plain: nx.DiGraph[str] = nx.DiGraph()
    plain.add_nodes_from(graph)
    plain.add_edges_from(edge for edge in graph.edges if waits(edge[1]))
    reduced = nx.transitive_reduction(plain)
    reduced.add_edges_from(edge for edge in graph.edges if not waits(edge[1]))
    return reduced


def digraph(pipeline: Pipeline) -> nx.DiGraph[str]:
    """The graph: one node per task, one edge per need (need → task); the first tasks of `finally` follow every leaf."""
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(task.name for task in pipeline.all_tasks)
    graph.add_edges_from((need, task.name) for task in pipeline.all_tasks for need in task.needs)
    ends = leaves(pipeline.tasks)
    graph.add_edges_from((end.name, task.name) for task in pipeline.finally_tasks if not task.needs for end in ends)
    return graph


def _box(pipeline: Pipeline, name: str) -> Box:
    task = pipeline.by_name[name]
    return Box(name, tuple(_marks(task)), task in pipeline.finally_tasks)


def _marks(task: Task) -> list[str]:
    marks: list[str] = []
    match task.fan_out:
        case Matrix():
            marks.append(f"×{len(task.fan_out.rows)}")
        case ForEachItems():
            marks.append(f"×{len(task.fan_out.items)}")
        case ForEach():
            marks.append("×n")
    if task.when is not None:
        marks.append("when")
    if task.trigger_rule is not TriggerRule.ALL_SUCCESS:
        marks.append(task.trigger_rule.value)
    return marks
