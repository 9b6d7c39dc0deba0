"""Labels for the tests; beside each lies, in ``labels``, its ZPL and what a public renderer makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from provisioning.labels.label import SIZE, Label, LabelKind
from provisioning.labels.zpl import zpl_of
from provisioning.printing.destination import Media

FOLDER = Path(__file__).parent / "labels"
FORCE = "Metropolitan Police Service"
HOSTILE = "^XZ^XA~JA^FDevil^FS_5E\x1b\x00\n>;"

LABELS: Mapping[str, tuple[Label, Media]] = {
    "asset": (Label(LabelKind.ASSET, FORCE, "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3"), Media()),
    "asset-300dpi": (Label(LabelKind.ASSET, FORCE, "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3"), Media(12)),
    "asset-training": (
        Label(LabelKind.ASSET, "Training Police", "Galaxy A54 5G", "R5CT10ABCDE", "", "Hub 1 · 12", training=True),
        Media(),
    ),
    "asset-hostile": (
        Label(LabelKind.ASSET, HOSTILE, "~HS" * 30, f"F2{HOSTILE}{'W' * 30}", "^" * 40, "\u202e" * 9), Media()
    ),
    "asset-small": (
        Label(LabelKind.ASSET, FORCE, "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3"), Media(label=(45, 25))
    ),
    "bag": (
        Label(LabelKind.BAG, FORCE, "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3", "1234567",
              "Siân Featherstonehaugh-Cholmondeley", "D4-000017"),
        Media(),
    ),
    "bag-arabic": (
        Label(LabelKind.BAG, "Heddlu Dyfed-Powys", "iPhone 15", "F2LXK0V1Q6", "MPS-104432", "Hub 1 · 3", "1234567",
              "محمد عبد الرحمن", "TD4-000017", training=True),
        Media(),
    ),
}  # fmt: skip


def zpl(name: str) -> bytes:
    """Give the bytes of a sample."""
    label, media = LABELS[name]
    return zpl_of([label], media)


def size(name: str) -> tuple[int, int]:
    """Give its width and height in millimetres."""
    label, media = LABELS[name]
    return media.label or SIZE[label.kind]
