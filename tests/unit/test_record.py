"""A verification record says what was read, binds it to one handset, and is believed with the public key alone."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.canonical import Json, canonical
from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.handset import Identity, LockDown, Requirement, Strength
from provisioning.home.creation import create_home
from provisioning.home.home import Home, open_home
from provisioning.home.identity import DeskIdentity
from provisioning.inventory import App, Inventory, Unread
from provisioning.platforms import Platform
from provisioning.policy.effective import (
    Decision,
    EffectivePolicy,
    LockDownOrders,
    PolicyReference,
    Rule,
    Severity,
)
from provisioning.signatures import DeskSigner
from provisioning.verification.envelope import Envelope, Signature, pre_authentication, sign_envelope
from provisioning.verification.judgement import CatalogueReference, Evidence, Finding, Judgement, Verdict
from provisioning.verification.record import PAYLOAD_TYPE, SignedRecord, sign_record, verify_record

SIGNER = DeskSigner.generate()
DESK = DeskIdentity("6c1f", "Desk 4", False, "Met", "M-U-I-D", "D4", "2026-03-01", SIGNER.public.id)
HANDSET = Identity(
    Platform.ANDROID, "R58N12ABCDE", "SM-A546B", "Galaxy A54", "15", "AP3A.1", imei="356938035643809",
    security_patch="2026-02-01",
)  # fmt: skip
POLICY = PolicyReference("met-police", "2026.1", "aa" * 32)
RULE = Rule("r", Decision.ALLOWED, "reason", "basis")
EFFECTIVE = EffectivePolicy(
    reference=POLICY, sha256="bb" * 32, title="t", person=None, allow_list=False, identifiers={}, families={},
    classes={}, suspected=RULE, unlisted_user=RULE, unlisted_system=RULE, web=RULE, orders=LockDownOrders(),
    blocking=frozenset(), required_apps={}, os_floor={}, max_age_seconds=600, required_strength="declared",
    remove_denied=False, declaration="d",
)  # fmt: skip
INVENTORY = Inventory(Platform.ANDROID, (App("com.zhiliaoapp.musically"), App("com.whatsapp", "\ud800 name")))
FINDING = Finding(
    "no-social-media", Severity.DENIED, "com.zhiliaoapp.musically", "TikTok", "short_video", "user 0",
    (Evidence("identifier", "com.zhiliaoapp.musically"),), "TikTok is on it.",
)  # fmt: skip
JUDGEMENT = Judgement(
    Verdict.NOT_CLEAR, (FINDING,), (Unread("apps of user 150 (Secure Folder)", "locked"),), 2, (0, 150), (), POLICY,
    CatalogueReference("2026.02", "cc" * 32), INVENTORY.digest(),
)  # fmt: skip
LOCK_DOWN = LockDown((Requirement("no_install_apps", True, "true", "true", Strength.EFFECTIVE),), ("com.strange.mdm",))


def sign(
    judgement: Judgement = JUDGEMENT, identity: Identity = HANDSET, lock_down: LockDown | None = LOCK_DOWN
) -> SignedRecord:
    return sign_record(
        SIGNER, DESK, technician="A. Khan", identity=identity, judgement=judgement, effective=EFFECTIVE,
        lock_down=lock_down, moment=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    )  # fmt: skip


def statement(record: SignedRecord) -> dict[str, Any]:
    return json.loads(record.envelope.payload)


def forged(document: Json) -> bytes:
    """Sign a statement of one's own making with the desk's key, as only a broken program could."""
    return sign_envelope(PAYLOAD_TYPE, canonical(document), SIGNER).text()


def test_a_record_says_everything_that_was_concluded() -> None:
    document = statement(sign())
    predicate = document["predicate"]
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    (subject,) = document["subject"]
    named = canonical({"imei": "356938035643809", "serial_number": "R58N12ABCDE"})
    assert subject == {"name": "R58N12ABCDE", "digest": {"sha256": hashlib.sha256(named).hexdigest()}}
    assert predicate["verdict"] == "not_clear"
    assert predicate["timeVerified"] == "2026-03-01T09:30:00.000Z"
    assert predicate["notChecked"] == [{"area": "apps of user 150 (Secure Folder)", "why": "locked"}]
    assert predicate["findings"][0]["family"] == "TikTok"
    assert predicate["policy"] == {"name": "met-police", "version": "2026.1", "digest": {"sha256": "aa" * 32}}
    assert predicate["effectivePolicy"]["digest"]["sha256"] == "bb" * 32
    assert predicate["catalogue"] == {"version": "2026.02", "digest": {"sha256": "cc" * 32}}
    assert predicate["inventory"]["digest"]["sha256"] == INVENTORY.digest()
    assert (predicate["appsSeen"], predicate["usersSeen"], predicate["technician"]) == (2, [0, 150], "A. Khan")
    assert predicate["desk"] == {"id": "6c1f", "name": "Desk 4", "training": False}
    assert predicate["lockDown"]["inForce"] is False


def test_a_record_comes_back_as_it_was_signed() -> None:
    signed = sign()
    again = verify_record(signed.envelope.text(), SIGNER.public)
    assert again == signed
    assert again.id == hashlib.sha256(signed.envelope.payload).hexdigest()
    assert (again.record.identity, again.record.findings, again.record.lock_down) == (HANDSET, (FINDING,), LOCK_DOWN)
    assert verify_record(sign(lock_down=None).envelope, SIGNER.public).record.lock_down is None


def test_the_same_reading_gives_the_same_record_and_any_other_another() -> None:
    assert sign() == sign()
    others = [
        sign(identity=replace(HANDSET, serial_number="R58N12ABCDF")),
        sign(identity=replace(HANDSET, imei=None)),
        sign(replace(JUDGEMENT, inventory_sha256="00" * 32)),
        sign(replace(JUDGEMENT, not_checked=())),
        sign(lock_down=None),
    ]
    assert len({sign().id, *(other.id for other in others)}) == 6


def test_every_changed_byte_of_the_payload_is_found() -> None:
    envelope = sign().envelope
    for position in range(len(envelope.payload)):
        changed = bytearray(envelope.payload)
        changed[position] ^= 1
        with pytest.raises(LedgerError):
            verify_record(replace(envelope, payload=bytes(changed)), SIGNER.public)


def test_signatures_of_others_are_not_believed_and_do_no_harm() -> None:
    envelope, stranger = sign().envelope, DeskSigner.generate()
    theirs = sign_envelope(PAYLOAD_TYPE, envelope.payload, stranger).signatures
    with pytest.raises(LedgerError, match="not signed by this desk"):
        verify_record(envelope, stranger.public)
    with pytest.raises(LedgerError, match="not signed by this desk"):
        verify_record(replace(envelope, signatures=theirs), SIGNER.public)
    pretended = (Signature(SIGNER.public.id, theirs[0].value),)
    with pytest.raises(LedgerError, match="not signed by this desk"):
        verify_record(replace(envelope, signatures=pretended), SIGNER.public)
    both = replace(envelope, signatures=(*theirs, *envelope.signatures))
    assert verify_record(both.text(), SIGNER.public).id == envelope.id
    assert verify_record(both.text(), stranger.public).id == envelope.id


def test_another_kind_of_payload_is_not_a_record() -> None:
    payload = sign().envelope.payload
    with pytest.raises(LedgerError, match="something else"):
        verify_record(sign_envelope("application/json", payload, SIGNER), SIGNER.public)
    other = sign_envelope("application/json", payload, SIGNER)
    with pytest.raises(LedgerError, match="not signed"):
        verify_record(replace(other, payload_type=PAYLOAD_TYPE), SIGNER.public)


def test_clear_is_never_signed_nor_believed_while_something_was_not_checked() -> None:
    with pytest.raises(LedgerError, match="contradicts itself"):
        sign(replace(JUDGEMENT, verdict=Verdict.CLEAR))
    document = statement(sign())
    document["predicate"]["verdict"] = "clear"
    with pytest.raises(LedgerError, match="contradicts itself"):
        verify_record(forged(document), SIGNER.public)
    clear = sign(replace(JUDGEMENT, verdict=Verdict.CLEAR, not_checked=(), findings=()))
    assert verify_record(clear.envelope, SIGNER.public).record.verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    "path",
    ["_type", "predicateType", "subject", "subject.0.name", "subject.0.digest", "predicate", "predicate.verdict",
     "predicate.notChecked", "predicate.findings", "predicate.handset.serialNumber", "predicate.appsSeen",
     "predicate.inventory.digest.sha256", "predicate.lockDown.inForce", "predicate.timeVerified"],
)  # fmt: skip
def test_a_statement_that_lacks_or_bends_a_member_is_refused(path: str) -> None:
    wrong: tuple[Any, ...] = (None, 2.5, {"a": [1]}, "remove")
    for bent in wrong:
        document = statement(sign())
        parent: Any = document
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in way:
            parent = parent[step]
        if bent == "remove":
            del parent[last]
        else:
            parent[last] = bent
        with pytest.raises(LedgerError):
            verify_record(forged(document), SIGNER.public)


def test_a_record_that_names_two_handsets_is_refused() -> None:
    document = statement(sign())
    document["subject"] = document["subject"] * 2
    with pytest.raises(LedgerError):
        verify_record(forged(document), SIGNER.public)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(max_size=100).map(str.encode)
    | st.fixed_dictionaries({"payload": st.text(max_size=20), "payloadType": st.just(PAYLOAD_TYPE),
                             "signatures": st.lists(st.dictionaries(st.sampled_from(["sig", "keyid"]), st.text()))})
    .map(lambda value: json.dumps(value).encode())
)  # fmt: skip
def test_no_file_whatever_is_more_than_a_refusal(data: bytes) -> None:
    with pytest.raises(LedgerError):
        verify_record(data, SIGNER.public)


def test_a_giant_or_deeply_nested_file_is_refused_quickly() -> None:
    for data in (b"[" * 100_000, b" " * (9 << 20), b'{"payload":' * 50_000):
        with pytest.raises(LedgerError):
            verify_record(data, SIGNER.public)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_hostile_text_from_a_handset_stays_inside_its_member(text: str) -> None:
    bent = replace(FINDING, subject=text, sentence=text, evidence=(Evidence("name", text),), where=text)
    record = sign(replace(JUDGEMENT, findings=(bent,)), replace(HANDSET, model=text, serial_number=text or "x"))
    again = verify_record(record.envelope.text(), SIGNER.public)
    assert again.record.verdict is Verdict.NOT_CLEAR
    assert again.record.identity.build == HANDSET.build


def test_a_public_tool_verifies_the_envelope(tmp_path: Path) -> None:
    """securesystemslib is the DSSE implementation of in-toto and TUF; it shares no code with us."""
    dsse = pytest.importorskip("securesystemslib.dsse")
    signer = pytest.importorskip("securesystemslib.signer")
    signed = sign()
    key = signer.SSlibKey.from_crypto(load_pem_public_key(SIGNER.public.pem().encode()), keyid=SIGNER.public.id)
    envelope = dsse.Envelope.from_dict(json.loads(signed.envelope.text()))
    assert list(envelope.verify([key], 1)) == [SIGNER.public.id]
    assert envelope.pae() == pre_authentication(PAYLOAD_TYPE, signed.envelope.payload)
    document = json.loads(signed.envelope.text())
    document["payload"] = base64.b64encode(signed.envelope.payload.replace(b"not_clear", b"clear")).decode()
    with pytest.raises(Exception, match=r"verif|threshold|Accepted"):
        dsse.Envelope.from_dict(document).verify([key], 1)
    # And the other way round: theirs is read by us.
    theirs = dsse.Envelope(signed.envelope.payload, PAYLOAD_TYPE, {})
    theirs.sign(signer.CryptoSigner(SIGNER.private_key, key))
    assert verify_record(json.dumps(theirs.to_dict()), SIGNER.public).id == signed.id


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return create_home(tmp_path / "home", training=True, organisation_name="Met", desk_name="Desk 4")


def sign_at(home: Home, judgement: Judgement = JUDGEMENT) -> SignedRecord:
    return sign_record(
        home.signer(), home.identity, technician=None, identity=HANDSET, judgement=judgement, effective=EFFECTIVE,
        lock_down=None,
    )  # fmt: skip


def test_a_home_keeps_records_for_anybody_and_inventories_for_itself(home: Home) -> None:
    record = sign_at(home)
    assert home.records().keep(record, INVENTORY) == home.records().keep(record, INVENTORY) == record.id
    again = open_home(home.path)
    assert again.records().load(record.id) == record
    assert again.records().inventory(record.id) == INVENTORY.canonical()
    assert again.records().ids() == (record.id,)
    assert record.record.training
    sealed = (home.records_folder / f"{record.id}.inventory.sealed").read_bytes()
    assert b"musically" not in sealed
    assert home.exposed() == ()


def test_an_inventory_that_was_not_judged_is_not_kept(home: Home) -> None:
    other = Inventory(Platform.ANDROID, ())
    with pytest.raises(LedgerError, match="not the one that was judged"):
        home.records().keep(sign_at(home), other)
    assert home.records().ids() == ()


def test_changed_or_swapped_files_of_records_are_found(home: Home) -> None:
    other_inventory = Inventory(Platform.ANDROID, (App("x"),))
    one = sign_at(home)
    two = sign_at(home, replace(JUDGEMENT, inventory_sha256=other_inventory.digest()))
    records = home.records()
    records.keep(one, INVENTORY)
    records.keep(two, other_inventory)
    records.path(one.id).write_bytes(two.envelope.text())
    with pytest.raises(LedgerError, match="replaced"):
        records.load(one.id)
    records.path(one.id).write_bytes(one.envelope.text())
    sealed = {record.id: home.records_folder / f"{record.id}.inventory.sealed" for record in (one, two)}
    whole = sealed[one.id].read_bytes()
    for changed in (sealed[two.id].read_bytes(), whole[:-1], b"", whole[:30] + b"x" + whole[31:]):
        sealed[one.id].write_bytes(changed)
        with pytest.raises((LedgerError, HomeError)):
            records.inventory(one.id)
    sealed[one.id].unlink()
    with pytest.raises(UsageError, match="no longer kept"):
        records.inventory(one.id)
    assert records.load(one.id) == one


@pytest.mark.parametrize("record_id", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 64])
def test_what_is_no_record_is_refused(home: Home, record_id: str) -> None:
    with pytest.raises(UsageError):
        home.records().load(record_id)


def test_unused_members_of_an_envelope_are_ignored() -> None:
    document = json.loads(sign().envelope.text())
    document["extra"] = {"anything": [1, 2]}
    document["signatures"][0]["cert"] = "x"
    assert verify_record(json.dumps(document), SIGNER.public) == sign()
    assert isinstance(sign().envelope, Envelope)
