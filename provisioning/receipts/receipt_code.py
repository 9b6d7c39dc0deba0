"""The code on a receipt: the few facts that matter, signed, small enough for a QR code that survives a pocket.

``HV1:`` and the Base45 (RFC 9285) of a COSE_Sign1 message (RFC 9052), Ed25519 (algorithm -19, RFC 9864; -8, its older
name, is read too). Protected header: algorithm and the first 8 bytes of the desk key's identifier; no other header.
The payload is a CBOR map with these keys, in this order::

    1 receipt number · 2 issued, seconds since 1970 · 3 desk · 4 officer number · 5 items · 6 training · 7 ledger entry
    8 SHA-256 of the canonical receipt body · 9 kind: 0 handover, 1 return · 10 number of items · 11 first 16 bytes of
    the ledger entry's hash · 12 for an extract: [its item, counted from 1, of how many on the whole receipt]

An item is ``[serial number, IMEI as a number or null, verdict]``; verdict 0 clear, 1 not clear, 2 unknown, 3 not
verified, 4 nothing to verify (no handset; then the number is an ICCID, or empty). Where not all items fit into 250
bytes, key 5 has the first ones; key 8 fixes all of them. An extract has one item; key 8 is then the extract's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final, cast

import cbor2

from provisioning.receipts import base45
from provisioning.receipts.code_reading import CodeFacts, CodeItem, CodeReading
from provisioning.receipts.receipt import Item, OtherItem, Receipt, ReceiptKind
from provisioning.signatures import AnyDeskKey
from provisioning.verification.judgement import Verdict

PREFIX = "HV1:"
LARGEST: Final = 250
"""Bytes of COSE: QR version 12 at level M, half a millimetre a module at 34 mm."""
FORMER_KEY = (
    "That nobody else had the key: the desk has given this one up since. If it was stolen, look the receipt up in the "
    "ledger."
)
_LONGEST_TEXT = 24
"""Bytes of a name or number in the code; a longer one is cut and ends in “…”."""
_LARGEST_READ = 4 * LARGEST
_KEY_ID_LENGTH = 8
_ED25519, _EDDSA = -19, -8
_SIGNATURE_LENGTH = 64
_COSE_SIGN1 = b"\xd2\x84"
"""Tag 18, array of four."""
_NO_HEADER = b"\xa0"
_ITEMS = 5
_KINDS = (ReceiptKind.HANDOVER, ReceiptKind.RETURN)
_VERDICTS = (Verdict.CLEAR, Verdict.NOT_CLEAR, Verdict.UNKNOWN, None)
_NOTHING_TO_VERIFY = len(_VERDICTS)


def make_code(receipt: Receipt, sign: Callable[[bytes], bytes], key_id: str) -> str:
    """Give the code of ``receipt``; ``sign`` is the desk's Ed25519, ``key_id`` its identifier (``DeskPublicKey.id``).

    Deterministic, since Ed25519 is.
    """
    claims = _claims(receipt)
    named = [_claimed(item) for item in receipt.items]
    for kept in range(len(named), -1, -1):
        payload = cbor2.dumps(claims | {_ITEMS: named[:kept]})
        if len(_message(payload, key_id, bytes(_SIGNATURE_LENGTH))) <= LARGEST:
            signature = sign(_to_be_signed(_protected(_ED25519, key_id), payload))
            return PREFIX + base45.encode(_message(payload, key_id, signature))
    raise ValueError("the facts of this receipt do not fit into a code")


def verify_code(text: str, public_key: AnyDeskKey) -> CodeReading:
    """Say whether ``text`` is a code that this desk signed, what it says, what that proves and what not.

    Lower case, line breaks, and white space around or within do no harm. Never raises for what is in ``text``.
    """
    if len(text) > _LARGEST_READ:
        return _refused("This is far too long for a receipt's code.")
    wrong = "This is no code of a receipt: such a code begins with HV1:. Scan or type it again."
    for candidate in _candidates(text):
        data = _bytes_of(candidate)
        if data is None:
            continue
        reading = _verified(data, public_key)
        if isinstance(reading, CodeReading):
            return reading
        wrong = reading
    return _refused(wrong)


def _message(payload: bytes, key_id: str, signature: bytes) -> bytes:
    protected = cbor2.dumps(_protected(_ED25519, key_id))
    return _COSE_SIGN1 + protected + _NO_HEADER + cbor2.dumps(payload) + cbor2.dumps(signature)


def _claims(receipt: Receipt) -> dict[int, object]:
    """Give all claims in their order, the items still to be put in their place."""
    claims: dict[int, object] = {
        1: _cut(receipt.number),
        2: int(receipt.issued.timestamp()),
        3: _cut(receipt.desk),
        4: _cut(receipt.officer.number),
        _ITEMS: [],
        6: receipt.training,
        8: bytes.fromhex(receipt.digest()),
        9: _KINDS.index(receipt.kind),
        10: len(receipt.items),
    }
    if receipt.place is not None:
        claims |= {7: receipt.place.number, 11: bytes.fromhex(receipt.place.hash)[:16]}
    if receipt.extract is not None:
        claims[12] = [receipt.extract.item, receipt.extract.of]
    return dict(sorted(claims.items()))


def _claimed(item: Item) -> list[object]:
    if isinstance(item, OtherItem):
        return [_cut(item.identifier), None, _NOTHING_TO_VERIFY]
    imei = int(item.imei) if item.imei and item.imei.isascii() and item.imei.isdigit() and len(item.imei) < 18 else None
    return [_cut(item.serial_number), imei, _VERDICTS.index(item.check.verdict if item.check else None)]


def _protected(algorithm: int, key_id: str) -> bytes:
    return cbor2.dumps({1: algorithm, 4: bytes.fromhex(key_id)[:_KEY_ID_LENGTH]})


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Give the Sig_structure of RFC 9052, section 4.4."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= _LONGEST_TEXT:
        return data.decode("utf-8")
    return data[: _LONGEST_TEXT - 3].decode("utf-8", "ignore") + "…"


def _candidates(text: str) -> list[str]:
    """Give what the text may have been before white space was added, likeliest first.

    A space is a character of Base45 while no other white space is, and none ever ends a code. So outer white space
    always goes; inner line breaks were added, or took the place of a space; or all white space was added.
    """
    upper = text.strip().upper().replace("\u00a0", " ")
    start = upper.find(PREFIX)
    if start < 0:
        return []
    body = upper[start + len(PREFIX) :].strip()
    joined = "".join(character for character in body if character == " " or not character.isspace())
    lines = " ".join(line.strip() for line in body.splitlines())
    return list(
        dict.fromkeys((joined, lines, "".join(line.strip() for line in body.splitlines()), "".join(body.split())))
    )


def _bytes_of(body: str) -> bytes | None:
    try:
        return base45.decode(body)
    except ValueError:
        return None


def _verified(data: bytes, public_key: AnyDeskKey) -> CodeReading | str:
    """Check a message whose every byte but payload and signature is known beforehand; give why not, where not."""
    for key, algorithm in product(public_key.keys, (_ED25519, _EDDSA)):
        protected = _protected(algorithm, key.id)
        begins = _COSE_SIGN1 + cbor2.dumps(protected) + _NO_HEADER
        payload = _payload(data[len(begins) :])
        if not data.startswith(begins) or payload is None:
            continue
        if key.verifies(data[-_SIGNATURE_LENGTH:], _to_be_signed(protected, payload)):
            reading = _told(payload)
            former = reading.genuine and key != public_key.newest
            return replace(reading, does_not_prove=(*reading.does_not_prove, FORMER_KEY)) if former else reading
        return "This code is not genuine: it was changed, misread or forged. Scan it again; trust nothing that it says."
    if data.startswith(_COSE_SIGN1):
        return "This code was not signed by this desk's key, or was misread. Use the key of the desk that it names."
    return "This code was misread or forged. Scan it again; trust nothing that it says."


def _payload(rest: bytes) -> bytes | None:
    """Give the byte string that fills ``rest`` up to the signature, if it is written in the one right way."""
    ends = cbor2.dumps(bytes(_SIGNATURE_LENGTH))[:-_SIGNATURE_LENGTH]
    for header in (1, 2, 3):
        payload = rest[header : -_SIGNATURE_LENGTH - len(ends)]
        if cbor2.dumps(payload) + ends == rest[:-_SIGNATURE_LENGTH]:
            return payload
    return None


def _told(payload: bytes) -> CodeReading:
    try:
        facts = _facts(cast("Mapping[int, Any]", cbor2.loads(payload)))
    except (cbor2.CBORDecodeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
        return _refused("The desk signed this code, but a newer version of this program wrote it. Use that version.")
    kind = "Training receipt" if facts.training else "Receipt"
    return CodeReading(
        genuine=True,
        sentence=f"Genuine. {kind} {facts.receipt} of {facts.desk}, for officer {facts.officer}.",
        facts=facts,
        proves=_proves(facts),
        does_not_prove=(
            "Who holds the paper, or that the officer signed it: the signature is on the document, not in the code.",
            "What else stands on the page: compare it with these facts, or verify the PDF.",
            "What is on a handset now: a verdict tells what was there when it was checked.",
        ),
    )


def _proves(facts: CodeFacts) -> tuple[str, ...]:
    proven = [
        f"The desk that holds this key stated exactly these facts at {facts.issued:%Y-%m-%d %H:%M} UTC by its clock."
    ]
    if facts.extract is not None:
        proven.append(f"This is an extract: item {facts.extract[0]} of {facts.extract[1]} that changed hands together.")
    if facts.item_count > len(facts.items):
        proven.append(f"{facts.item_count} items changed hands; the code names the first {len(facts.items)} of them.")
    if facts.entry is not None:
        proven.append(
            f"Entry {facts.entry} of its ledger had a hash beginning {facts.entry_hash}; "
            "a ledger that shows another was rewritten."
        )
    if facts.training:
        proven.append("It was training: virtual handsets, and nothing changed hands.")
    return tuple(proven)


def _facts(claims: Mapping[int, Any]) -> CodeFacts:
    items: Sequence[Sequence[Any]] = claims[5]
    return CodeFacts(
        receipt=str(claims[1]),
        issued=datetime.fromtimestamp(int(claims[2]), UTC),
        kind=_KINDS[int(claims[9])],
        desk=str(claims[3]),
        officer=str(claims[4]),
        items=tuple(
            CodeItem(
                str(serial),
                None if imei is None else f"{imei:015d}",
                None if verdict == _NOTHING_TO_VERIFY else _VERDICTS[int(verdict)],
                handset=verdict != _NOTHING_TO_VERIFY,
            )
            for serial, imei, verdict in items
        ),
        item_count=int(claims[10]),
        training=bool(claims[6]),
        entry=claims.get(7),
        entry_hash=bytes(claims.get(11, b"")).hex(),
        digest=bytes(claims[8]).hex(),
        extract=None if 12 not in claims else (int(claims[12][0]), int(claims[12][1])),
    )


def _refused(sentence: str) -> CodeReading:
    return CodeReading(genuine=False, sentence=sentence)
