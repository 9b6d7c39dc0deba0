"""`handover` and `receipt`: the counter without a window, and the paper that comes of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.pictures import signature_picture
from console.commands.short_codes import short_answer
from console.printing import print_first, require_receipt_printer, tell_template
from console.sealing import left_open, seal_session
from console.verdicts import absent_verdict, lines_of, verdict_of, worst
from provisioning.counter import HANDOVER
from provisioning.errors import FileError, UsageError
from provisioning.files import write_copy, write_file
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
from provisioning.receipts.code_reading import CodeReading
from provisioning.receipts.form import Form, Paper
from provisioning.receipts.parts import receipt_in_ledger
from provisioning.receipts.reading import PdfReading
from provisioning.receipts.receipt import SAFE, Declined, OfficerSignature, Picture, Receipt, Signed
from provisioning.receipts.short_check import ShortReading
from provisioning.receipts.short_code import heard_code
from provisioning.signatures import DeskPublicKey
from ui.ledger_phrases import already_out, ordered_otherwise, reported_missing

receipt_app = typer.Typer(help="Receipts: make the paper again, or check one.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(handover)
    app.add_typer(receipt_app, name="receipt")


def handover(
    context: typer.Context,
    serial: Annotated[str, typer.Argument(help="Serial number of the attached handset.")],
    officer: Annotated[str, typer.Option(help="Officer number of whoever receives it.")],
    *,
    signature: Annotated[Path | None, typer.Option(help="The officer's signature, PNG or SVG.")] = None,
    declined: Annotated[str | None, typer.Option(help="Why the officer does not sign.")] = None,
    countersignature: Annotated[Path | None, typer.Option(help="The technician's signature, PNG or SVG.")] = None,
    permit: Annotated[list[str] | None, typer.Option(help="A permit that goes with it; may be repeated.")] = None,
    accessory: Annotated[list[str] | None, typer.Option(help="What goes with it; may be repeated.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the receipt here as well.")] = None,
    printer: Annotated[str | None, typer.Option(help="Print the receipt on this printer.")] = None,
    not_on_roster: Annotated[str | None, typer.Option(help="Why a stranger to the roster receives it.")] = None,
    seal: Annotated[
        bool | None,
        typer.Option("--seal/--no-seal", help="Close an Android to every computer afterwards; as the policy says."),
    ] = None,
) -> None:
    """Verify afresh, hand over, make the receipt. Exit 1 or 3 where the verification is not clear."""
    call = call_of(context)
    if printer is not None:
        require_receipt_printer(printer)
    number, stranger = officer_number(officer), one_line(not_on_roster or "", 200)
    signed = _signature(signature, declined)
    desk_signed = signature_picture(countersignature) if countersignature is not None else None
    accessories = tuple(one_line(text, 80) for text in accessory or ())
    document, text, code = asyncio.run(
        _hand_over(call, serial, number, signed, stranger=stranger, permits=tuple(permit or ()),
                   accessories=accessories, pdf=pdf, printer=printer, seal=seal, countersignature=desk_signed)
    )  # fmt: skip
    call.answer(document, text)
    leave(code)


@receipt_app.command("pdf")
def receipt_to_pdf(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    form: Annotated[Form, typer.Option(help="Whose copy, on which paper.")] = Form.OFFICER,
) -> None:
    """Make a receipt's PDF again from the ledger: the same bytes, so it is the original and needs no reason."""
    from provisioning.paper import receipt_pdf

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.read_ledger() as ledger:
        receipt = receipt_in_ledger(ledger, number)
    write_copy(file, receipt_pdf(home, receipt, Paper(form)), SAFE)
    tell_template(call, home)
    call.answer({"receipt": receipt.number, "file": str(file)}, f"Receipt {receipt.number} is in {file}.")


