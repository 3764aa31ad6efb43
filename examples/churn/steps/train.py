"""Train one model: `train.py --model KIND --parts DIR --out FILE [--broken true]`."""

import argparse
import json
import sys
from pathlib import Path

import models
from outputs import give
from table import read_rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=sorted(models.FIT), required=True)
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--broken", choices=("true", "false"), default="false", help="fail, to see what happens then")
    given = parser.parse_args()

    model = models.fit(given.model, read_rows(str(given.parts / "train.csv")))
    if given.broken == "true":
        sys.exit(f"{given.model}: fails because it was asked to")
    given.out.write_text(json.dumps(model) + "\n", encoding="utf-8")
    valid = read_rows(str(given.parts / "valid.csv"))
    give("auc", f"{models.auc(models.score(model, valid), valid):.4f}")


if __name__ == "__main__":
    main()
