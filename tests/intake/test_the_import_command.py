"""Ada types `manage.py import`."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from intake.importing import what_came_between
from intake.kinds import KINDS
from intake.models import Import
from leads.models import Lead
from tests.factories import make_opportunity
from tests.waiting import until_somebody_waits
from users.models import User

pytestmark = pytest.mark.usefixtures("workspace")
ROOT = Path(__file__).resolve().parent.parent.parent


def typed(*arguments: Any) -> str:
    out = StringIO()
    call_command("import", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text("Name,E-mail,Shoe size\nAnna,anna@example.com,38\nBert,wrong,44\n", encoding="utf-8")
    return path


def test_what_became_of_the_rows_as_json(file: Path) -> None:
    said = json.loads(typed("leads", file, "--format", "json"))
    assert said | {"import_id": 0} == {
        "read": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "import_id": 0,
        "errors_file": str(file.with_name("list.rejected.csv")), "unmapped": ["Shoe size"],
    }  # fmt: skip


def test_and_in_words(file: Path) -> None:
    said = typed("leads", file, "--dry-run")
    assert "2 rows read: 1 created, 0 updated, 0 unchanged, 1 rejected" in said
    assert "Columns that nothing takes: Shoe size" in said
    assert "list.rejected.csv" in said
    assert "nothing was written" in said
    assert not Lead.objects.exists()


def test_who_imports_is_kept_and_has_the_right_to(file: Path, maria: User, alice: User) -> None:
    typed("leads", file, "--by", "maria")
    assert Import.objects.get().by == maria
    for kind, name, says in [
        ("leads", "alice", "Marketing may import leads"),
        ("accounts", "maria", "imported by an administrator"),
        ("leads", "nobody", "Nobody who is active"),
    ]:
        with pytest.raises(CommandError, match=says):
            typed(kind, file, "--by", name)
    assert Import.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ended", "says"), [(False, "Somebody else works"), (True, "The database went away")])
def test_what_came_between_is_called_by_its_name(tmp_path: Path, ended: bool, says: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("external_id,name\nX,Anna\n", encoding="utf-8")
    typed("leads", path)
    path.write_text("external_id,name\nX,Bert\n", encoding="utf-8")

    def again() -> str:
        try:
            typed("leads", path)
        except CommandError as refused:
            return str(refused)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Lead.objects.select_for_update().get(external_id="X")
        waiting = pool.submit(again)
        until_somebody_waits()
        if ended:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
                )
        assert says in waiting.result(timeout=60)
    assert Lead.objects.get(external_id="X").name == "Anna"


def test_a_fault_of_ours_is_not_called_the_work_of_somebody_else(alice: User) -> None:
    with pytest.raises(IntegrityError) as broken, transaction.atomic():
        make_opportunity(alice, amount=-1)
    assert what_came_between(broken.value) is None


def test_a_header_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("name,email\n", encoding="utf-8")
    assert "a header and no rows" in typed("leads", path)


def test_a_mapping_from_a_file(file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"columns": {"Name": "name"}}', encoding="utf-8")
    assert json.loads(typed("leads", file, "--mapping", mapping, "--format", "json"))["created"] == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "is not JSON"), ("[]", "must be a JSON object"), ('{"columns": 1}', "`columns` must be an object")],
)
def test_what_cannot_be_done_is_said_in_a_sentence(file: Path, tmp_path: Path, text: str, says: str) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=says):
        typed("leads", file, "--mapping", mapping)
    with pytest.raises(CommandError, match="cannot be opened"):
        typed("leads", file, "--mapping", tmp_path / "nowhere.json")
    with pytest.raises(CommandError, match="cannot be opened"):
        typed("leads", tmp_path / "nowhere.csv")


def test_a_rejected_list_lands_elsewhere_if_the_folder_cannot_be_written(file: Path, tmp_path: Path) -> None:
    taken = tmp_path / "folder"
    taken.mkdir()
    said = json.loads(typed("leads", file, "--errors", taken, "--format", "json"))
    assert "wrong" in Path(said["errors_file"]).read_text(encoding="utf-8-sig")
    Path(said["errors_file"]).unlink()


@pytest.mark.parametrize("kind", KINDS)
def test_the_paper_names_every_column(kind: str) -> None:
    paper = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| {kind} \| (.*) \|$", paper, re.MULTILINE)
    named = set(re.findall(r"[a-z_]+", row.replace("attribute:*", "").replace("(or ", "").replace(")", "")))
    assert named == {column.name for column in KINDS[kind].columns}
