"""A roster of 30,000 officers with 1 % bad rows: read in every dialect, imported by the command, searched.

``python tests/benchmarks/bench_roster.py [ROWS]``; the import has to end within 5 s.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl

from provisioning.people.roster import Roster, columns_of, read_roster
from provisioning.tables.reading import read_table

LIMIT = 5.0
HEADING = ["Warrant No", "Full name", "Rank", "Unit", "Work e-mail"]


def rows(count: int) -> list[list[str]]:
    """Give rows of which every hundredth is bad: no number, no name, no address, or a number once more."""
    made = [
        [f"P{n:06d}", f"Siân-{n % 997} O’Neill, {n % 1499}", "Sergeant", f"BCU\nNorth {n % 12}", f"p{n}@met.example"]
        for n in range(count)
    ]
    for place in range(0, count, 100):
        match place // 100 % 4:
            case 0:
                made[place][0] = ""
            case 1:
                made[place][1] = ""
            case 2:
                made[place][4] = "not mail"
            case _:
                made[place][0] = made[place - 1][0]
    return made


def text(table: list[list[str]], delimiter: str) -> str:
    """Give CSV in which every cell is quoted."""
    lines = [HEADING, *table]
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + "\r\n"


def workbook(table: list[list[str]]) -> bytes:
    """Give the same as XLSX."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in [HEADING, *table]:
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def main(count: int) -> int:
    """Measure; gives 1 where the import took longer than it may."""
    table = rows(count)
    dialects = {
        "UTF-8 with BOM, commas": text(table, ",").encode("utf-8-sig"),
        "UTF-16, tabs": text(table, "\t").encode("utf-16"),
        "UTF-8, semicolons": text(table, ";").encode(),
        "Windows-1252, semicolons": text(table, ";").encode("cp1252"),
        "XLSX": workbook(table),
    }
    slowest, roster = 0.0, Roster()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster"
        for name, data in dialects.items():
            file.write_bytes(data)
            began = time.perf_counter()
            content = read_table(file)
            reading = read_roster(content, columns_of(content.heading, {}))
            took = time.perf_counter() - began
            slowest = max(slowest, took)
            print(f"{name:26} {took:5.2f} s: {len(reading.officers)} taken, {len(reading.bad)} told")
            assert len(reading.officers) + len(reading.bad) == count
            roster = Roster({one.number: one for one in reading.officers})
        began = time.perf_counter()
        roster.find("oneill 7")
        first = time.perf_counter() - began
        began = time.perf_counter()
        roster.find("sian-12 oneill")
        print(f"search: {first * 1000:.0f} ms the first time, {(time.perf_counter() - began) * 1000:.0f} ms then")
        file.write_bytes(dialects["UTF-8 with BOM, commas"])
        command = [sys.executable, "-m", "console", "--home", f"{folder}/home", "--json"]
        subprocess.run([*command, "init", "--training"], check=True, capture_output=True)
        for again in ("first", "again"):
            began = time.perf_counter()
            subprocess.run([*command, "officers", "import", str(file)], check=True, capture_output=True, env=os.environ)
            took = time.perf_counter() - began
            slowest = max(slowest, took)
            print(f"officers import, {again}: {took:.2f} s")
    return int(slowest > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000))
