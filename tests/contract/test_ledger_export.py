"""An exported ledger can be verified without this program, and opened in a spreadsheet without harm."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_place import SIGNER, SqlitePlace, fill

from provisioning.canonical import canonical
from provisioning.errors import FileError
from provisioning.ledger.export import COLUMNS, ExportFormat, export_ledger, write_csv


def test_json_lines_hold_everything_that_an_auditor_needs(tmp_path: Path) -> None:
    with SqlitePlace(tmp_path).create() as ledger:
        fill(ledger, 25)
        assert export_ledger(ledger, ExportFormat.JSONL, tmp_path / "out.jsonl") == 25
        head = ledger.verify().head
    *lines, last = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    previous = "0" * 64
    for line in lines:
        data = canonical(line["entry"])
        assert hashlib.sha256(data).hexdigest() == line["hash"]
        assert SIGNER.public.verifies(bytes.fromhex(line["signature"]), bytes.fromhex(line["hash"]))
        assert line["entry"]["previous"] == previous
        previous = line["hash"]
    assert last["head"]["hash"] == previous == head
    assert SIGNER.public.verifies(bytes.fromhex(last["signature"]), canonical(last["head"]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", " =1", "＝1", "%0A=1"]) | st.text(max_size=30)
)
def test_no_cell_of_the_table_is_a_formula(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = io.StringIO(newline="")
    with SqlitePlace(tmp_path_factory.mktemp("ledger")).create() as ledger:
        ledger.append("noted", text, {"officer": text, "receipt": text}, technician=text)
        assert write_csv(file, ledger.walk()) == 1
    assert file.getvalue().count("\r\n") == 2
    assert "\n" not in file.getvalue().replace("\r\n", "")
    (header, row) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert tuple(header) == COLUMNS
    for cell in row:
        assert cell.lstrip()[:1] not in tuple("=+-@\t\r\n＝＋－＠"), cell


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    with SqlitePlace(tmp_path).create() as ledger:
        fill(ledger, 2)
        with pytest.raises(FileError, match="cannot be written"):
            export_ledger(ledger, ExportFormat.CSV, tmp_path / "missing" / "out.csv")
        (tmp_path / "out.csv").mkdir()
        with pytest.raises(FileError):
            export_ledger(ledger, ExportFormat.CSV, tmp_path / "out.csv")
    assert [path.name for path in tmp_path.glob(".out*")] == []
