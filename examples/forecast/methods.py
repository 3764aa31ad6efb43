"""Three ways to forecast the next year of monthly sales, each from the months before it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from statistics import mean

YEAR = 12  # months


def sales() -> list[float]:
    """The units sold in each month, the earliest first."""
    with (Path(__file__).parent / "data" / "sales.csv").open(newline="") as file:
        return [float(row["units"]) for row in csv.DictReader(file)]


def by_mean(past: list[float]) -> list[float]:
    """Every month is the mean of the last year."""
    return [mean(past[-YEAR:])] * YEAR


def by_trend(past: list[float]) -> list[float]:
    """Every month is on the straight line through all months."""
    middle, level = (len(past) - 1) / 2, mean(past)
    spread = sum((month - middle) ** 2 for month in range(len(past)))
    slope = sum((month - middle) * (units - level) for month, units in enumerate(past)) / spread
    return [level + slope * (month - middle) for month in range(len(past), len(past) + YEAR)]


def by_season(past: list[float]) -> list[float]:
    """Every month is the same month of the last year, plus the growth from the year before."""
    growth = mean(past[-YEAR:]) - mean(past[-2 * YEAR : -YEAR])
    return [units + growth for units in past[-YEAR:]]


METHODS: dict[str, Callable[[list[float]], list[float]]] = {"mean": by_mean, "trend": by_trend, "season": by_season}
