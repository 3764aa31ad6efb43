"""Nearest neighbours: `train.py TRAIN TEST NEIGHBOURS MODEL` writes the model and the output `accuracy`."""

import csv
import json
import math
import os
import sys
from collections import Counter
from pathlib import Path


def read(path: str) -> list:
    """[(numbers, label)] of a table whose last column is the label."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [([float(cell) for cell in row[:-1]], row[-1]) for row in rows]


def classify(known: list, numbers: list, neighbours: int) -> str:
    nearest = sorted(known, key=lambda row: math.dist(row[0], numbers))[:neighbours]
    return Counter(label for _, label in nearest).most_common(1)[0][0]


def main(train: str, test: str, neighbours: str, model: str) -> None:
    known, asked = read(train), read(test)
    right = sum(classify(known, numbers, int(neighbours)) == label for numbers, label in asked)
    Path(model).write_text(json.dumps({"neighbours": int(neighbours), "rows": known}) + "\n", encoding="utf-8")
    Path(os.environ["DW_OUT"], "accuracy").write_text(f"{right / len(asked):.4f}")
    print(f"{neighbours} neighbours: {right} of {len(asked)} right")


if __name__ == "__main__":
    main(*sys.argv[1:])
