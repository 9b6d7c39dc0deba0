"""Labels: the same bytes as those that were looked at, nobody's text a command, and only for what is ready, by bay."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from label_samples import FOLDER, LABELS, zpl
from PIL import Image

from provisioning.handset import Attachment
from provisioning.labels.label import SIZE, Label, LabelKind, bay_order, ready
from provisioning.labels.pages import labels_pdf, labels_png
from provisioning.labels.zpl import zpl_of
from provisioning.platforms import Platform
from provisioning.printing.destination import Media
from provisioning.status import Phase, SessionStatus

COMMANDS = re.compile(
    rb"\^(XA|XZ|CI28|PW\d+|LL\d+|LH0,0|LS0|PON|PMN|FWN|FO\d+,\d+|GB\d+,\d+,\d+,B,0|A0N,\d+,\d+|FR|BY\d+,2,\d+"
    rb"|BCN,\d+,N,N,N|BQN,2,\d+|FH_|FD[A-Za-z0-9 .,/_-]*|FS|GFA,\d+,\d+,\d+,[0-9A-F]*|PQ1,0,1,N)"
)


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_as_it_was_looked_at(name: str) -> None:
    """The pictures beside are a public renderer's: ``python tests/clients/raw_printers.py --write`` makes them anew."""
    assert zpl(name) == (FOLDER / f"{name}.zpl").read_bytes()


@pytest.mark.parametrize("name", [name for name in LABELS if "hostile" not in name])
def test_the_barcode_of_the_picture_is_the_serial_number(name: str) -> None:
    (found,) = zxingcpp.read_barcodes(Image.open(FOLDER / f"{name}.png").convert("L"))
    assert found.text == LABELS[name][0].serial_number


@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from(LabelKind), st.sampled_from([8, 12, 24]))
@settings(max_examples=25, deadline=None)
def test_no_text_is_ever_a_command(text: str, serial: str, kind: LabelKind, dots: int) -> None:
    data = zpl_of([Label(kind, text, text, serial, text, text, text, text, text)], Media(dots))
    assert COMMANDS.sub(b"", data) == b"\n", "nothing but commands of ours, each in its own shape"
    assert data.count(b"^XA") == data.count(b"^XZ") == 1


def test_labels_come_out_in_the_order_of_the_bays_as_people_count_them() -> None:
    bays = ["Hub 2 · 1", "Hub 1 · 10", "Hub 1 · 2", "1-1.10", "1-1.9", "", "Hub 1 · 1"]
    assert sorted(bays, key=bay_order) == ["", "1-1.9", "1-1.10", "Hub 1 · 1", "Hub 1 · 2", "Hub 1 · 10", "Hub 2 · 1"]


def test_only_what_is_ready_gets_a_label() -> None:
    def status(number: int, phase: Phase) -> SessionStatus:
        return SessionStatus(f"k{number}", Attachment(Platform.IOS, f"c{number}", f"1-{number}"), phase)

    assert ready([status(number, phase) for number, phase in enumerate(Phase)]) == [], "none of them says who it is"


def test_an_asset_label_names_nobody() -> None:
    label = Label(LabelKind.ASSET, "Force", "iPhone 15", "F2LXK0V1Q6", officer_name="Jane Doe", officer_number="P1")
    assert b"Jane" not in zpl_of([label], Media())


@pytest.mark.parametrize("name", [name for name in LABELS if "hostile" not in name])
def test_the_same_label_by_a_driver_of_the_system_has_the_same_barcode(name: str) -> None:
    label, _ = LABELS[name]
    (page,) = labels_png([label], 300)
    image = Image.open(io.BytesIO(page)).convert("L")
    width, height = SIZE[label.kind]
    assert abs(image.width - width * 300 / 25.4) < 2
    assert abs(image.height - height * 300 / 25.4) < 2
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == label.serial_number


def test_labels_by_a_driver_are_a_page_each_and_nobodys_text_a_command() -> None:
    labels = [LABELS[name][0] for name in ("asset", "asset-hostile", "asset-small")]
    assert labels_pdf(labels) == labels_pdf(labels), "equal labels, equal bytes"
    assert len(labels_png(labels, 60)) == len(labels)
