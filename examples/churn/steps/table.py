"""Reading and writing the tables that travel between the steps."""

import csv
from collections.abc import Iterable, Sequence

Row = dict[str, str]

LABEL = "churned"
NUMBERS = ("tenure_months", "support_calls", "monthly_charges", "total_charges")
CHOICES = {
    "contract": ("month-to-month", "one-year", "two-year"),
    "internet": ("none", "dsl", "fiber"),
    "payment": ("electronic-check", "bank-transfer", "credit-card", "mailed-check"),
    "paperless": ("no", "yes"),
    "senior": ("no", "yes"),
    "dependents": ("no", "yes"),
    LABEL: ("no", "yes"),
}
COLUMNS = ("customer_id", *NUMBERS, *CHOICES)


def read_rows(path: str) -> list[Row]:
    """The rows of a CSV file with a header; a byte order mark and spaces around cells are dropped."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [
            {(name or "").strip(): (cell or "").strip() for name, cell in row.items() if isinstance(cell, str)}
            for row in csv.DictReader(file)
        ]


def write_rows(path: str, rows: Iterable[Row], columns: Sequence[str] = COLUMNS) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
