"""Maria exports a list from somewhere, and it is read as it was meant."""

import codecs
from pathlib import Path

import pytest

from intake.reading import FileRefused, look_at

HEADER = "name,email\n"


def a_file(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "leads.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_delimiter_and_line_end(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    rows = [["name", "note"], ["Zoë Müller", 'said "call me"\nand left'], ["Ana; Núñez, S.A.|x\ty", ""]]
    text = end.join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows) + end
    source = look_at(a_file(tmp_path, text, encoding))
    assert list(source.header) == rows[0]
    assert [record.cells for record in source.records()] == rows[1:]


def test_lines_are_those_of_the_file_though_blank_ones_are_passed_over(tmp_path: Path) -> None:
    source = look_at(
        a_file(tmp_path, '\n  \nname,email\n\nAnna,a@example.com\n,\n"two\nlines",b@example.com\nlast,c@example.com\n')
    )
    assert [(record.line, record.cells[0]) for record in source.records()] == [
        (5, "Anna"),
        (7, "two\nlines"),
        (9, "last"),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "blank lines only"),
        (b"PK\x03\x04rest of a workbook", "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "save it as CSV"),
        (b"name\n\x81\x8d\xff\n", "neither UTF-8 nor UTF-16 nor Windows-1252"),
        (b'name,email\nAnna,a@example.com\n"open,b@example.com\n', "opens at line 3 is never closed"),
        (b"name\x02\x03,email\n", "not text"),
        (codecs.BOM_UTF16_LE + "name".encode("utf-16-le") + b"x", "not in utf-16"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        list(look_at(a_file(tmp_path, content)).records())


def test_an_encoding_that_the_mapping_says_is_held_to(tmp_path: Path) -> None:
    path = a_file(tmp_path, b"name,email\nAnna,a@example.com\nZo\xeb,z@example.com\n")
    assert look_at(path).encoding == "cp1252"
    with pytest.raises(FileRefused, match="Line 3 is not in utf-8"):
        look_at(path, "utf-8")
    with pytest.raises(FileRefused, match="not the name of an encoding"):
        look_at(path, "klingon")


def test_a_row_of_another_width_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    source = look_at(
        a_file(
            tmp_path, 'name,email\nA,a@example.com,extra\nB\nC,c@example.com,\n"D"x,d@example.com\nE,e@example.com\n'
        )
    )
    records = {record.line: record for record in source.records()}
    assert "3 cells and the header 2" in records[2].problem
    assert "1 cells and the header 2" in records[3].problem
    assert records[4].cells == ["C", "c@example.com"]
    assert not records[4].problem
    assert "must be doubled" in records[5].problem
    assert records[6].cells == ["E", "e@example.com"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be opened"):
        look_at(tmp_path / "missing.csv")
    with pytest.raises(FileRefused, match="is a folder"):
        look_at(tmp_path)
