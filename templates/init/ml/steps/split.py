"""Divide a table into two: `split.py DATA TRAIN TEST`. Every fourth row is kept for the test."""

import sys
from pathlib import Path


def main(data: str, train: str, test: str) -> None:
    header, *rows = Path(data).read_text(encoding="utf-8").splitlines()
    parts = {train: [row for i, row in enumerate(rows) if i % 4], test: rows[::4]}
    for path, part in parts.items():
        Path(path).write_text("\n".join([header, *part]) + "\n", encoding="utf-8")
        print(f"{Path(path).name}: {len(part)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
