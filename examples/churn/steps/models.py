"""Three small classifiers in plain Python. `fit(kind, rows)` gives a model as JSON data, `score(model, rows)` uses it.

A score is higher the more likely a customer is to leave. Numbers are rounded, so that a model is the same file
whatever the processor.
"""

import math
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from table import CHOICES, LABEL, NUMBERS, Row

Vector = list[float]
Model = dict[str, Any]

FEATURES: tuple[tuple[str, str], ...] = (
    *((name, "") for name in NUMBERS),
    *((name, choice) for name, choices in CHOICES.items() if name != LABEL for choice in choices[1:]),
)


class Data(NamedTuple):
    vectors: list[Vector]
    labels: list[int]


def vector(row: Row) -> Vector:
    """Numbers as they are, every choice but the first of a column as 0 or 1."""
    return [float(row[name]) if not choice else float(row[name] == choice) for name, choice in FEATURES]


def data_of(rows: Sequence[Row]) -> Data:
    return Data([vector(row) for row in rows], [int(row[LABEL] == "yes") for row in rows])


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


# Logistic regression by gradient descent -----------------------------------------------------------------------------


def fit_logistic(data: Data) -> Model:
    """Full-batch gradient descent with momentum on standardised features, with a little weight decay."""
    means, spreads = standard(data.vectors)
    vectors = [[(x - m) / s for x, m, s in zip(v, means, spreads)] + [1.0] for v in data.vectors]
    width = len(vectors[0])
    weights, speed = [0.0] * width, [0.0] * width
    for _ in range(150):
        slope = [0.002 * w for w in weights]
        for v, label in zip(vectors, data.labels):
            error = (sigmoid(sum(w * x for w, x in zip(weights, v))) - label) / len(vectors)
            for i, x in enumerate(v):
                slope[i] += error * x
        speed = [0.9 * s - 0.3 * g for s, g in zip(speed, slope)]
        weights = [w + s for w, s in zip(weights, speed)]
    return {"means": rounded(means), "spreads": rounded(spreads), "weights": rounded(weights)}


def score_logistic(model: Model, v: Vector) -> float:
    standardised = [(x - m) / s for x, m, s in zip(v, model["means"], model["spreads"])]
    return sum(w * x for w, x in zip(model["weights"], [*standardised, 1.0]))


def standard(vectors: list[Vector]) -> tuple[Vector, Vector]:
    """The mean and the standard deviation of every feature."""
    columns = list(zip(*vectors))
    means = [math.fsum(column) / len(column) for column in columns]
    spreads = [math.sqrt(math.fsum((x - m) ** 2 for x in c) / len(c)) or 1.0 for c, m in zip(columns, means)]
    return means, spreads


# Boosted stumps ------------------------------------------------------------------------------------------------------


def fit_boosting(data: Data) -> Model:
    """Gradient boosting of one-split trees on the logistic loss, with Newton steps at the leaves."""
    cuts = [cuts_of(sorted(set(column))) for column in zip(*data.vectors)]
    scores = [0.0] * len(data.labels)
    stumps = []
    for _ in range(80):
        chances = [sigmoid(s) for s in scores]
        residuals = [label - p for label, p in zip(data.labels, chances)]
        curvatures = [p * (1 - p) for p in chances]
        stump = best_stump(data.vectors, cuts, residuals, curvatures)
        stumps.append(stump)
        scores = [s + stump_value(stump, v) for s, v in zip(scores, data.vectors)]
    return {"stumps": stumps}


def cuts_of(values: list[float]) -> list[float]:
    """At most 16 thresholds between the values of a feature."""
    middles = [(a + b) / 2 for a, b in zip(values, values[1:])]
    step = max(1, len(middles) // 16)
    return [round(x, 6) for x in middles[step // 2 :: step]]


def best_stump(vectors: list[Vector], cuts: list[list[float]], residuals: Vector, curvatures: Vector) -> list[float]:
    """[feature, threshold, value at or below it, value above it] of the split that lowers the loss most."""
    all_residuals, all_curvatures = sum(residuals), sum(curvatures)
    best, best_gain = [0.0, 0.0, 0.0, 0.0], -1.0
    for feature, thresholds in enumerate(cuts):
        order = sorted(range(len(vectors)), key=lambda i: vectors[i][feature])
        position, low_r, low_c = 0, 0.0, 0.0
        for threshold in thresholds:
            while position < len(order) and vectors[order[position]][feature] <= threshold:
                low_r += residuals[order[position]]
                low_c += curvatures[order[position]]
                position += 1
            high_r, high_c = all_residuals - low_r, all_curvatures - low_c
            gain = low_r**2 / (low_c + 1) + high_r**2 / (high_c + 1)
            if gain > best_gain + 1e-9:
                low, high = 0.3 * low_r / (low_c + 1), 0.3 * high_r / (high_c + 1)
                best, best_gain = [feature, threshold, *rounded([low, high])], gain
    return best


def stump_value(stump: Sequence[float], v: Vector) -> float:
    feature, threshold, low, high = stump
    return low if v[int(feature)] <= threshold else high


def score_boosting(model: Model, v: Vector) -> float:
    return sum(stump_value(stump, v) for stump in model["stumps"])


# Naive Bayes ---------------------------------------------------------------------------------------------------------


def fit_bayes(data: Data) -> Model:
    """A bell curve for every feature and class; the features are taken to be independent."""
    model: Model = {}
    for label, name in enumerate(("stays", "leaves")):
        vectors = [v for v, y in zip(data.vectors, data.labels) if y == label]
        means, spreads = standard(vectors)
        share = len(vectors) / len(data.labels)
        model[name] = {"share": round(share, 6), "means": rounded(means), "spreads": rounded(spreads)}
    return model


def score_bayes(model: Model, v: Vector) -> float:
    def likelihood(side: dict[str, Any]) -> float:
        bells = (-(((x - m) / s) ** 2) / 2 - math.log(s) for x, m, s in zip(v, side["means"], side["spreads"]))
        return math.log(side["share"]) + sum(bells)

    return likelihood(model["leaves"]) - likelihood(model["stays"])


# All of them ---------------------------------------------------------------------------------------------------------

FIT: dict[str, Callable[[Data], Model]] = {"logistic": fit_logistic, "boosting": fit_boosting, "bayes": fit_bayes}
SCORE: dict[str, Callable[[Model, Vector], float]] = {
    "logistic": score_logistic,
    "boosting": score_boosting,
    "bayes": score_bayes,
}


def fit(kind: str, rows: Sequence[Row]) -> Model:
    return {"kind": kind, "features": [list(feature) for feature in FEATURES], **FIT[kind](data_of(rows))}


def score(model: Model, rows: Sequence[Row]) -> Vector:
    return [SCORE[model["kind"]](model, vector(row)) for row in rows]


def auc(scores: Sequence[float], rows: Sequence[Row]) -> float:
    """The chance that one who left has a higher score than one who stayed (area under the ROC curve)."""
    ranked = sorted(zip(scores, (row[LABEL] == "yes" for row in rows)))
    total, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank = (start + 1 + end) / 2  # equal scores share the mean of their ranks
        total += rank * sum(left for _, left in ranked[start:end])
        start = end
    left = sum(is_left for _, is_left in ranked)
    stayed = len(ranked) - left
    return (total - left * (left + 1) / 2) / (left * stayed)


def rounded(values: Sequence[float]) -> Vector:
    return [round(x, 6) for x in values]
