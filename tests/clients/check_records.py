"""Verify records and receipt codes with public tools and the desk's public key alone; nothing of ours is imported.

``python tests/clients/check_records.py KEYS/desk.pub RECORD.dsse.json… [--code HV1:…]``: OpenSSL's command line checks
the signature over DSSE's pre-authentication encoding, and so does securesystemslib (the DSSE implementation of in-toto
and TUF) where it is installed. Then everything is tampered with in turn, and both must refuse it. A receipt's code is
taken apart with cbor2 and its COSE_Sign1 signature checked by OpenSSL. Prints a table; exit 1 where anything is not as
it should be.
"""

from __future__ import annotations

import argparse
import base64
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def main() -> int:
    """Check what the command line names."""
    parser = argparse.ArgumentParser(description="Verify records and receipt codes with public tools.")
    parser.add_argument("key", type=Path, help="the desk's public key, PEM")
    parser.add_argument("records", type=Path, nargs="*", help="records, *.dsse.json")
    parser.add_argument("--code", action="append", default=[], help="text of a receipt's code")
    asked = parser.parse_args()
    bad = 0
    tools: dict[str, Callable[[dict[str, Any]], bool]] = {"openssl": lambda envelope: openssl_says(asked.key, envelope)}
    try:
        tools["securesystemslib"] = securesystemslib(asked.key)
    except ImportError:
        print("securesystemslib is not installed; OpenSSL alone looks.")
    for file in asked.records:
        envelope = json.loads(file.read_bytes())
        statement = json.loads(base64.b64decode(envelope["payload"]))
        print(f"{file.name}: {statement['predicateType']}, {statement['predicate']['verdict']}")
        for name, tool in tools.items():
            bad += told(name, "as it is", said=tool(envelope), wanted=True)
            for what, changed in tampered(envelope):
                bad += told(name, what, said=tool(changed), wanted=False)
    for text in asked.code:
        print(f"{text[:24]}…")
        message = from_base45(text.removeprefix("HV1:"))
        bad += told("openssl", "as it is", said=code_says(asked.key, message), wanted=True)
        for at in range(12, len(message), 7):
            changed = message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]
            if code_says(asked.key, changed):
                bad += told("openssl", f"byte {at} changed", said=True, wanted=False)
        print(f"  openssl           {len(range(12, len(message), 7))} changed bytes tried")
    print("All is as it should be." if not bad else f"{bad} of them are not as they should be.")
    return 1 if bad else 0


def told(tool: str, what: str, *, said: bool, wanted: bool) -> int:
    """Print a row; give 1 where it is wrong."""
    print(f"  {tool:17} {what:42} {'verified' if said else 'refused':9}{'' if said is wanted else ' WRONG'}")
    return int(said is not wanted)


def tampered(envelope: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the envelope changed in each of the ways that would be worth a forger's while."""
    payload = base64.b64decode(envelope["payload"])

    def paid(changed: dict[str, Any]) -> dict[str, Any]:
        data = json.dumps(changed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return envelope | {"payload": base64.b64encode(data).decode()}

    def with_predicate(**changes: object) -> dict[str, Any]:
        statement = json.loads(payload)
        statement["predicate"].update(changes)
        return paid(statement)

    now = json.loads(payload)["predicate"]["verdict"]
    yield "the verdict turned", with_predicate(verdict="unknown" if now == "clear" else "clear")
    yield "a finding added", with_predicate(findings=[*json.loads(payload)["predicate"]["findings"], {"app": "x"}])
    yield "another handset", with_predicate(handset={"serialNumber": "OTHER"})
    yield "one space behind it", envelope | {"payload": base64.b64encode(payload + b" ").decode()}
    yield "another payload type", envelope | {"payloadType": "application/json"}
    signature = envelope["signatures"][0]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[0] ^= 1
    yield "the signature changed", envelope | {"signatures": [signature | {"sig": base64.b64encode(raw).decode()}]}
    yield "no signature", envelope | {"signatures": []}


def openssl_says(key: Path, envelope: dict[str, Any]) -> bool:
    """Tell whether OpenSSL verifies the first signature of a DSSE envelope."""
    if not envelope["signatures"]:
        return False
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    encoded = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    return openssl(key, encoded, base64.b64decode(envelope["signatures"][0]["sig"]))


def openssl(key: Path, message: bytes, signature: bytes) -> bool:
    """Tell whether ``openssl pkeyutl -verify`` takes this Ed25519 signature."""
    with tempfile.TemporaryDirectory() as folder:
        to_sign, sig = Path(folder, "message"), Path(folder, "signature")
        to_sign.write_bytes(message)
        sig.write_bytes(signature)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin", "-in", str(to_sign),
             "-sigfile", str(sig)],
            capture_output=True, check=False,
        )  # fmt: skip
    return done.returncode == 0


def securesystemslib(key: Path) -> Callable[[dict[str, Any]], bool]:
    """Give a check by securesystemslib. Raises ImportError."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    dsse: Any = importlib.import_module("securesystemslib.dsse")
    signer: Any = importlib.import_module("securesystemslib.signer")
    refused: type[Exception] = importlib.import_module("securesystemslib.exceptions").VerificationError

    def says(envelope: dict[str, Any]) -> bool:
        identifier = next((one["keyid"] for one in envelope["signatures"]), "")
        public = signer.SSlibKey.from_crypto(load_pem_public_key(key.read_bytes()), keyid=identifier)
        try:
            dsse.Envelope.from_dict(json.loads(json.dumps(envelope))).verify([public], 1)
        except refused:
            return False
        return True

    return says


def code_says(key: Path, message: bytes) -> bool:
    """Tell whether OpenSSL verifies a COSE_Sign1 message (RFC 9052)."""
    import cbor2

    try:
        tagged = cbor2.loads(message)
        protected, _, payload, signature = tagged.value
        encoded = cbor2.dumps(["Signature1", protected, b"", payload])
    except (ValueError, TypeError, AttributeError, cbor2.CBORError):
        return False
    return isinstance(signature, bytes) and openssl(key, encoded, signature)


def from_base45(text: str) -> bytes:
    """Decode Base45 (RFC 9285)."""
    data = bytearray()
    for at in range(0, len(text), 3):
        piece = text[at : at + 3]
        number = sum(BASE45.index(sign) * 45**place for place, sign in enumerate(piece))
        data += number.to_bytes(len(piece) - 1, "big")
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
