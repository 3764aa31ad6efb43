"""Check the raw table and write the clean one: `validate.py RAW CLEAN`.

What can be put right is (a customer that comes twice, a missing total); what cannot fails the step.
"""

import json
import sys

from outputs import give
from table import CHOICES, COLUMNS, LABEL, NUMBERS, Row, read_rows, write_rows

FEWEST_ROWS = 200


def main(raw: str, clean: str) -> None:
    rows = read_rows(raw)
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or len(rows) < FEWEST_ROWS:
        sys.exit(f"not a table of customers: {len(rows)} rows, missing columns: {', '.join(missing) or 'none'}")
    kept: dict[str, Row] = {}
    for row in rows:
        kept.setdefault(row["customer_id"], row)
    filled = sum(fill_total(row) for row in kept.values())
    wrong = [complaint for row in kept.values() for complaint in complaints(row)]
    if wrong:
        sys.exit("\n".join([*wrong[:10], f"{len(wrong)} cells are wrong"]))
    write_rows(clean, kept.values())
    share = sum(row[LABEL] == "yes" for row in kept.values()) / len(kept)
    findings = {"twice": len(rows) - len(kept), "filled_totals": filled, "churn_share": round(share, 4)}
    give("findings", json.dumps(findings, sort_keys=True))


def fill_total(row: Row) -> bool:
    """Estimate a missing total from the monthly charges."""
    if row["total_charges"]:
        return False
    row["total_charges"] = f"{float(row['monthly_charges']) * int(row['tenure_months']):.2f}"
    return True


def complaints(row: Row) -> list[str]:
    found = []
    for name in NUMBERS:
        try:
            fine = float(row[name]) >= 0
        except ValueError:
            fine = False
        if not fine:
            found.append(f"{row['customer_id']}: {name} is {row[name]!r}, not a number from 0 on")
    for name, allowed in CHOICES.items():
        if row[name] not in allowed:
            found.append(f"{row['customer_id']}: {name} is {row[name]!r}, not one of {', '.join(allowed)}")
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
