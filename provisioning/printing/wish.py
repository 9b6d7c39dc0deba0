"""What a job is to print, as the queue keeps it: a reference to a receipt, labels, or the text of a report's pages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeAlias

from provisioning.errors import HomeError
from provisioning.home.vault import Vault
from provisioning.labels.label import Label, LabelKind
from provisioning.receipts.form import Copy, Form, Paper
from provisioning.receipts.typesetting import Page

_PIECE = "print-job"


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """A receipt, by its number: the paper is made from the ledger when its turn has come."""

    number: str
    paper: Paper


@dataclass(frozen=True, slots=True)
class LabelsWish:
    """Labels, in the order in which they come out."""

    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class PagesWish:
    """A report as it was when it was ordered: its template with what stands on it, ``moment`` in seconds since 1970."""

    template: str
    page: Page
    moment: int


Wish: TypeAlias = ReceiptWish | LabelsWish | PagesWish


def sealed_wish(vault: Vault, wish: Wish) -> bytes:
    """Give what the queue keeps: nobody reads from it whose name is on a label."""
    content: dict[str, Any]
    match wish:
        case ReceiptWish(number, paper):
            copy = paper.copy
            content = {"receipt": number, "form": paper.form}
            if copy is not None:
                content["copy"] = asdict(copy) | {"time": copy.time.isoformat()}
        case LabelsWish(labels):
            content = {"labels": [asdict(label) for label in labels]}
        case PagesWish(template, page, moment):
            content = {"template": template, "page": dict(page), "moment": moment}
    return vault.seal(_PIECE, json.dumps(content, ensure_ascii=False).encode("utf-8"))


def opened_wish(vault: Vault, sealed: bytes) -> Wish:
    """Read what :func:`sealed_wish` gave. Raises HomeError where it is damaged."""
    try:
        content: dict[str, Any] = json.loads(vault.open(_PIECE, sealed))
        if "labels" in content:
            return LabelsWish(tuple(Label(**one | {"kind": LabelKind(one["kind"])}) for one in content["labels"]))
        if "template" in content:
            return PagesWish(str(content["template"]), dict(content["page"]), int(content["moment"]))
        copy = content.get("copy")
        made = Copy(**copy | {"time": datetime.fromisoformat(copy["time"])}) if copy else None
        return ReceiptWish(content["receipt"], Paper(Form(content["form"]), made))
    except (ValueError, TypeError, KeyError) as error:
        raise HomeError("A print job is damaged. Cancel it and print the document anew.") from error
