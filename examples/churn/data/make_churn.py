"""Makes churn.csv, the data of this example. No run needs this file: the data lies beside it.

The customers are invented. They follow what is known of telephone companies: new customers on monthly contracts with
dear fibre lines leave often, customers who call the support a lot leave more often still, and bound ones stay.
A few rows are as untidy as rows are: spaces, missing totals, customers that come twice.

    python3 make_churn.py > churn.csv
"""

import csv
import math
import random
import sys

CUSTOMERS = 1300
COLUMNS = (
    "customer_id", "tenure_months", "contract", "internet", "payment", "paperless", "senior", "dependents",
    "support_calls", "monthly_charges", "total_charges", "churned",
)  # fmt: skip
PRICE = {"none": 20.0, "dsl": 48.0, "fiber": 76.0}
BOND = {"month-to-month": 0.9, "one-year": -0.7, "two-year": -1.9}


def customer(number: int, draw: random.Random) -> list[str]:
    """One row of the table."""
    contract = draw.choices(list(BOND), weights=(55, 22, 23))[0]
    longest = {"month-to-month": 40, "one-year": 60, "two-year": 72}[contract]
    tenure = max(1, round(draw.betavariate(1.2, 1.6) * longest))
    internet = draw.choices(list(PRICE), weights=(21, 35, 44))[0]
    payment = draw.choices(("electronic-check", "bank-transfer", "credit-card", "mailed-check"), (34, 22, 22, 22))[0]
    paperless, senior, dependents = draw.random() < 0.59, draw.random() < 0.16, draw.random() < 0.3
    calls = min(9, int(draw.expovariate(0.75)))
    monthly = PRICE[internet] + max(-9, draw.gauss(0, 6))
    leaning = (
        -1.9 + BOND[contract] + 0.55 * calls + (0.8 if internet == "fiber" else 0.0)
        + (0.5 if payment == "electronic-check" else 0.0) + (0.35 if senior else 0.0) - (0.4 if dependents else 0.0)
        - 0.035 * tenure + (1.3 if tenure < 6 and contract == "month-to-month" else 0.0)
    )  # fmt: skip
    churned = draw.random() < 1 / (1 + math.exp(-1.25 * leaning))
    total = "" if draw.random() < 0.012 else f"{monthly * tenure * draw.uniform(0.97, 1.03):.2f}"
    flags = ["yes" if flag else "no" for flag in (paperless, senior, dependents)]
    return [
        f"C-{number:05d}", str(tenure), contract, internet, payment, *flags, str(calls), f"{monthly:.2f}", total,
        "yes" if churned else "no",
    ]  # fmt: skip


def main() -> None:
    draw = random.Random(20240229)
    rows = [customer(number, draw) for number in range(1, CUSTOMERS + 1)]
    for _ in range(9):
        rows.insert(draw.randrange(len(rows)), list(draw.choice(rows)))
    for row in draw.sample(rows, 12):
        row[2] = f" {row[2]} "
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    out.writerows(rows)


if __name__ == "__main__":
    main()
