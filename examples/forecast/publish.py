"""Forecast the next year with the chosen method, and output its months."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from methods import METHODS, sales

months = [round(units) for units in METHODS[sys.argv[1]](sales())]
print(f"next year: {sum(months)} units")
(Path(os.environ["DW_OUT"]) / "next_year").write_text(json.dumps(months))
