"""Add up the column `amount` of one file: `load.py FILE` writes the outputs `rows`, `total` and perhaps `rejected`."""

import csv
import os
import sys
from pathlib import Path


def main(source: str) -> None:
    amounts, rejected = [], 0
    with open(source, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                amounts.append(float(row["amount"]))
            except ValueError:
                rejected += 1
    out = Path(os.environ["DW_OUT"])
    (out / "rows").write_text(str(len(amounts)))
    (out / "total").write_text(f"{sum(amounts):.2f}")
    if rejected:
        (out / "rejected").write_text(str(rejected))
    print(f"{source}: {len(amounts)} rows, {rejected} rejected")


if __name__ == "__main__":
    main(*sys.argv[1:])
