"""Where the data sets lie. They are no part of the repository."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = Path(os.environ.get("REALDATA", ROOT.parent / "shared" / "data"))

# What is imported of each set, in order: (kind, file, mapping).
SETS = {
    "maven": [
        ("teams", "sales_teams.csv", "teams"),
        ("users", "sales_teams.csv", "users"),
        ("products", "products.csv", "products"),
        ("accounts", "accounts.csv", "accounts"),
        ("opportunities", "sales_pipeline.csv", "opportunities"),
    ],
    "olist": [
        ("leads", "olist_marketing_qualified_leads_dataset.csv", "leads"),
        ("leads", "olist_closed_deals_dataset.csv", "qualified_by"),
        ("accounts", "olist_closed_deals_dataset.csv", "accounts"),
        ("opportunities", "olist_closed_deals_dataset.csv", "opportunities"),
    ],
}
CURRENCY = {"maven": "USD", "olist": "BRL"}
# Of which set a lead is then qualified in the browser: the other has deals only.
QUALIFIED = "olist"
