"""Choose the model that does best on the validation part and judge it on customers that no model has seen.

`evaluate.py --parts DIR --out FILE`; the variable MODELS is a folder with one model a training, named 0, 1, 2 …,
and AUCS the list of their scores in the same order.
"""

import argparse
import json
import os
import shutil
from pathlib import Path

import models
from outputs import give
from table import read_rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()

    aucs = json.loads(os.environ["AUCS"])
    files = [Path(os.environ["MODELS"], str(index)) for index in range(len(aucs))]
    trained = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    test = read_rows(str(given.parts / "test.csv"))
    table = [
        {"model": model["kind"], "valid": aucs[i], "test": round(models.auc(models.score(model, test), test), 4)}
        for i, model in enumerate(trained)
    ]
    best = max(range(len(table)), key=lambda i: float(aucs[i]))
    shutil.copyfile(files[best], given.out)
    give("best_model", table[best]["model"])
    give("best_auc", table[best]["test"])
    give("comparison", json.dumps(table, sort_keys=True))


if __name__ == "__main__":
    main()
