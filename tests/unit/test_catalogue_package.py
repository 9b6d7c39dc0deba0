"""A signed catalogue is taken with the right key, newer and whole, or not at all."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from pathlib import Path

import pytest
from policy_bench import catalogue

from provisioning.canonical import canonical
from provisioning.catalogue.changes import Change, changes
from provisioning.catalogue.load import FILES, load_catalogue
from provisioning.catalogue.package import PAYLOAD_TYPE, open_package, pack
from provisioning.catalogue.shelf import CatalogueShelf
from provisioning.errors import FileError, UsageError
from provisioning.signatures import DeskSigner
from provisioning.verification.envelope import sign_envelope

SIGNER = DeskSigner.generate()
SHIPPED = Path(__file__).parents[2] / "resources" / "catalogue"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the catalogue that is one version newer and knows one app more."""
    copy = tmp_path / "catalogue"
    copy.mkdir()
    for name in FILES:
        shutil.copyfile(SHIPPED / name, copy / name)
    text = (copy / "classes.toml").read_text("utf-8")
    (copy / "classes.toml").write_text(text.replace('version = "', 'version = "9', 1), "utf-8")
    with (copy / "identifiers.tsv").open("a", encoding="utf-8") as file:
        file.write("android\torg.example.newnet\tFediverse\t\tclient\tdev\n")
    return copy


def signed(folder: Path, tmp_path: Path) -> Path:
    file = tmp_path / "new.catalogue"
    file.write_bytes(pack(folder, SIGNER))
    return file


def test_a_signed_catalogue_is_the_same_catalogue(folder: Path, tmp_path: Path) -> None:
    taken, _ = open_package(signed(folder, tmp_path), SIGNER.public)
    assert taken.reference == load_catalogue(folder).reference
    assert taken.check() == ()


def test_a_catalogue_of_another_hand_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="was not signed with the key"):
        open_package(signed(folder, tmp_path), DeskSigner.generate().public)


@pytest.mark.parametrize("damage", ["payload", "signature", "cut", "empty", "text"])
def test_a_damaged_file_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    file = signed(folder, tmp_path)
    document = json.loads(file.read_bytes())
    if damage == "payload":
        document["payload"] = "A" + document["payload"][1:]
    if damage == "signature":
        document["signatures"][0]["sig"] = document["signatures"][0]["sig"].swapcase()
    whole = json.dumps(document).encode()
    data = {"cut": whole[:-9], "empty": b"", "text": b"social apps: all"}.get(damage, whole)
    file.write_bytes(data)
    with pytest.raises(FileError):
        open_package(file, SIGNER.public)


def test_a_home_takes_a_newer_catalogue_and_remembers_whose(folder: Path, tmp_path: Path) -> None:
    shelf = CatalogueShelf(tmp_path / "home")
    assert shelf.newest(catalogue()) is catalogue()
    taken = shelf.take(signed(folder, tmp_path), SIGNER.public, catalogue())
    again = CatalogueShelf(tmp_path / "home")
    assert (kept := again.key()) is not None
    assert kept.keys == (SIGNER.public,)
    assert again.newest(catalogue()).reference == taken.reference
    with pytest.raises(UsageError, match="not newer"):
        again.take(signed(folder, tmp_path), SIGNER.public, taken)


def test_a_changed_file_in_the_home_is_not_used_silently(folder: Path, tmp_path: Path) -> None:
    shelf = CatalogueShelf(tmp_path / "home")
    shelf.take(signed(folder, tmp_path), SIGNER.public, catalogue())
    kept = tmp_path / "home" / "catalogue.dsse.json"
    kept.write_bytes(kept.read_bytes().replace(b'"payload":"', b'"payload":"A', 1))
    with pytest.raises(FileError):
        shelf.newest(catalogue())


def test_a_catalogue_that_contradicts_itself_is_not_taken(folder: Path, tmp_path: Path) -> None:
    with (folder / "identifiers.tsv").open("a", encoding="utf-8") as file:
        file.write("android\tORG.example.newnet\tLemmy\t\tclient\tdev\n")
    with pytest.raises(UsageError, match="contradicts itself"):
        CatalogueShelf(tmp_path / "home").take(signed(folder, tmp_path), SIGNER.public, catalogue())
    assert not (tmp_path / "home").exists()


def test_the_changelog_names_what_was_added_and_what_moved(folder: Path) -> None:
    text = (folder / "identifiers.tsv").read_text("utf-8")
    moved = text.replace("android\tcom.discord\tDiscord\t", "android\tcom.discord\tReddit\t", 1)
    assert moved != text
    (folder / "identifiers.tsv").write_text(moved, "utf-8")
    found = {(one.change, one.subject): one for one in changes(catalogue(), load_catalogue(folder))}
    assert found.keys() == {(Change.ADDED, "org.example.newnet"), (Change.MOVED, "com.discord")}
    assert "was Discord" in found[Change.MOVED, "com.discord"].sentence
    assert changes(catalogue(), catalogue()) == ()


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("part\tkennmich\t\tsuspected\tdev\n", "part of an identifier kennmich"),
        ("phrase\tsay hello\t\t\tdev\n", "phrase of a name say hello"),
        ("maker\tnewmaker\t\tsuspected\tdev\n", "maker's label newmaker"),
        ("disclaimer\tkennbich\t\t\tdev\n", "disclaimer kennbich"),
    ],
)
def test_the_changelog_names_words_that_suspicion_hangs_on(folder: Path, line: str, subject: str) -> None:
    with (folder / "signals.tsv").open("a", encoding="utf-8") as file:
        file.write(line)
    found = {(one.change, one.subject) for one in changes(catalogue(), load_catalogue(folder))}
    assert (Change.ADDED, subject) in found


def test_a_catalogue_signed_before_there_were_shelves_is_still_taken(folder: Path, tmp_path: Path) -> None:
    (folder / "listed.tsv").write_bytes(b"")
    file = signed(folder, tmp_path)
    envelope = json.loads(file.read_bytes())
    document = json.loads(b64decode(envelope["payload"]))
    del document["files"]["listed.tsv"]
    file.write_bytes(sign_envelope(PAYLOAD_TYPE, canonical(document), SIGNER).text())
    assert open_package(file, SIGNER.public)[0].listed == ()
