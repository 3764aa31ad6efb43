"""Make a release of a model: `promote.py MODEL RELEASE` writes RELEASE/model.json and RELEASE/card.json."""

import json
import os
import shutil
import sys
from pathlib import Path


def main(model: str, release: str) -> None:
    folder = Path(release)
    folder.mkdir()
    shutil.copyfile(model, folder / "model.json")
    card = {
        "pipeline": os.environ["DW_PIPELINE"],
        "model": os.environ["NAME"],
        "auc": float(os.environ["AUC"]),
        "needed_auc": float(os.environ["MIN_AUC"]),
        "compared": json.loads(os.environ["COMPARISON"]),
        "data": json.loads(os.environ["FINDINGS"]),
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"promoted {card['model']} with an AUC of {card['auc']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
