"""`receipt`: make the paper of a receipt again, take one item's part of it, or check one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from console import assembly
from console.call import Call, Exit, call_of, leave
from console.commands.short_codes import short_answer
from console.printing import tell_template
from console.viewing import receipt_opened
from provisioning.errors import FileError, UsageError
from provisioning.files import write_copy
from provisioning.plain_text import one_line
from provisioning.receipts.code_reading import CodeReading
from provisioning.receipts.form import Form, Paper
from provisioning.receipts.reading import PdfReading
from provisioning.receipts.receipt import SAFE
from provisioning.receipts.short_check import ShortReading
from provisioning.receipts.short_code import meant_as_short_code
from provisioning.signatures import LARGEST_PEM, AnyDeskKey, DeskKeys
from provisioning.unfinished import Unfinished

receipt_app = typer.Typer(help="Receipts: make the paper again, or check one.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(receipt_app, name="receipt")


@receipt_app.command("pdf")
def receipt_to_pdf(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    form: Annotated[Form, typer.Option(help="Whose copy, on which paper.")] = Form.OFFICER,
    why: Annotated[str, typer.Option(help="What for: it is recorded who opened whose receipt.")] = "",
) -> None:
    """Make a receipt's PDF again from the ledger: the same bytes, so it is the original and needs no reason."""
    from provisioning.paper import receipt_pdf

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.read_ledger() as ledger:
        receipt = receipt_opened(call, home, ledger, number, why)
        write_copy(file, receipt_pdf(home, receipt, Paper(form)), SAFE)
        Unfinished(home.path).end_receipt(receipt.number, ledger)
    tell_template(call, home)
    call.answer({"receipt": receipt.number, "file": str(file)}, f"Receipt {receipt.number} is in {file}.")


@receipt_app.command()
def extract(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    item: Annotated[str, typer.Argument(help="Serial number, SIM number or asset tag; or the item's place on it.")],
    file: Annotated[Path, typer.Argument(help="Where to write it: .pdf, or .json for other programs.")],
) -> None:
    """Make the part of a receipt that is about one item: sealed and to be checked like the whole."""
    from provisioning.paper import extract_json, receipt_pdf
    from provisioning.receipts.extract import extract_of

    call = call_of(context)
    if file.suffix.casefold() not in (".pdf", ".json"):
        raise UsageError("An extract is written as .pdf or .json: let the file's name end so.")
    home = assembly.home_at(call.home_path, call.tell)
    with home.read_ledger() as ledger:
        part = extract_of(receipt_opened(call, home, ledger, number), item)
    if file.suffix.casefold() == ".pdf":
        data = receipt_pdf(home, part)
    else:
        data = json.dumps(extract_json(home, part), ensure_ascii=False, indent=1).encode() + b"\n"
    write_copy(file, data, SAFE)
    document = {"receipt": part.number, "item": part.extract.item if part.extract else 1, "file": str(file)}
    call.answer(document, f"Item {document['item']} of receipt {part.number} is in {file}.")


@receipt_app.command()
def extracts(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    folder: Annotated[Path, typer.Argument(help="Where to write them; it is made if it is not there.")],
) -> None:
    """Make the extract of every item of a receipt, a sealed PDF each."""
    from provisioning.paper import receipt_pdf
    from provisioning.receipts.extract import extract_at

    call = call_of(context)
    home = assembly.home_at(call.home_path, call.tell)
    with home.read_ledger() as ledger:
        receipt = receipt_opened(call, home, ledger, number)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, f"cannot be made: {error.strerror}.") from None
    written: list[str] = []
    for place in range(1, len(receipt.items) + 1):
        file = folder / f"receipt-{one_line(receipt.number, 40)}-item-{place:03d}.pdf"
        write_copy(file, receipt_pdf(home, extract_at(receipt, place)), SAFE)
        written.append(str(file))
    tell_template(call, home)
    said = f"{len(written)} extracts of receipt {receipt.number} are in {folder}."
    call.answer({"receipt": receipt.number, "files": written}, said)


@receipt_app.command()
def verify(
    context: typer.Context,
    code: Annotated[str | None, typer.Option(help="The code's text, beginning with HV1:, or the short code.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="The receipt's PDF, or that of an extract.")] = None,
    extract: Annotated[Path | None, typer.Option(help="The JSON of an extract.")] = None,
    key: Annotated[Path | None, typer.Option(help="The desk's public key (desk.pub); this home's if left out.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="For a short code: the home, or the exported ledger, that has the receipt.")
    ] = None,
) -> None:
    """Check a receipt offline with the desk's public key alone. Exit 4 where it is not genuine."""
    from provisioning.receipts.reading import read_pdf, verify_json, verify_pdf
    from provisioning.receipts.receipt_code import verify_code

    call = call_of(context)
    if sum(one is not None for one in (code, pdf, extract)) != 1:
        raise UsageError("Give either --code TEXT, --pdf FILE or --extract FILE.")
    public = _public_key(call, key)
    if code is not None and meant_as_short_code(code):
        heard, document = short_answer(call, code, public, ledger)
        _tell_reading(call, heard, document)
        return
    if code is not None:
        reading = verify_code(code, public)
        facts = reading.facts
    else:
        if extract is not None:
            reading = verify_json(read_pdf(extract), public)
        else:
            assert pdf is not None, "one of the three was given"
            reading = verify_pdf(read_pdf(pdf), public)
        facts = reading.code.facts if reading.code else None
    document = {"ok": reading.genuine, "sentence": reading.sentence}
    if facts is not None:
        document |= {
            "receipt": facts.receipt, "issued": facts.issued.isoformat(), "kind": str(facts.kind), "desk": facts.desk,
            "officer": facts.officer, "training": facts.training, "entry": facts.entry,
            "items": [
                {"serial_number": item.serial_number, "imei": item.imei,
                 "verdict": str(item.verdict) if item.verdict else None, "handset": item.handset}
                for item in facts.items
            ],
            "item_count": facts.item_count, "extract": list(facts.extract) if facts.extract else None,
            "sha256": facts.digest,
        }  # fmt: skip
    document |= {"proves": list(reading.proves), "does_not_prove": list(reading.does_not_prove)}
    _tell_reading(call, reading, document)


def _tell_reading(call: Call, reading: CodeReading | PdfReading | ShortReading, document: dict[str, Any]) -> None:
    lines = [reading.sentence]
    lines += [f"  It proves: {line}" for line in reading.proves]
    lines += [f"  It does not prove: {line}" for line in reading.does_not_prove]
    call.answer(document, "\n".join(lines))
    leave(Exit.CLEAR if reading.genuine else Exit.IN_DOUBT)


def _public_key(call: Call, key: Path | None) -> AnyDeskKey:
    from provisioning.home.home import open_home

    if key is None:
        return open_home(call.home_path).keys()
    try:
        return DeskKeys.from_pem(key.read_bytes()[: LARGEST_PEM + 1])
    except OSError as error:
        raise FileError(key, f"cannot be read: {error.strerror}.") from None
