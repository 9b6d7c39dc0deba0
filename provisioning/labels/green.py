"""Labels from the books: for handsets that are green by the ledger, and for what is on a receipt."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.batches.batch_folder import BatchFolder
from provisioning.home.home import Home
from provisioning.labels.label import Label, LabelKind, bay_order
from provisioning.ledger.entry import EntryKind
from provisioning.ledger.ledger import Ledger
from provisioning.receipts.receipt import HandsetItem, Receipt, ReceiptKind
from provisioning.verification.judgement import Verdict

_TURNS = (
    EntryKind.ENROLLED, EntryKind.APPLIED, EntryKind.VERIFIED, EntryKind.STOPPED, EntryKind.HANDED_OVER,
    EntryKind.RETURNED, EntryKind.ERASED,
)  # fmt: skip
"""What changes how a handset stands; the last of these tells."""


def is_green(ledger: Ledger, serial: str) -> bool:
    """Tell whether the last thing that became of a handset, by the ledger, is a clear verification."""
    last = ledger.entries(serial=serial, kind=_TURNS, newest_first=True, limit=1)
    return bool(last) and last[0].kind == EntryKind.VERIFIED and last[0].body.get("verdict") == str(Verdict.CLEAR)


class LabelWriter:
    """Writes the labels of one home's handsets."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._batches = BatchFolder(home.path)

    def label(self, kind: LabelKind, serial: str, model_name: str, bay: str, *, ordered_for: str = "") -> Label:
        """Give the label of one handset; its asset tag, and for a bag its officer, are those of its batch.

        ``ordered_for`` is the officer whom an order means it for, where its batch names none.
        """
        line = self._batches.find(serial)
        officer = (line.officer if line is not None and line.officer else ordered_for) if kind is LabelKind.BAG else ""
        listed = self._home.roster().load().officers.get(officer) if officer else None
        return Label(
            kind=kind,
            organisation=self._home.identity.organisation_name,
            model_name=model_name,
            serial_number=serial,
            asset_tag=line.asset_tag if line is not None else "",
            bay=bay,
            officer_number=officer,
            officer_name=listed.name if listed is not None else "",
            training=self._home.training,
        )

    def of_receipt(self, kind: LabelKind, receipt: Receipt) -> list[Label]:
        """Give a label for each handset that was handed over clear by a receipt, in the order of their bays."""
        if receipt.kind is not ReceiptKind.HANDOVER:
            return []
        bag = kind is LabelKind.BAG
        clear = [item for item in receipt.handsets if item.check is not None and item.check.verdict is Verdict.CLEAR]
        return [
            Label(
                kind=kind,
                organisation=receipt.organisation,
                model_name=item.model_name,
                serial_number=item.serial_number,
                asset_tag=item.asset_tag or "",
                bay=item.bay or "",
                officer_number=receipt.officer.number if bag else "",
                officer_name=(receipt.officer.name or "") if bag else "",
                receipt=receipt.number if bag else "",
                training=receipt.training,
            )
            for item in _by_bay(clear)
        ]


def _by_bay(items: Iterable[HandsetItem]) -> list[HandsetItem]:
    return sorted(items, key=lambda item: bay_order(item.bay or ""))
