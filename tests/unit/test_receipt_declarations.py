"""Declarations: versioned files, ticked clause by clause."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provisioning.errors import FileError
from provisioning.receipts.declaration import languages_of, load_declaration

GOOD = """\
id = "own"
version = "{version}"
language = "en-GB"
title = "Declaration"
basis = "the force's own"
[[clause]]
id = "one"
text = "I agree to {version}."
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / "own" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("name", ["handset-handover", "handset-return", "handset-return-kept", "items-return"])
def test_the_shipped_declarations_say_the_same_clauses_in_both_languages(name: str) -> None:
    assert languages_of(name) == ("cy-GB", "en-GB")
    english, welsh = load_declaration(name), load_declaration(name, "cy-GB")
    assert (english.version, [c.id for c in english.clauses]) == (welsh.version, [c.id for c in welsh.clauses])
    assert not {c.text for c in english.clauses} & {c.text for c in welsh.clauses}


def test_a_shipped_text_is_never_edited_once_it_may_have_been_signed() -> None:
    # A new wording is a new file; these digests stay as long as the files do.
    assert load_declaration("handset-handover", version="2026.1").sha256()[:16] == "c44c48c2ad3ba8d2"
    assert load_declaration("handset-handover", version="2026.2").sha256()[:16] == "785909e92e16b170"
    assert load_declaration("handset-return", version="2026.1").sha256()[:16] == "740b60abb206926e"
    assert load_declaration("handset-return-kept", version="2026.1").sha256()[:16] == "0b5ebc669e502967"
    assert load_declaration("items-return", version="2026.1").sha256()[:16] == "8a32a9688c92dc51"


def test_what_was_ticked_stands_on_the_receipt_clause_by_clause() -> None:
    declaration = load_declaration("handset-handover")
    declared = declaration.declared(["received", "care"])
    assert [clause.ticked for clause in declared.clauses].count(True) == 2
    assert declared.sha256 == declaration.sha256()
    assert all(clause.ticked for clause in declaration.declared().clauses)
    with pytest.raises(ValueError, match="no clauses of declaration"):
        declaration.declared(["received", "everything"])


def test_a_policys_own_words_stand_where_it_says_what_is_forbidden() -> None:
    declaration = load_declaration("handset-handover")
    own = declaration.under_policy("I will not use\n TikTok on it. ")
    assert [c.id for c in own.clauses] == [c.id for c in declaration.clauses]
    assert [c.text for c in own.clauses if c.id == "social-media"] == ["I will not use TikTok on it."]
    assert own.sha256() != declaration.sha256()
    assert declaration.under_policy(" \n") == declaration
    assert load_declaration("handset-return").under_policy("words") == load_declaration("handset-return")


def test_the_newest_version_is_taken_unless_another_is_named(tmp_path: Path) -> None:
    for version in ("2026.9", "2026.10", "2025.12"):
        write(tmp_path, f"{version}.en-GB.toml", GOOD.format(version=version))
    assert load_declaration("own", folders=[tmp_path]).version == "2026.10"
    assert load_declaration("own", version="2025.12", folders=[tmp_path]).version == "2025.12"


def test_the_forces_own_text_wins_over_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "handset-handover"
    folder.mkdir()
    text = GOOD.format(version="1").replace('id = "own"', 'id = "handset-handover"', 1)
    (folder / "1.en-GB.toml").write_text(text, "utf-8")
    assert load_declaration("handset-handover", folders=[tmp_path]).basis == "the force's own"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id = ", "not valid TOML"),
        (GOOD.format(version="2"), "not those of its folder and name"),
        (GOOD.format(version="1").replace("basis", "bases"), "Field required"),
        (GOOD.format(version="1") + '[[clause]]\nid = "one"\ntext = "again"\n', "the same id"),
        (GOOD.format(version="1").replace("[[clause]]", "[[clauses]]"), "Field required"),
        ("#" * 70_000, "longer than"),
    ],
)
def test_a_wrong_file_is_named_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = write(tmp_path, "1.en-GB.toml", text)
    with pytest.raises(FileError, match=re.escape(reason)) as told:
        load_declaration("own", folders=[tmp_path])
    assert told.value.path == file


def test_a_missing_declaration_names_what_there_is() -> None:
    with pytest.raises(FileError, match=r"in fr-FR; there is: 2026\.1\.cy-GB, 2026\.1\.en-GB"):
        load_declaration("handset-handover", "fr-FR")
    with pytest.raises(FileError, match="there is: nothing"):
        load_declaration("no-such")


@pytest.mark.parametrize("name", ["../policies", "", "a/b", "a\x00b", "x" * 200])
def test_a_name_cannot_leave_the_folder(name: str) -> None:
    with pytest.raises(FileError, match="no name of a declaration"):
        load_declaration(name)
