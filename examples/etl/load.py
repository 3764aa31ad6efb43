"""Read the orders of one region: `load.py CSV TARGET`. What is no order is left out and counted."""

import csv
import json
import os
import sys
from pathlib import Path


def main(source: str, target: str) -> None:
    orders, rejected = [], []
    with open(source, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            try:
                cents = round(float(row["amount"]) * 100)
            except ValueError:
                cents = -1
            (orders if cents >= 0 else rejected).append({"order": row["order"], "day": row["day"], "cents": cents})
    region, out = os.environ["REGION"], Path(os.environ["DW_OUT"])
    Path(target).write_text(json.dumps({"region": region, "orders": orders}), encoding="utf-8")
    (out / "revenue").write_text(f"{sum(order['cents'] for order in orders) / 100:.2f}")
    if rejected:
        (out / "rejected").write_text(str(len(rejected)))
    print(f"{region}: {len(orders)} orders, {len(rejected)} rejected")


if __name__ == "__main__":
    main(*sys.argv[1:])