@receipt_app.command()
def verify(
    context: typer.Context,
    code: Annotated[str | None, typer.Option(help="The code's text, beginning with HV1:, or the short code.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="The receipt's PDF.")] = None,
    key: Annotated[Path | None, typer.Option(help="The desk's public key (desk.pub); this home's if left out.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="For a short code: the home, or the exported ledger, that has the receipt.")
    ] = None,
) -> None:
    """Check a receipt offline with the desk's public key alone. Exit 4 where it is not genuine."""
    from provisioning.receipts.reading import read_pdf, verify_pdf
    from provisioning.receipts.receipt_code import verify_code

    call = call_of(context)
    if (code is None) == (pdf is None):
        raise UsageError("Give either --code TEXT or --pdf FILE.")
    public = _public_key(call, key)
    if code is not None and heard_code(code) is not None:
        heard, document = short_answer(call, code, public, ledger)
        _tell_reading(call, heard, document)
        return
    if code is not None:
        reading = verify_code(code, public)
        facts = reading.facts
    else:
        assert pdf is not None, "one of the two was given"
        reading = verify_pdf(read_pdf(pdf), public)
        facts = reading.code.facts if reading.code else None
    document = {"ok": reading.genuine, "sentence": reading.sentence}
    if facts is not None:
        document |= {
            "receipt": facts.receipt, "issued": facts.issued.isoformat(), "kind": str(facts.kind), "desk": facts.desk,
            "officer": facts.officer, "training": facts.training, "entry": facts.entry,
            "items": [
                {"serial_number": item.serial_number, "imei": item.imei,
                 "verdict": str(item.verdict) if item.verdict else None}
                for item in facts.items
            ],
            "item_count": facts.item_count, "sha256": facts.digest,
        }  # fmt: skip
    document |= {"proves": list(reading.proves), "does_not_prove": list(reading.does_not_prove)}
    _tell_reading(call, reading, document)


def _tell_reading(call: Call, reading: CodeReading | PdfReading | ShortReading, document: dict[str, Any]) -> None:
    lines = [reading.sentence]
    lines += [f"  It proves: {line}" for line in reading.proves]
    lines += [f"  It does not prove: {line}" for line in reading.does_not_prove]
    call.answer(document, "\n".join(lines))
    leave(Exit.CLEAR if reading.genuine else Exit.IN_DOUBT)


async def _hand_over(
    call: Call,
    serial: str,
    number: str,
    signature: OfficerSignature,
    *,
    stranger: str,
    permits: tuple[str, ...],
    accessories: tuple[str, ...],
    pdf: Path | None,
    printer: str | None,
    seal: bool | None,
    countersignature: Picture | None,
) -> tuple[dict[str, Any], str, Exit]:
    from provisioning.receipts.declaration import load_declaration

    home = assembly.home_at(call.home_path, call.tell)
    officer = (await asyncio.to_thread(home.roster().load)).officer(number, reason=stranger)
    async with assembly.engine(home, "handover", call=call) as engine:
        policy = await asyncio.to_thread(engine.counter.policy_of, serial, engine.settings.policy)
        effective = await asyncio.to_thread(engine.counter.effective, policy, officer.number, permits, (serial,))
        await engine.desk.settle()
        session = engine.desk.find(serial)
        if session is None:
            why = " ".join(engine.desk.lost.values()) or "It is not attached, or not trusted. Plug it in and unlock it."
            verdict = absent_verdict(one_line(serial, 40), why, effective, engine.catalogue.reference)
            return {"handed_over": False, "verdict": verdict}, lines_of(verdict), Exit.UNKNOWN
        declared = load_declaration(HANDOVER).under_policy(effective.declaration).declared()
        order = HandoverOrder(officer, signature, (declared,), countersignature=countersignature)
        handset = HandsetOrder(session, effective, accessories=accessories)
        outcome = await engine.counter.hand_over([handset], order)
        match outcome:
            case GateClosed(statuses):
                verdict = verdict_of(statuses[0], effective, engine.catalogue.reference, stages=False)
                text = "Not handed over.\n" + lines_of(verdict)
                return {"handed_over": False, "verdict": verdict}, text, worst([verdict])
            case AlreadyOut():
                sentence = already_out(outcome)
                return {"handed_over": False, "error": sentence}, sentence, Exit.USAGE
            case ReportedMissing():
                sentence = reported_missing(outcome)
                return {"handed_over": False, "error": sentence}, sentence, Exit.USAGE
            case OrderedOtherwise():
                sentence = ordered_otherwise(outcome)
                return {"handed_over": False, "error": sentence}, sentence, Exit.USAGE
            case HandedOver(receipt, entry):
                answer, text, code = await _paper(engine, receipt, entry.number, pdf, printer)
                if seal is None:
                    android = session.status().attachment.platform is Platform.ANDROID
                    seal = android and effective.orders.seal_at_handover
                if not seal:
                    said = left_open(session, effective)
                    return answer | ({"sealed": False, "seal": said} if said else {}), f"{text}\n{said}".strip(), code
                _, sealed, said = await seal_session(engine, session, effective)
                answer |= {"sealed": sealed, "seal": said}
                return answer, f"{text}\n{said}", Exit.UNKNOWN if sealed is False else code


async def _paper(
    engine: assembly.Engine, receipt: Receipt, entry: int, pdf: Path | None, printer: str | None
) -> tuple[dict[str, Any], str, Exit]:
    """Make the paper of what is in the ledger already; a full disk here costs only the copy, not the handover."""
    from provisioning.paper import file_name, receipt_pdf

    document = await asyncio.to_thread(receipt_pdf, engine.home, receipt)
    kept = engine.home.receipts_folder / file_name(receipt)
    await asyncio.to_thread(write_file, kept, document)
    if pdf is not None:
        write_copy(pdf, document, SAFE)
    lines = [f"Receipt {receipt.number}: handed over to officer {receipt.officer.number}, ledger entry {entry}."]
    lines.append(f"The receipt is in {pdf or kept}.")
    answer: dict[str, Any] = {
        "handed_over": True, "receipt": receipt.number, "entry": entry, "officer": receipt.officer.number,
        "pdf": str(pdf or kept), "training": receipt.training,
    }  # fmt: skip
    if printer is not None:
        said, printing = await asyncio.to_thread(
            print_first, engine.home, engine.ledger, receipt.number, printer, engine.sign_in.acting()
        )
        lines.append(said)
        answer |= printing
    return answer, "\n".join(lines), Exit.CLEAR


def _signature(file: Path | None, declined: str | None) -> OfficerSignature:
    if (file is None) == (declined is None):
        raise UsageError("Give either --signature FILE or --declined REASON.")
    if file is not None:
        return Signed(signature_picture(file))
    reason = one_line((declined or "").strip(), 200)
    if not reason:
        raise UsageError("Say why the officer does not sign: --declined REASON.")
    return Declined(reason)


def _public_key(call: Call, key: Path | None) -> DeskPublicKey:
    from provisioning.home.home import open_home

    if key is None:
        return open_home(call.home_path).public_key()
    try:
        return DeskPublicKey.from_pem(key.read_bytes()[:8192])
    except OSError as error:
        raise FileError(key, f"cannot be read: {error.strerror}.") from None
