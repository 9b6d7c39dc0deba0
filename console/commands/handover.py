"""`handover`: the counter without a window. One officer, one signature, as many items as there are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.item_words import other_item, said_of
from console.commands.people_words import declined_said, identity_check, identity_said, proxy_said, typed_said
from console.commands.pictures import signature_picture
from console.printing import require_receipt_printer
from console.receipt_paper import make_paper
from console.sealing import left_open, seal_session
from console.verdicts import absent_verdict, lines_of, verdict_of, worst
from provisioning.errors import UsageError
from provisioning.handover import (
    AlreadyOut,
    GateClosed,
    HandedOver,
    HandoverOrder,
    HandsetOrder,
    OrderedOtherwise,
    ReportedMissing,
)
from provisioning.people.officers import officer_number
from provisioning.plain_text import one_line
from provisioning.platforms import Platform
from provisioning.receipts.receipt import (
    Declined,
    IdentityEvidence,
    OfficerSignature,
    OtherItem,
    Picture,
    Proxy,
    Signed,
    Typed,
)
from provisioning.terms import HandsetTerms, terms_for, ticked
from ui.ledger_phrases import already_out, ordered_otherwise, reported_missing

_Answer = tuple[dict[str, Any], str, Exit]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(handover)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the command line says, as far as it can be read without a home."""

    serials: tuple[str, ...]
    officer: str
    stranger: str
    others: tuple[OtherItem, ...]
    permits: tuple[str, ...]
    accessories: dict[str, tuple[str, ...]]
    conditions: dict[str, tuple[str, ...]]
    terms: tuple[str, ...]
    identity: tuple[IdentityEvidence, str] | None
    proxy: tuple[str, str] | None
    signature: Picture | None
    typed: tuple[str, str] | None
    declined: str
    countersignature: Picture | None
    language: str
    override: str
    exchange: str
    remarks: str


