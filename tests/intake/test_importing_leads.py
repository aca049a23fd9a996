"""Maria imports leads."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from intake.importing import LOCK
from intake.mapping import MappingRefused
from intake.models import Import
from intake.reading import FileRefused
from leads.models import Activity, Checklist, Handoff, Lead, LifecycleChange, OwnerChange
from reports.models import ReportSnapshot
from tests.intake.files import counts, new_connection, take_in
from tests.leads.queueing import make_offered
from users.models import User, Workspace

pytestmark = pytest.mark.usefixtures("workspace")

LIST = """Lead ID,First Name,Last Name,E-mail,Company / Account,Lead Source,Annual Revenue,Created Date,Lead Owner
L1,Anna,Nowak,anna@example.com,Nowak GmbH,website,"1,250,000",2025-03-04,alice
L2,,Zoë,zoe@example.com,,referral,,2025-03-05 14:30,
"""


def test_a_list_with_ordinary_headers_needs_no_mapping(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", LIST)
    assert counts(done) == (2, 2, 0, 0, 0)
    anna = Lead.objects.get(external_id="L1")
    assert (anna.name, anna.company, anna.email, anna.revenue) == (
        "Anna Nowak",
        "Nowak GmbH",
        "anna@example.com",
        Decimal(1_250_000),
    )
    assert anna.currency == "EUR"
    assert anna.owner == User.objects.get(username="alice")
    assert anna.team == anna.owner.team
    assert anna.created_at == datetime(2025, 3, 4, tzinfo=UTC)
    assert anna.source is not None
    assert anna.source.code == "website"
    assert anna.import_id == done.import_id == Import.objects.get().pk
    zoe = Lead.objects.get(external_id="L2")
    assert (zoe.name, zoe.owner, zoe.created_at) == ("Zoë", None, datetime(2025, 3, 5, 14, 30, tzinfo=UTC))


def test_each_lead_has_its_checklist_its_first_move_and_its_owner_as_facts(tmp_path: Path) -> None:
    take_in(tmp_path, "leads", LIST)
    anna = Lead.objects.get(external_id="L1")
    assert Checklist.objects.filter(lead=anna, context=anna.context).count() == 1
    [move] = LifecycleChange.objects.filter(lead=anna)
    assert (move.from_stage, move.to_stage, move.cause, move.occurred_at) == ("", "lead", "import", anna.created_at)
    [owner] = OwnerChange.objects.filter(lead=anna)
    assert (owner.owner, owner.team, owner.occurred_at) == (anna.owner, anna.team, anna.created_at)
    assert not OwnerChange.objects.filter(lead__external_id="L2").exists()


def test_running_it_twice_changes_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, "leads", LIST)
    facts = LifecycleChange.objects.count(), OwnerChange.objects.count(), Checklist.objects.count()
    versions = list(Lead.objects.order_by("pk").values_list("pk", "version"))
    assert counts(take_in(tmp_path, "leads", LIST)) == (2, 0, 0, 2, 0)
    assert (LifecycleChange.objects.count(), OwnerChange.objects.count(), Checklist.objects.count()) == facts
    assert list(Lead.objects.order_by("pk").values_list("pk", "version")) == versions


def test_what_the_file_says_anew_is_brought_up_to_date_and_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    take_in(tmp_path, "leads", LIST)
    done = take_in(tmp_path, "leads", "external_id,company,email,owner\nL1,Nowak AG,,charlie\nL2,,,\nL3,New,,\n")
    assert counts(done) == (3, 1, 1, 1, 0)
    anna = Lead.objects.get(external_id="L1")
    assert (anna.company, anna.email, anna.owner.username if anna.owner else "") == (
        "Nowak AG",
        "anna@example.com",
        "charlie",
    )
    assert list(OwnerChange.objects.filter(lead=anna).order_by("id").values_list("owner__username", flat=True)) == [
        "alice",
        "charlie",
    ]


def test_a_bad_row_is_set_aside_with_its_line_and_the_others_go_in(tmp_path: Path) -> None:
    text = (
        "external_id,name,email,created_at,revenue,owner\n"
        "1,Good,good@example.com,2025-01-01,5,alice\n"
        "2,Bad mail,not-an-email,2025-01-01,5,alice\n"
        "3,Bad day,d@example.com,2025-02-30,5,alice\n"
        "4,Negative,n@example.com,2025-01-01,-5,alice\n"
        "5,Nobody's,x@example.com,2025-01-01,5,mallory\n"
        "6,Far,f@example.com,1969-12-31,5,alice\n"
        '7,"two\nlines",t@example.com,2025-01-01,5,alice\n'
        "8,Twice wrong,no,2101-01-01,5,alice\n"
    )
    done = take_in(tmp_path, "leads", text)
    assert counts(done) == (8, 2, 0, 0, 6)
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"1", "7"}
    with open(done.errors_file, encoding="utf-8-sig", newline="") as file:
        rows = {row["external_id"]: row for row in csv.DictReader(file)}
    assert {key: (row["import line"], row["import column"]) for key, row in rows.items()} == {
        "2": ("3", "email"), "3": ("4", "created_at"), "4": ("5", "revenue"), "5": ("6", "owner"), "6": ("7", "created_at"), "8": ("10", "email; created_at"),
    }  # fmt: skip
    assert "not a date that exists" in rows["3"]["import reason"]
    assert "negative" in rows["4"]["import reason"]
    assert "create_missing" in rows["5"]["import reason"]
    assert "1970 to 2100" in rows["6"]["import reason"]
    assert rows["2"]["name"] == "Bad mail"
    assert rows["2"]["import value"] == "not-an-email"


def test_the_file_of_rejected_rows_can_be_mended_and_imported(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", "external_id;email;revenue\n1;nobody;1234,50\n2;ok@example.com;2,5\n")
    errors = Path(done.errors_file).read_text(encoding="utf-8-sig").replace("1;nobody", "1;mended@example.com")
    assert counts(take_in(tmp_path, "leads", errors)) == (1, 1, 0, 0, 0)
    assert set(Lead.objects.values_list("email", "revenue")) == {
        ("mended@example.com", Decimal("1234.50")),
        ("ok@example.com", Decimal("2.50")),
    }


def test_two_rows_of_one_lead_in_a_file(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", "external_id,name\nA,Anna\nA,Anna\nA,Other\nB,Bert\n")
    assert counts(done) == (4, 2, 0, 1, 1)
    assert "Line 2 speaks of the same record" in Path(done.errors_file).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+4930123",
        "@SUM(A1)",
        "-5",
        "<script>alert(1)</script>",
        "'; DROP TABLE leads;--",
        "{{7*7}}",
        "Ж 名前 \u202e",
        "\\N",
        "\\.",
    ],
)
def test_a_cell_is_data_whatever_it_looks_like(tmp_path: Path, cell: str) -> None:
    assert counts(take_in(tmp_path, "leads", f'name,company\n"{cell}","{cell}\tx"\n')) == (1, 1, 0, 0, 0)
    lead = Lead.objects.get()
    assert (lead.name, lead.company) == (cell, f"{cell}\tx")


def test_a_huge_cell_and_a_nul_are_refused_row_by_row(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", "name,company\n" + "x" * 10_000_000 + ",A\nnu\x00l,B\nfine,C\n")
    assert counts(done) == (3, 1, 0, 0, 2)
    reasons = Path(done.errors_file).read_text(encoding="utf-8-sig")
    assert "10000000 characters long; at most 200 fit" in reasons
    assert "NUL" in reasons


def test_a_trial_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", LIST + "L3,,,bad,,,,,\n", dry_run=True)
    assert counts(done) == (3, 2, 0, 0, 1)
    assert done.import_id is None
    assert not Lead.objects.exists()
    assert not Import.objects.exists()


def test_notes_go_to_the_timeline_once(tmp_path: Path) -> None:
    text = 'external_id,name,notes\nA,Anna,"first\nsecond"\nB,Bert,\nC,Carl,' + "x" * 10_000_000 + "\n"
    assert counts(take_in(tmp_path, "leads", text)) == (3, 2, 0, 0, 1)
    note = Activity.objects.get()
    assert (note.kind, note.note, note.checklist.lead_id) == (
        "note",
        "first\nsecond",
        Lead.objects.get(external_id="A").pk,
    )
    assert counts(take_in(tmp_path, "leads", text)) == (3, 0, 0, 2, 1)
    assert counts(take_in(tmp_path, "leads", "external_id,notes\nA,third\n")) == (1, 0, 1, 0, 0)
    assert Activity.objects.count() == 2


def test_a_history_marks_the_figures_that_were_kept_before_it(tmp_path: Path) -> None:
    snapshot = ReportSnapshot.objects.create(name="win-rate", scope="all", digest="d")
    take_in(tmp_path, "leads", "external_id\nA\n")
    snapshot.refresh_from_db()
    assert not snapshot.outdated
    take_in(tmp_path, "leads", "external_id,created_at\nB,2024-01-01\n", {"history": True})
    snapshot.refresh_from_db()
    assert snapshot.outdated


def test_a_lead_that_went_on_elsewhere_leaves_the_queue(tmp_path: Path, alice: User) -> None:
    handoff = make_offered(alice, external_id="L7")
    take_in(tmp_path, "leads", "Lead ID,Stage,Customer_at\nL7,customer,2026-01-05\n", {"history": True})
    handoff.refresh_from_db()
    assert (handoff.lead.stage, handoff.state, handoff.decided_by) == ("customer", Handoff.State.WITHDRAWN, None)
    assert handoff.changes.latest("id").to_state == Handoff.State.WITHDRAWN


def test_two_imports_at_once_are_told_apart(tmp_path: Path) -> None:
    with new_connection() as other, other.cursor() as cursor:
        cursor.execute(LOCK)
        with pytest.raises(FileRefused, match="Another import is running"):
            take_in(tmp_path, "leads", LIST)
    assert counts(take_in(tmp_path, "leads", LIST)) == (2, 2, 0, 0, 0)


def test_a_lead_must_be_somebody(tmp_path: Path) -> None:
    done = take_in(tmp_path, "leads", "name,email,industry\n,,steel\nAnna,,\n")
    assert counts(done) == (2, 1, 0, 0, 1)


def day(month: int, day: int) -> datetime:
    return datetime(2024, month, day, tzinfo=UTC)


def test_history_keeps_its_dates_and_was_known_when_it_happened(tmp_path: Path) -> None:
    text = "external_id,created_at,mql_at,sql_at,stage\nA,2024-01-01,2024-01-03,2024-02-01,sql\nB,2024-01-02,,,\nC,,2024-03-01,,disqualified\n"
    take_in(tmp_path, "leads", text, {"history": True})
    moves = LifecycleChange.objects.filter(lead__external_id="A").order_by("id")
    assert list(moves.values_list("from_stage", "to_stage", "occurred_at", "known_at")) == [
        ("", "lead", day(1, 1), day(1, 1)),
        ("lead", "mql", day(1, 3), day(1, 3)),
        ("mql", "sql", day(2, 1), day(2, 1)),
    ]
    a, b, c = Lead.objects.order_by("external_id")
    assert (a.stage, a.stage_since, a.known_at) == ("sql", day(2, 1), day(1, 1))
    assert (b.stage, b.created_at) == ("lead", day(1, 2))
    assert (c.stage, c.stage_since, c.created_at) == ("disqualified", None, None)
    unknown = LifecycleChange.objects.get(lead=c, to_stage="disqualified")
    assert unknown.occurred_at is None
    assert unknown.known_at.year > 2024
    assert not Handoff.objects.exists()
    assert counts(take_in(tmp_path, "leads", text, {"history": True})) == (3, 0, 0, 3, 0)


def test_dates_are_in_the_zone_that_the_mapping_or_the_workspace_says(tmp_path: Path) -> None:
    Workspace.objects.update(zone="America/New_York")
    take_in(tmp_path, "leads", "external_id,created_at\nA,2024-07-01\n")
    take_in(tmp_path, "leads", "external_id,created_at\nB,01.07.2024\n", {"zone": "Europe/Berlin", "dates": "%d.%m.%Y"})
    assert Lead.objects.get(external_id="A").created_at == datetime(2024, 7, 1, 4, tzinfo=UTC)
    assert Lead.objects.get(external_id="B").created_at == datetime(2024, 6, 30, 22, tzinfo=UTC)


def test_a_mapping_with_values_constants_attributes_and_things_to_make(tmp_path: Path) -> None:
    mapping = {
        "columns": {
            "id": "external_id",
            "origin": "source",
            "page": "campaign",
            "size": "attribute:size",
            "big": "attribute:big",
        },
        "constants": {"country": "Brazil"},
        "values": {"source": {"": "unknown", "org": "organic"}},
        "create_missing": ["source", "campaign"],
        "attributes": {"size": {"label": "Size", "kind": "number"}, "big": {"kind": "flag"}},
    }
    text = "id,origin,page,size,big\nA,org,p1,12.5,yes\nB,,p1,,\nC,unknown,p2,3,no\n"
    assert counts(take_in(tmp_path, "leads", text, mapping)) == (3, 3, 0, 0, 0)
    rows = Lead.objects.order_by("external_id").values_list("source__name", "campaign__code", "country", "attributes")
    assert list(rows) == [
        ("organic", "p1", "Brazil", {"size": 12.5, "big": True}),
        ("unknown", "p1", "Brazil", {}),
        ("unknown", "p2", "Brazil", {"size": 3, "big": False}),
    ]
    assert counts(take_in(tmp_path, "leads", text, mapping)) == (3, 0, 0, 3, 0)


def test_to_update_by_a_field_is_to_find_leads_by_it_alone(tmp_path: Path) -> None:
    take_in(tmp_path, "leads", LIST)
    done = take_in(tmp_path, "leads", "email,title\nANNA@example.com,CTO\n", update_by="email")
    assert counts(done) == (1, 0, 1, 0, 0)
    assert Lead.objects.get(external_id="L1").title == "CTO"
    with pytest.raises(MappingRefused, match="cannot be found by industry; they can by: external_id, email"):
        take_in(tmp_path, "leads", "email,title\n", update_by="industry")


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"column": {}}, "`column` is not a key of a mapping"),
        ({"columns": {"nmae": "name"}}, "names the column nmae, which the file does not have; it has name, mail"),
        ({"columns": {"name": "nome"}}, "fills nome, which this kind of import does not have"),
        ({"columns": {"name": "name", "mail": "name"}}, "fills name from two columns"),
        ({"columns": {"name": "attribute:size"}}, "attribute:size, which is not registered"),
        ({"constants": {"countri": "x"}}, "`constants` fills countri"),
        ({"zone": "Mars/Olympus"}, "`zone` is not the name of a time zone"),
        ({"dates": "%d"}, "`dates` holds %d"),
        ({"decimal": ";"}, "`decimal` must be"),
        ({"history": "yes"}, "`history` must be true or false"),
        ({"create_missing": ["industry"]}, "create_missing names industry"),
        ({"context": "moon"}, "no sales context moon"),
        ({"attributes": {"Big One": {}}}, "`attributes.Big One` must be named by small letters"),
    ],
)
def test_a_wrong_mapping_is_told_by_the_key(tmp_path: Path, mapping: dict[str, object], says: str) -> None:
    with pytest.raises(MappingRefused, match=says):
        take_in(tmp_path, "leads", "name,mail\nAnna,a@example.com\n", mapping)
    assert not Lead.objects.exists()
