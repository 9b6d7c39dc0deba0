"""Ledger entries and refusals of the ledger, each in one short sentence. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from provisioning.handover import AlreadyOut, OrderedOtherwise, ReportedMissing
from provisioning.ledger.entry import Entry, EntryKind
from provisioning.plain_text import one_line
from provisioning.return_reasons import reason_in
from ui.batch_phrases import batch_entry, stopped_sentence


def already_out(outcome: AlreadyOut) -> str:
    """Say that an item cannot be handed over because the ledger has it in somebody's hands."""
    item, receipt = one_line(outcome.serial_number, 40), one_line(outcome.receipt, 40)
    return (
        f"{item} is already out: officer {one_line(outcome.officer, 40)} has it by receipt {receipt}. "
        "Take it back first, then hand it over."
    )


def reported_missing(outcome: ReportedMissing) -> str:
    """Say that a handset that was reported lost or stolen lies here and is not to be issued."""
    item, receipt = one_line(outcome.serial_number, 40), one_line(outcome.receipt, 40)
    return (
        f"{item} was reported {outcome.reason} by receipt {receipt} and lies here. Keep it and tell a supervisor; "
        "book that it was found with “issuing-desk return … --reason returned”."
    )


def ordered_otherwise(outcome: OrderedOtherwise) -> str:
    """Say that the order means another officer, or another handset for this one."""
    order, serial = outcome.order, one_line(outcome.serial_number, 40)
    by = f" by order {one_line(order.reference, 40)}" if order.reference else ""
    if order.officer or order.team:
        whom = f"officer {one_line(order.officer, 40)}" if order.officer else one_line(order.team, 60)
        meant = f"{serial} is meant{by} for {whom}."
        if order.model:
            meant = (
                f"{serial} is the last {one_line(order.model, 40)} that is ready, and {whom} still waits for one{by}."
            )
    else:
        what = ", ".join(one_line(word, 40) for word in (order.serial_number, order.model) if word)
        meant = f"This officer has an open order{by} for {what}, not for {serial}."
    return f"{meant} Nothing was handed over. Take the right one, or say why it goes out all the same."


def entry_sentence(entry: Entry) -> str:
    """Say a ledger entry in one short sentence for the list."""
    body = entry.body
    match entry.kind:
        case EntryKind.HOME_CREATED:
            return f"The ledger of {one_line(str(body.get('desk_name', 'this desk')), 60)} began."
        case EntryKind.IDENTIFIED:
            model, system = body.get("model_name") or body.get("model"), body.get("os_version")
            return f"Seen: {one_line(str(model), 40)}, system {one_line(str(system), 20)}."
        case EntryKind.ENROLLED:
            return f"Enrolled: managed by {one_line(str(body.get('organisation') or 'us'), 60)}."
        case EntryKind.APPLIED:
            return f"Policy in force: {_policy_named(body)}."
        case EntryKind.VERIFIED:
            verdict = str(body.get("verdict", "")).replace("_", " ")
            return f"Verified under {_policy_named(body)}: {one_line(verdict, 20)}."
        case EntryKind.STOPPED:
            return stopped_sentence(entry.subject or "", body, None)
        case EntryKind.WALKED:
            return (
                f"Its walk ended {one_line(str(body.get('end')), 20)} after {one_line(str(body.get('seconds')), 12)} s."
            )
        case EntryKind.BATCH_IMPORTED | EntryKind.BATCH_OPENED | EntryKind.BATCH_CLOSED | EntryKind.ORDERS_IMPORTED:
            return batch_entry(entry.kind, body)
        case EntryKind.HANDED_OVER:
            return f"Handed over to officer {one_line(entry.officer or '–', 40)}."
        case EntryKind.ITEM_HANDED_OVER:
            return f"Item handed over to officer {one_line(entry.officer or '–', 40)}."
        case EntryKind.ITEM_RETURNED:
            return f"Item came back from officer {one_line(entry.officer or '–', 40)}."
        case EntryKind.RETURNED:
            return f"Came back: {reason_in(body)}."
        case EntryKind.PERMIT_ADDED | EntryKind.PERMIT_REVOKED:
            done = "given" if entry.kind == EntryKind.PERMIT_ADDED else "revoked"
            return f"Permit {one_line(str(body.get('permit')), 40)} {done}."
        case EntryKind.OFFICER_RECALLED:
            return (
                f"Officer {one_line(entry.officer or '–', 40)} {one_line(str(body.get('cause')), 20)}: all called back."
            )
        case EntryKind.OFFICER_REINSTATED:
            return f"Officer {one_line(entry.officer or '–', 40)} reinstated."
        case EntryKind.EVIDENCE_HELD:
            return f"Kept as evidence: {one_line(str(body.get('reason', '–')), 80)}."
        case EntryKind.EVIDENCE_RELEASED:
            return f"Released from evidence: {one_line(str(body.get('reason', '–')), 80)}."
        case EntryKind.VIEWED:
            of = f" of officer {one_line(str(body['of_officer']), 40)}" if body.get("of_officer") else ""
            return f"Personal details{of} were looked at ({one_line(str(body.get('look')), 30)})."
        case EntryKind.LEGAL_HOLD_SET | EntryKind.LEGAL_HOLD_ENDED:
            done = "placed" if entry.kind == EntryKind.LEGAL_HOLD_SET else "lifted"
            return f"Legal hold {one_line(str(body.get('hold')), 30)} {done}."
        case EntryKind.LAWFULLY_ERASED | EntryKind.ERASURE_APPLIED:
            return f"Personal details lawfully erased: {one_line(str(body.get('rule')), 80)}."
        case EntryKind.SIGNED_IN | EntryKind.SIGNED_OUT:
            return f"{_technician(body)} signed {'in' if entry.kind == EntryKind.SIGNED_IN else 'out'}."
        case EntryKind.SIGN_IN_FAILED:
            who = _technician(body) if body.get("technician") else "somebody whose name is not known here"
            return f"A wrong PIN or name: {who} did not sign in."
        case EntryKind.TECHNICIAN_REGISTERED:
            return f"{_technician(body)} works at this desk from now on."
        case EntryKind.TECHNICIAN_PIN_SET:
            return f"PIN of {_technician(body)} {one_line(str(body.get('how')), 40)}."
        case EntryKind.TECHNICIAN_DISABLED:
            return f"{_technician(body)} no longer works at this desk."
        case _:
            return f"{entry.kind.replace('_', ' ').capitalize()}."


def _technician(body: Mapping[str, object]) -> str:
    return one_line(str(body.get("technician")), 60)


def _policy_named(body: Mapping[str, object]) -> str:
    policy = body.get("policy")
    if isinstance(policy, Mapping):
        named = cast("Mapping[str, object]", policy)
        return f"{one_line(str(named.get('name')), 40)} {one_line(str(named.get('version')), 20)}"
    return "a policy"
