"""Pack tables and sign what was packed: `backup.py dump TABLE ARCHIVE` and `backup.py sign FOLDER MANIFEST`."""

import gzip
import hashlib
import hmac
import json
import os
import sys
from pathlib import Path


def dump(table: str, archive: str) -> None:
    packed = gzip.compress(Path(table).read_bytes(), mtime=0)
    Path(archive).write_bytes(packed)
    Path(os.environ["DW_OUT"], "bytes").write_text(str(len(packed)))
    print(f"{table}: {len(packed)} bytes")


def sign(folder: str, manifest: str) -> None:
    key = os.environ["SIGNING_KEY"].encode()
    archives = sorted(Path(folder).iterdir(), key=lambda file: int(file.name))
    signatures = [hmac.new(key, archive.read_bytes(), hashlib.sha256).hexdigest() for archive in archives]
    text = json.dumps({"day": os.environ["DAY"], "signatures": signatures}, indent=2)
    Path(manifest).write_text(text + "\n", encoding="utf-8")
    print(f"signed {len(signatures)} archives")


if __name__ == "__main__":
    {"dump": dump, "sign": sign}[sys.argv[1]](*sys.argv[2:])
