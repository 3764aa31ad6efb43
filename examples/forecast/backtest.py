"""Forecast the last known year from the years before it, and output the mean error in units per month."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import mean

from methods import METHODS, YEAR, sales

method = METHODS[sys.argv[1]]
known = sales()
forecast = method(known[:-YEAR])
error = mean(abs(units - expected) for units, expected in zip(known[-YEAR:], forecast))
print(f"{sys.argv[1]}: off by {error:.1f} units per month")
(Path(os.environ["DW_OUT"]) / "error").write_text(f"{error:.2f}")
