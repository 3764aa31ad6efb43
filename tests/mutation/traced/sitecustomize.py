"""Traces every interpreter that the tests of a recording start (`mutation/recording.py`)."""

import os
import sys
from pathlib import Path

if folder := os.environ.get("DAGWRIGHT_LINES"):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import lines

    sys.path.pop(0)
    lines.follow(folder)
