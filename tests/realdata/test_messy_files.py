"""Files as people really export them, one hazard a file, with what must be read beside them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from intake.importing import import_file
from intake.reading import FileRefused, look_at
from leads.models import Lead
from tests.realdata.data import DATA

pytestmark = [pytest.mark.realdata, pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there")]

LEADS = DATA / "messy_csv" / "leads"
EXPECTED: dict[str, Any] = json.loads((LEADS / "expected.json").read_text(encoding="utf-8")) if LEADS.is_dir() else {}
SPECTRUM = DATA / "messy_csv" / "csv-spectrum"
# Its JSON holds the bytes of another encoding; the CSV itself holds U+FFFD.
BROKEN = {"location_coordinates"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_messy_file_is_read_as_it_was_meant_or_refused(name: str) -> None:
    expected = EXPECTED[name]
    if not expected["header"]:
        with pytest.raises(FileRefused):
            look_at(LEADS / name)
        return
    source = look_at(LEADS / name)
    assert list(source.header) == expected["header"]
    assert [record.cells for record in source.records()] == expected["rows"]


@pytest.mark.django_db
@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected["header"]])
def test_a_messy_list_of_leads_needs_no_mapping(name: str, tmp_path: Path) -> None:
    done = import_file(
        "leads", LEADS / name, create_missing=frozenset({"source"}), errors_path=tmp_path / "rejected.csv"
    )
    bad = 4 if name.startswith("19") else 0
    assert (done.read, done.created, done.rejected) == (EXPECTED[name]["n_rows"], EXPECTED[name]["n_rows"] - bad, bad)
    zoe = Lead.objects.filter(email="zoe.mueller@example.com").first()
    if zoe:
        assert (zoe.name, zoe.company, str(zoe.revenue)) == ("Zoë Müller", "Bäckerei Köln GmbH", "1234.50")
    again = import_file("leads", LEADS / name, errors_path=tmp_path / "rejected.csv")
    assert (again.unchanged, again.rejected) == (done.created, bad)


@pytest.mark.django_db
@pytest.mark.usefixtures("workspace")
def test_what_is_wrong_is_told_by_line_and_column(tmp_path: Path) -> None:
    name = "19_bad_emails_missing_required.csv"
    done = import_file(
        "leads", LEADS / name, create_missing=frozenset({"source"}), errors_path=tmp_path / "rejected.csv"
    )
    with open(done.errors_file, encoding="utf-8-sig", newline="") as file:
        rows = [(row["import line"], row["import column"], row["import value"]) for row in csv.DictReader(file)]
    assert rows == [
        ("2", "Email", "not-an-email"),
        ("3", "Email", "b@"),
        ("4", "Email", "c@example.com;d@example.com"),
        ("5", "Email", "Dee <dee@example.com>"),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("workspace")
def test_columns_without_a_name_are_told(tmp_path: Path) -> None:
    done = import_file(
        "leads",
        LEADS / "12_blank_headers.csv",
        create_missing=frozenset({"source"}),
        errors_path=tmp_path / "rejected.csv",
    )
    assert done.unmapped == ("#7", "#8")


@pytest.mark.django_db
@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    "name", ["salesforce_lead_report.csv", "salesforce_lead_api.csv", "hubspot_contacts_export.csv"]
)
def test_exports_of_other_programs_need_few_words(name: str, tmp_path: Path) -> None:
    mapping = {"dates": {"": ["%m/%d/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S.%f%z"]}}
    making = frozenset({"source", "owner"})
    done = import_file(
        "leads", DATA / "templates" / name, mapping, create_missing=making, errors_path=tmp_path / "rejected.csv"
    )
    assert (done.created, done.rejected) == (done.read, 0)
    ada = Lead.objects.get(name="Ada Lovelace")
    assert (ada.company, ada.title, ada.created_at.year if ada.created_at else 0) == (
        "Analytical Engines Ltd",
        "CTO",
        2025,
    )


@pytest.mark.parametrize(
    "path",
    sorted(path for path in (SPECTRUM / "csvs").glob("*.csv") if path.stem not in BROKEN),
    ids=lambda path: path.stem,
)
def test_the_spectrum_of_delimited_files(path: Path) -> None:
    source = look_at(path)
    rows = [dict(zip(source.header, record.cells, strict=True)) for record in source.records()]
    assert rows == json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
