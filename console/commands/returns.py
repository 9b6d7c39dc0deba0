"""`return` and `hold`: the way back by commands, and what is kept as evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import call_of, leave, table
from console.commands.item_words import other_item
from console.commands.people_words import identity_check, identity_said, proxy_said, typed_said
from console.commands.pictures import signature_picture
from console.duty import acting
from console.printing import require_receipt_printer
from console.receipt_paper import make_paper
from provisioning.errors import UsageError
from provisioning.ledger.entry import EntryKind
from provisioning.people.officers import officer_number
from provisioning.people.roster import Roster
from provisioning.plain_text import one_line
from provisioning.receipts.coming_back import NextState
from provisioning.receipts.receipt import (
    Declined,
    HandsetItem,
    IdentityEvidence,
    Officer,
    OfficerSignature,
    Proxy,
    ReturnReason,
    Signed,
    Typed,
)

NOT_SIGNED = "not signed at the desk"
hold_app = typer.Typer(help="Handsets kept as evidence: not erased, not issued, not worked on.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("return")(take_back)
    app.add_typer(hold_app, name="hold")


def take_back(
    context: typer.Context,
    serials: Annotated[
        list[str] | None, typer.Argument(metavar="SERIAL…", help="Serial numbers of the handsets.")
    ] = None,
    *,
    officer: Annotated[str, typer.Option(help="Officer number of whoever gives them back or reports them.")],
    reason: Annotated[str, typer.Option(help="returned, exchange, lost, stolen, damaged or recalled.")],
    item: Annotated[
        list[str] | None, typer.Option(help="What else comes back: 'KIND: words; number=…; condition=…'. Repeatable.")
    ] = None,
    signature: Annotated[Path | None, typer.Option(help="The officer's signature, PNG or SVG.")] = None,
    typed_name: Annotated[str | None, typer.Option(help="The name, typed instead of signed; with --code.")] = None,
    code: Annotated[str | None, typer.Option(help="The one-time code of the signer's authenticator.")] = None,
    declined: Annotated[str | None, typer.Option(help="Why nobody signs.")] = None,
    countersignature: Annotated[Path | None, typer.Option(help="The technician's signature, PNG or SVG.")] = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="In what condition; SERIAL=TEXT for one of several. Repeatable.")
    ] = None,
    next_state: Annotated[
        list[str] | None,
        typer.Option("--next", help="re-issue, repair, evidence-hold or dispose; SERIAL=STATE for one. Repeatable."),
    ] = None,
    accessory: Annotated[
        list[str] | None, typer.Option(help="What came with it; SERIAL=TEXT for one of several. Repeatable.")
    ] = None,
    not_back: Annotated[
        list[str] | None, typer.Option(help="What went out with it and did not come; SERIAL=TEXT for one. Repeatable.")
    ] = None,
    identity: Annotated[
        str | None, typer.Option(help=f"What was seen: {', '.join(IdentityEvidence)}; KIND or KIND:NUMBER.")
    ] = None,
    proxy: Annotated[
        str | None, typer.Option(help="Officer number of whoever brings it in the officer's place.")
    ] = None,
    authority: Annotated[str | None, typer.Option(help="What allows the proxy to; goes with --proxy.")] = None,
    reference: Annotated[str, typer.Option(help="Crime, exhibit or ticket number.")] = "",
    never_issued: Annotated[str, typer.Option(help="Why a handset that was never issued here is taken in.")] = "",
    exchange: Annotated[str, typer.Option(help="The receipt for what was given in its stead before.")] = "",
    language: Annotated[str, typer.Option(help="Of declaration and receipt: en-GB or cy-GB.")] = "en-GB",
    pdf: Annotated[Path | None, typer.Option(help="Write the receipt here as well.")] = None,
    printer: Annotated[str | None, typer.Option(help="Print the receipt on this printer.")] = None,
) -> None:
    """Book that handsets came back, or what became of them, and make the receipt."""
    from provisioning.return_reasons import ReturnedHandset
    from provisioning.return_terms import return_terms
    from provisioning.returns import ReturnOrder
    from provisioning.returns import take_back as book
    from provisioning.terms import ticked

    call = call_of(context)
    if reason not in set(ReturnReason):
        raise UsageError(f"“{one_line(reason, 20)}” is no reason: choose {', '.join(ReturnReason)}.")
    why = ReturnReason(reason)
    if printer is not None:
        require_receipt_printer(printer)
    brings, seen = proxy_said(proxy, authority), identity_said(identity)
    named = [one_line(serial.strip(), 40) for serial in dict.fromkeys(serials or ())]
    others = tuple(other_item(text) for text in item or ())
    if not named and not others:
        raise UsageError("Say what comes back: serial numbers of handsets, or --item.")
    conditions, states = _each(named, condition, 400), _each(named, next_state, 40)
    came_with, lacking = _each(named, accessory, 80), _each(named, not_back, 80)
    typed = typed_said(typed_name, code)
    if sum(one is not None for one in (signature, typed, declined)) > 1:
        raise UsageError("Give either --signature FILE, --typed-name NAME with --code, or --declined REASON.")
    signed: OfficerSignature = (
        Signed(signature_picture(signature))
        if signature
        else Declined(one_line((declined or "").strip(), 200) or NOT_SIGNED)
    )
    home = assembly.home_at(call.home_path, call.tell)
    roster = home.roster().load()
    handsets = [
        ReturnedHandset(one, " ".join(conditions[one]), tuple(came_with[one]), _state(states[one]), tuple(lacking[one]))
        for one in named
    ]
    terms = return_terms(handsets, len(others), why, language, folders=(home.declarations_folder,))
    order = ReturnOrder(
        officer=_giver(roster, officer),
        reason=why,
        signature=signed,
        handsets=tuple(replace(one, terms=own) for one, own in zip(handsets, terms.of_handsets, strict=True)),
        others=tuple(replace(one, terms=own) for one, own in zip(others, terms.of_others, strict=True)),
        # Who signed nothing declared nothing.
        declarations=ticked(terms) if signature or typed else (),
        countersignature=signature_picture(countersignature) if countersignature else None,
        proxy=Proxy(_giver(roster, brings[0]), brings[1]) if brings else None,
        reference=one_line(reference.strip(), 80),
        unissued=one_line(never_issued.strip(), 200),
        exchange=one_line(exchange.strip(), 40),
        language=language,
    )
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        order = replace(order, identity=identity_check(seen, technician))
        if typed is not None:
            # The code is spent last, when nothing that was typed can be wrong any more.
            signer = order.proxy.officer.number if order.proxy else order.officer.number
            order = replace(order, signature=Typed(typed[0], home.authenticators().confirm(signer, typed[1])))
        done = book(home, ledger, order, technician)
        receipt = done.receipt
        paper, lines, ended = make_paper(call, home, ledger, receipt, technician, pdf, printer)
    items = [_item(one) for one in receipt.handsets]
    answer: dict[str, Any] = {
        "returned": True, "serial_number": items[0]["serial_number"] if items else None, "reason": reason,
        "receipt": receipt.number, "entry": done.entry.number, "officer": receipt.officer.number,
        "next": done.next_state, "remarks": list(done.remarks), "items": items,
        "others": [one.identifier or str(one.what) for one in order.others], "exchange": receipt.exchange or None,
        "training": receipt.training, **paper,
    }  # fmt: skip
    ahead = f" Next: {done.next_state}." if done.next_state else ""
    said = [f"Receipt {receipt.number}: {reason}, ledger entry {done.entry.number}.{ahead}"]
    said += [f"  {one['serial_number']}: {one['sentence']}" for one in items]
    if why is ReturnReason.EXCHANGE and not receipt.exchange:
        said.append(f"Hand over what stands in for it with --exchange {receipt.number}.")
    call.answer(answer, "\n".join([*said, *done.remarks, *lines]))
    leave(ended)


@hold_app.command("add")
def hold(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(help="Serial number of the handset.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    reference: Annotated[str, typer.Option(help="Crime or exhibit number.")] = "",
) -> None:
    """Keep a handset as evidence from now on: it is not erased, issued or worked on."""
    _book_hold(context, EntryKind.EVIDENCE_HELD, serial, reason, reference)


@hold_app.command()
def release(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(help="Serial number of the handset.")],
    reason: Annotated[str, typer.Option(help="Why, and on whose word.")],
    reference: Annotated[str, typer.Option(help="Reference of the release.")] = "",
) -> None:
    """Release a handset from evidence; it can be erased and issued again."""
    _book_hold(context, EntryKind.EVIDENCE_RELEASED, serial, reason, reference)


@hold_app.command("list")
def list_holds(context: typer.Context) -> None:
    """List the handsets kept as evidence."""
    from provisioning.noticing import held_now

    call = call_of(context)
    with assembly.ledger_home(call.home_path, None).read_ledger() as ledger:
        held = held_now(ledger)
    document = [
        {"serial_number": serial, "since": one.since, "reason": one.reason, "reference": one.reference or None}
        for serial, one in held.items()
    ]
    rows = [(one_line(serial, 40), one.since, one_line(one.reason, 60), one.reference) for serial, one in held.items()]
    heads = ("Handset", "Since", "Why", "Reference")
    call.answer(document, table(rows, heads) if rows else "Nothing is kept as evidence.")


def _book_hold(context: typer.Context, kind: EntryKind, serial: str, reason: str, reference: str) -> None:
    from provisioning.noticing import require_change_of_hold

    call = call_of(context)
    why = one_line(reason.strip(), 300)
    if not why:
        raise UsageError("Say why.")
    home = assembly.home_at(call.home_path, call.tell)
    body = {"reason": why, "reference": one_line(reference.strip(), 80)}
    holds = kind == EntryKind.EVIDENCE_HELD
    with home.open_ledger() as ledger:
        technician = acting(call, home, ledger)
        named = one_line(serial, 40)
        entry = ledger.append(
            kind, named, lambda draft: require_change_of_hold(draft, named, holds=holds) or body, technician=technician
        )
    said = "is kept as evidence: it is not erased, issued or worked on" if holds else "is released from evidence"
    document = {"serial_number": named, "held": holds, "entry": entry.number, **body}
    call.answer(document, f"{named} {said} (ledger entry {entry.number}).")


def _each(named: Sequence[str], told: Sequence[str] | None, limit: int) -> Mapping[str, list[str]]:
    """Sort what was told by handset: ``SERIAL=TEXT`` is about one, anything else about all."""
    found: dict[str, list[str]] = {serial: [] for serial in named}
    for text in told or ():
        serial, sign, rest = text.partition("=")
        for one in [serial] if sign and serial in found else named:
            found[one].append(one_line((rest if sign and serial in found else text).strip(), limit))
    return found


def _state(told: Sequence[str]) -> NextState | None:
    if not told:
        return None
    if told[-1] not in set(NextState) - {NextState.MISSING}:
        states = ", ".join(one for one in NextState if one is not NextState.MISSING)
        raise UsageError(f"“{one_line(told[-1], 20)}” is nothing that can become of a handset: choose {states}.")
    return NextState(told[-1])


def _giver(roster: Roster, number: str) -> Officer:
    # Somebody who has left is off the roster and still gives a handset back.
    return replace(roster.officer(officer_number(number), reason="gives back"), roster_reason="")


def _item(item: HandsetItem) -> dict[str, Any]:
    from provisioning.return_reasons import WHAT_NEXT

    assert item.back is not None, "a return says how each handset came back"
    proof = item.back.erased
    erased = (
        {"entry": proof.entry, "time": proof.time.isoformat(), "by": proof.by, "sha256": proof.sha256,
         "by_this_desk": proof.ordered}
        if proof else None
    )  # fmt: skip
    shown = f"erased, ledger entry {proof.entry}" if proof else "not erased"
    return {
        "serial_number": item.serial_number, "next": str(item.back.after), "issued_by": item.back.issued_by or None,
        "holder": item.back.holder or None, "condition": item.condition,
        "accessories": list(item.accessories), "not_back": list(item.back.lacks), "erased": erased,
        "sentence": f"{WHAT_NEXT[item.back.after]}; {shown}.",
    }  # fmt: skip
