"""Add up orders by region and day: `aggregate.py FOLDER TARGET`, where FOLDER holds a file a region, named 0, 1, 2 …"""

import json
import os
import sys
from collections import Counter
from pathlib import Path


def main(folder: str, target: str) -> None:
    by_region: Counter = Counter()
    by_day: Counter = Counter()
    for file in sorted(Path(folder).iterdir(), key=lambda file: int(file.name)):
        loaded = json.loads(file.read_text(encoding="utf-8"))
        for order in loaded["orders"]:
            by_region[loaded["region"]] += order["cents"]
            by_day[order["day"]] += order["cents"]
    Path(target).write_text(json.dumps({"by_region": by_region, "by_day": by_day}, sort_keys=True), encoding="utf-8")
    rejected = sum(json.loads(os.environ["REJECTED"]))
    Path(os.environ["DW_OUT"], "rejected").write_text(str(rejected))
    print(f"{len(by_region)} regions, {rejected} orders rejected")


if __name__ == "__main__":
    main(*sys.argv[1:])
