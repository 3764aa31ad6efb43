"""Divide the customers: `split.py CLEAN PARTS --seed N --test-share X` writes train.csv, valid.csv and test.csv.

Each part has the same share of those who left. The same seed gives the same parts.
"""

import argparse
import random
from pathlib import Path

from outputs import give
from table import LABEL, Row, read_rows, write_rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clean")
    parser.add_argument("parts", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--test-share", type=float, required=True)
    given = parser.parse_args()

    parts: dict[str, list[Row]] = {"train": [], "valid": [], "test": []}
    draw = random.Random(given.seed)
    rows = read_rows(given.clean)
    for label in ("no", "yes"):
        group = [row for row in rows if row[LABEL] == label]
        draw.shuffle(group)
        test = round(len(group) * given.test_share)
        valid = test + round((len(group) - test) * 0.25)
        parts["test"] += group[:test]
        parts["valid"] += group[test:valid]
        parts["train"] += group[valid:]
    given.parts.mkdir()
    for name, part in parts.items():
        part.sort(key=lambda row: row["customer_id"])
        write_rows(str(given.parts / f"{name}.csv"), part)
        print(f"{name}: {len(part)} customers")
    give("train_rows", len(parts["train"]))


if __name__ == "__main__":
    main()
