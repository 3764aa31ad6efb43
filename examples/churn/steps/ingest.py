"""Fetch the raw table: `ingest.py SOURCE TARGET`, where SOURCE is a file or an http(s) address."""

import shutil
import sys
import urllib.request
from pathlib import Path

from outputs import give
from table import read_rows


def fetch(source: str, target: str) -> None:
    if source.startswith(("https://", "http://")):
        with urllib.request.urlopen(source, timeout=60) as response, open(target, "wb") as file:
            shutil.copyfileobj(response, file)
    else:
        Path(target).write_bytes(Path(source).read_bytes())


def main(source: str, target: str) -> None:
    fetch(source, target)
    give("rows", len(read_rows(target)))


if __name__ == "__main__":
    main(*sys.argv[1:])
