"""List the CSV files of a folder: `find.py FOLDER` writes the output `files`, a JSON list of paths."""

import json
import os
import sys
from pathlib import Path


def main(folder: str) -> None:
    files = sorted(str(path) for path in Path(folder).glob("*.csv"))
    Path(os.environ["DW_OUT"], "files").write_text(json.dumps(files))
    print(f"{len(files)} files")


if __name__ == "__main__":
    main(*sys.argv[1:])
