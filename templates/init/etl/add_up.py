"""Add up what all files gave: `add_up.py TOTALS REJECTED`, two JSON lists with an element a file."""

import json
import os
import sys
from pathlib import Path


def main(totals: str, rejected: str) -> None:
    out = Path(os.environ["DW_OUT"])
    (out / "total").write_text(f"{sum(json.loads(totals)):.2f}")
    (out / "rejected").write_text(str(sum(json.loads(rejected))))


if __name__ == "__main__":
    main(*sys.argv[1:])