def handover(
    context: typer.Context,
    serials: Annotated[
        list[str] | None, typer.Argument(metavar="SERIAL...", help="Serial numbers of attached handsets.")
    ] = None,
    *,
    officer: Annotated[str, typer.Option(help="Officer number of whoever receives it.")],
    signature: Annotated[Path | None, typer.Option(help="The officer's signature, PNG or SVG.")] = None,
    typed_name: Annotated[str | None, typer.Option(help="The name, typed instead of signed; with --code.")] = None,
    code: Annotated[str | None, typer.Option(help="The one-time code of the officer's authenticator.")] = None,
    declined: Annotated[
        str | None, typer.Option(help="Why the officer does not sign; then no clause is ticked.")
    ] = None,
    countersignature: Annotated[Path | None, typer.Option(help="The technician's signature, PNG or SVG.")] = None,
    item: Annotated[
        list[str] | None,
        typer.Option(help="'KIND: words; number=…; quantity=…; tag=…; condition=…; terms=…'; may be repeated."),
    ] = None,
    terms: Annotated[
        list[str] | None, typer.Option(help="A declaration for all items, or SERIAL=DECLARATION; may be repeated.")
    ] = None,
    permit: Annotated[list[str] | None, typer.Option(help="A permit that goes with it; may be repeated.")] = None,
    accessory: Annotated[list[str] | None, typer.Option(help="[SERIAL=]what goes with it; may be repeated.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="[SERIAL=]condition; may be repeated.")] = None,
    identity: Annotated[
        str | None, typer.Option(help=f"What was seen: {', '.join(IdentityEvidence)}; KIND or KIND:NUMBER.")
    ] = None,
    proxy: Annotated[str | None, typer.Option(help="Officer number of whoever collects for the officer.")] = None,
    authority: Annotated[str | None, typer.Option(help="What allows that: a reference. With --proxy.")] = None,
    language: Annotated[str, typer.Option(help="Of declaration and receipt: en-GB or cy-GB.")] = "en-GB",
    override: Annotated[str | None, typer.Option(help="Why it goes out although the order means otherwise.")] = None,
    exchange: Annotated[
        str | None, typer.Option(help="The receipt by which the handset came back that this one stands in for.")
    ] = None,
    remarks: Annotated[str | None, typer.Option(help="Anything else that is to stand on the receipt.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the receipt here as well.")] = None,
    printer: Annotated[str | None, typer.Option(help="Print the receipt on this printer.")] = None,
    not_on_roster: Annotated[str | None, typer.Option(help="Why a stranger to the roster receives it.")] = None,
    seal: Annotated[
        bool | None,
        typer.Option("--seal/--no-seal", help="Close Androids to every computer afterwards; as the policy says."),
    ] = None,
) -> None:
    """Verify afresh, hand over, make the receipt. Exit 1 or 3 where a verification is not clear: then nothing goes."""
    call = call_of(context)
    if printer is not None:
        require_receipt_printer(printer)
    wanted = tuple(dict.fromkeys(one.strip() for one in serials or ()))
    if not wanted and not item:
        raise UsageError("Say what is handed over: serial numbers of attached handsets, or --item.")
    if sum(one is not None for one in (signature, typed_name, declined)) != 1:
        raise UsageError("Give either --signature FILE, --typed-name NAME with --code, or --declined REASON.")
    wish = _Wish(
        serials=wanted,
        officer=officer_number(officer),
        stranger=one_line(not_on_roster or "", 200),
        others=tuple(other_item(text) for text in item or ()),
        permits=tuple(permit or ()),
        accessories=said_of("--accessory", accessory or (), wanted, for_all=False),
        conditions=said_of("--condition", condition or (), wanted, for_all=True),
        terms=tuple(terms or ()),
        identity=identity_said(identity),
        proxy=proxy_said(proxy, authority),
        signature=signature_picture(signature) if signature is not None else None,
        typed=typed_said(typed_name, code),
        declined=declined_said(declined),
        countersignature=signature_picture(countersignature) if countersignature is not None else None,
        language=language,
        override=one_line((override or "").strip(), 300),
        exchange=one_line((exchange or "").strip(), 40),
        remarks=one_line((remarks or "").strip(), 1000),
    )
    document, text, ended = asyncio.run(_hand_over(call, wish, pdf=pdf, printer=printer, seal=seal))
    call.answer(document, text)
    leave(ended)


async def _hand_over(call: Call, wish: _Wish, *, pdf: Path | None, printer: str | None, seal: bool | None) -> _Answer:
    home = assembly.home_at(call.home_path, call.tell)
    async with assembly.engine(home, "handover", call=call) as engine:
        roster = await asyncio.to_thread(home.roster().load)
        officer = roster.officer(wish.officer, reason=wish.stranger)
        order = HandoverOrder(
            officer,
            Declined(""),
            (),
            wish.others,
            wish.countersignature,
            identity=identity_check(wish.identity, engine.sign_in.acting()),
            proxy=Proxy(roster.officer(wish.proxy[0], reason=wish.stranger), wish.proxy[1]) if wish.proxy else None,
            remarks=wish.remarks,
            language=wish.language,
            exchange=wish.exchange,
        )
        await engine.desk.settle()
        handsets, absent = await _handsets(engine, wish)
        if absent:
            text = "Nothing was handed over.\n" + "\n".join(lines_of(one) for one in absent)
            return _refusal(absent), text, Exit.UNKNOWN
        handsets, order = await asyncio.to_thread(_agreed, engine, wish, handsets, order)
        # The code is spent last, when nothing that was typed can be wrong any more.
        order = replace(order, signature=await asyncio.to_thread(_signature, engine, wish))
        outcome = await engine.counter.hand_over(handsets, order)
        match outcome:
            case GateClosed(statuses):
                verdicts = [
                    verdict_of(status, one.effective, engine.catalogue.reference, stages=False)
                    for status in statuses
                    for one in handsets
                    if one.session.key == status.key
                ]
                some = "Nothing was handed over: of the handsets, these are not clear.\n" if len(handsets) > 1 else ""
                said = "\n".join(lines_of(one) for one in verdicts)
                return _refusal(verdicts), (some or "Not handed over.\n") + said, worst(verdicts)
            case AlreadyOut():
                return _refused(already_out(outcome))
            case ReportedMissing():
                return _refused(reported_missing(outcome))
            case OrderedOtherwise():
                return _refused(f"{ordered_otherwise(outcome)} (--override REASON)")
            case HandedOver():
                answer, text, ended = await _paper(engine, call, outcome, pdf, printer)
                return await _sealed(engine, handsets, seal, (answer, text, ended))


async def _sealed(engine: assembly.Engine, handsets: list[HandsetOrder], wanted: bool | None, done: _Answer) -> _Answer:
    """Close what is to be closed, and say what stays open; ``wanted`` None leaves it to each handset's policy."""
    answer, text, ended = done

    async def seal(one: HandsetOrder) -> tuple[bool, bool, str]:
        """Give whether it was to be closed, whether it stays open, and the sentence for it."""
        android = one.session.status().attachment.platform is Platform.ANDROID
        if wanted if wanted is not None else android and one.effective.orders.seal_at_handover:
            _, sealed, said = await seal_session(engine, one.session, one.effective)
            return True, sealed is False, said
        said = left_open(one.session, one.effective)
        return False, bool(said), said

    # All at once: until a sealed handset is known to be gone a minute may pass.
    ends = await asyncio.gather(*(seal(one) for one in handsets))
    told = [said for _, _, said in ends if said]
    if told:
        answer |= {"sealed": not any(stays_open for _, stays_open, _ in ends), "seal": " ".join(told)}
    if any(to_be_closed and stays_open for to_be_closed, stays_open, _ in ends):
        ended = Exit.UNKNOWN
    return answer, "\n".join([text, *told]), ended


async def _handsets(engine: assembly.Engine, wish: _Wish) -> tuple[list[HandsetOrder], list[dict[str, Any]]]:
    """Find every handset and compile its policy for this officer; the second list has verdicts of those not here."""
    found: list[HandsetOrder] = []
    absent: list[dict[str, Any]] = []
    for serial in wish.serials:
        policy = await asyncio.to_thread(engine.counter.policy_of, serial, engine.settings.policy)
        effective = await asyncio.to_thread(engine.counter.effective, policy, wish.officer, wish.permits, (serial,))
        session = engine.desk.find(serial)
        if session is None:
            why = " ".join(engine.desk.lost.values()) or "It is not attached, or not trusted. Plug it in and unlock it."
            absent.append(absent_verdict(one_line(serial, 40), why, effective, engine.catalogue.reference))
            continue
        found.append(
            HandsetOrder(
                session,
                effective,
                condition="; ".join(wish.conditions[serial]),
                accessories=wish.accessories[serial],
                override=wish.override,
            )
        )
    return found, absent


def _agreed(
    engine: assembly.Engine, wish: _Wish, handsets: list[HandsetOrder], order: HandoverOrder
) -> tuple[list[HandsetOrder], HandoverOrder]:
    """Put declarations and items together. Whoever signs has ticked all clauses, whoever does not has ticked none."""
    own = {one.partition("=")[0].strip(): one.partition("=")[2].strip() for one in wish.terms if "=" in one}
    if strange := own.keys() - set(wish.serials):
        raise UsageError(f"--terms names {one_line(min(strange), 40)}, which is not handed over. Check it.")
    terms = terms_for(
        [
            HandsetTerms(one.effective.reference.name, one.effective.declaration, own.get(serial, ""))
            for serial, one in zip(wish.serials, handsets, strict=True)
        ],
        wish.others,
        wish.language,
        for_all=[one for one in wish.terms if "=" not in one],
        folders=(engine.home.declarations_folder,),
    )
    on_terms = [replace(one, terms=own_terms) for one, own_terms in zip(handsets, terms.of_handsets, strict=True)]
    others = tuple(replace(one, terms=own_terms) for one, own_terms in zip(wish.others, terms.of_others, strict=True))
    return on_terms, replace(order, declarations=ticked(terms, {} if wish.declined else None), others=others)


def _signature(engine: assembly.Engine, wish: _Wish) -> OfficerSignature:
    if wish.signature is not None:
        return Signed(wish.signature)
    if wish.typed is None:
        return Declined(wish.declined)
    name, code = wish.typed
    signer = wish.proxy[0] if wish.proxy else wish.officer
    return Typed(name, engine.home.authenticators().confirm(signer, code))


async def _paper(
    engine: assembly.Engine, call: Call, done: HandedOver, pdf: Path | None, printer: str | None
) -> _Answer:
    receipt, entry = done.receipt, done.entry
    answer: dict[str, Any] = {
        "handed_over": True, "receipt": receipt.number, "entry": entry.number, "officer": receipt.officer.number,
        "items": [item.identifier or item.name for item in receipt.items], "exchange": receipt.exchange or None,
        "training": receipt.training,
    }  # fmt: skip
    paper, lines, ended = await asyncio.to_thread(
        make_paper, call, engine.home, engine.ledger, receipt, engine.sign_in.acting(), pdf, printer
    )
    if ended is Exit.CLEAR:
        engine.counter.paper_made(done)
    said = f"Receipt {receipt.number}: handed over to officer {receipt.officer.number}, ledger entry {entry.number}."
    return answer | paper, "\n".join([said, *lines]), ended


def _refusal(verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"handed_over": False, "verdict": verdicts[0], "verdicts": verdicts}


def _refused(sentence: str) -> _Answer:
    return {"handed_over": False, "error": sentence}, sentence, Exit.USAGE
