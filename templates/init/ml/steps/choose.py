"""Copy the best model: `choose.py MODELS BEST`. MODELS holds a file a training: 0, 1, 2 …; ACCURACIES their scores."""

import json
import os
import shutil
import sys
from pathlib import Path


def main(models: str, best: str) -> None:
    accuracies = json.loads(os.environ["ACCURACIES"])
    index = max(range(len(accuracies)), key=lambda i: accuracies[i])
    shutil.copyfile(Path(models, str(index)), best)
    Path(os.environ["DW_OUT"], "accuracy").write_text(str(accuracies[index]))
    print(f"model {index} is the best of {accuracies}")


if __name__ == "__main__":
    main(*sys.argv[1:])
