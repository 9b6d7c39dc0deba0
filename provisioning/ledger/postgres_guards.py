"""What PostgreSQL itself sees to, whichever program speaks to it: who may add what, and that nothing is changed.

The desk's login holds no right to change or remove a row of any table: it may read, add entries, and move its head by
one function. The functions run with the rights of their owner (``SECURITY DEFINER`` with a fixed ``search_path``, as
https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY tells) and ask for
``session_user``, which ``SET ROLE`` does not change. Their text is compared with this file at each ``ledger verify``.
"""

from __future__ import annotations

SCHEMA = "issuing_desk"
TURN = 0x4944_4C31
"""Names the lock that whoever adds holds until the end of the transaction; “IDL1”."""

TECHNICIAN = "issuing_desk_technician"
SUPERVISOR = "issuing_desk_supervisor"
AUDITOR = "issuing_desk_auditor"
ADMINISTRATOR = "issuing_desk_administrator"
ROLES = (TECHNICIAN, SUPERVISOR, AUDITOR, ADMINISTRATOR)

NOT_AT_THE_END = "ID001"
NOT_THIS_DESK = "ID002"
NOT_THIS_ROLE = "ID003"
ALREADY_OUT = "ID004"
NEVER_CHANGED = "ID005"
RESERVED_ELSEWHERE = "ID009"
HELD = "ID006"

SUPERVISED = (
    "permit_added", "permit_revoked", "policy_changed", "catalogue_changed", "evidence_released",
    "officer_reinstated", "technician_registered", "technician_disabled", "key_changed",
    "key_replaced",
    "conflict_settled", "lawfully_erased", "legal_hold_set", "legal_hold_ended",
)  # fmt: skip
"""Kinds of entries that only a supervisor's login can add."""

_WORDS = ", ".join(f"'{kind}'" for kind in SUPERVISED)

FUNCTIONS = {
    "entry_is_added": f"""
DECLARE
    holder in_hands%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock({TURN});
    IF NOT EXISTS (SELECT FROM logins WHERE login = session_user AND desk IN (NEW.desk, '*')) THEN
        RAISE EXCEPTION 'this login may not add for this desk' USING ERRCODE = '{NOT_THIS_DESK}';
    END IF;
    IF NEW.kind IN ({_WORDS}) AND NOT pg_has_role(session_user, '{SUPERVISOR}', 'MEMBER') THEN
        RAISE EXCEPTION 'only a supervisor may add this' USING ERRCODE = '{NOT_THIS_ROLE}', DETAIL = NEW.kind;
    END IF;
    IF NEW.kind = 'lawfully_erased' AND NOT pg_has_role(session_user, '{ADMINISTRATOR}', 'MEMBER') THEN
        RAISE EXCEPTION 'only an administrator may add this' USING ERRCODE = '{NOT_THIS_ROLE}', DETAIL = NEW.kind;
    END IF;
    IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entries WHERE desk = NEW.desk)
        OR NEW.hash <> sha256(NEW.canonical) THEN
        RAISE EXCEPTION 'entries are only added at the end' USING ERRCODE = '{NOT_AT_THE_END}';
    END IF;
    IF NEW.subject IS NOT NULL AND NEW.kind IN ('handed_over', 'reserved')
        AND current_setting('issuing_desk.merging', true) IS DISTINCT FROM 'on'
        AND EXISTS (SELECT FROM in_hands WHERE subject = NEW.subject AND kind = 'reserved' AND desk <> NEW.desk) THEN
        RAISE EXCEPTION 'it is reserved for another desk' USING ERRCODE = '{RESERVED_ELSEWHERE}';
    END IF;
    IF NEW.subject IS NOT NULL AND NEW.kind = 'reserved' THEN
        INSERT INTO in_hands (subject, kind, desk, number) VALUES (NEW.subject, NEW.kind, NEW.desk, NEW.number)
        ON CONFLICT DO NOTHING;
    ELSIF NEW.subject IS NOT NULL AND NEW.kind = 'released' THEN
        DELETE FROM in_hands WHERE subject = NEW.subject AND kind = 'reserved'
            AND (desk = NEW.desk OR pg_has_role(session_user, '{SUPERVISOR}', 'MEMBER'));
    ELSIF NEW.subject IS NOT NULL AND NEW.kind IN ('handed_over', 'item_handed_over') THEN
        SELECT * INTO holder FROM in_hands WHERE subject = NEW.subject AND kind = NEW.kind;
        IF NOT FOUND THEN
            INSERT INTO in_hands (subject, kind, desk, number) VALUES (NEW.subject, NEW.kind, NEW.desk, NEW.number);
        ELSIF current_setting('issuing_desk.merging', true) = 'on' THEN
            NULL; -- it happened: both entries stand, and whoever reads them finds that they contradict each other
        ELSE
            RAISE EXCEPTION 'it is out already' USING ERRCODE = '{ALREADY_OUT}',
                DETAIL = holder.desk || ' ' || holder.number;
        END IF;
    ELSIF NEW.subject IS NOT NULL AND NEW.kind IN ('returned', 'item_returned') THEN
        DELETE FROM in_hands WHERE subject = NEW.subject AND (kind = 'reserved' AND NEW.kind = 'returned'
            OR kind = CASE NEW.kind WHEN 'returned' THEN 'handed_over' ELSE 'item_handed_over' END);
    END IF;
    PERFORM pg_notify('{SCHEMA}', NEW.desk || ' ' || NEW.number);
    RETURN NEW;
END
""",
    "nothing_is_changed": f"""
BEGIN
    RAISE EXCEPTION 'entries are never changed or removed' USING ERRCODE = '{NEVER_CHANGED}';
END
""",
    "advance_head": f"""
BEGIN
    PERFORM pg_advisory_xact_lock({TURN});
    IF NOT EXISTS (SELECT FROM logins WHERE login = session_user AND desk IN (of_desk, '*')) THEN
        RAISE EXCEPTION 'this login may not add for this desk' USING ERRCODE = '{NOT_THIS_DESK}';
    END IF;
    IF new_number IS DISTINCT FROM (SELECT max(number) FROM entries WHERE desk = of_desk) THEN
        RAISE EXCEPTION 'a head names the last entry' USING ERRCODE = '{NOT_AT_THE_END}';
    END IF;
    INSERT INTO heads (desk, number, canonical, signature)
    VALUES (of_desk, new_number, new_canonical, new_signature)
    ON CONFLICT (desk) DO UPDATE SET number = excluded.number, canonical = excluded.canonical,
        signature = excluded.signature WHERE heads.number < excluded.number;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a head only advances' USING ERRCODE = '{NOT_AT_THE_END}';
    END IF;
END
""",
    # The entry is the erasure: keys go in the transaction that adds it, and in no other way.
    "erasure_takes_effect": f"""
DECLARE
    said jsonb := convert_from(NEW.canonical, 'UTF8')::jsonb -> 'body';
BEGIN
    INSERT INTO erased (desk, number, by_desk, by_number, rule, "time")
    SELECT part ->> 'desk', one::bigint, NEW.desk, NEW.number, said ->> 'rule', coalesce(said ->> 'day', NEW."time")
    FROM jsonb_array_elements(said -> 'erased') AS part, jsonb_array_elements_text(part -> 'numbers') AS one
    ON CONFLICT DO NOTHING;
    IF current_setting('issuing_desk.merging', true) IS DISTINCT FROM 'on' AND EXISTS (
        SELECT FROM entries AS hold WHERE hold.kind = 'legal_hold_set'
        AND NOT EXISTS (SELECT FROM entries AS ended WHERE ended.kind = 'legal_hold_ended'
            AND convert_from(ended.canonical, 'UTF8')::jsonb #>> ARRAY['body', 'hold']
                = convert_from(hold.canonical, 'UTF8')::jsonb #>> ARRAY['body', 'hold'])
        AND EXISTS (SELECT FROM entries AS one JOIN erased ON erased.desk = one.desk AND erased.number = one.number
            WHERE erased.by_desk = NEW.desk AND erased.by_number = NEW.number
            AND (one.officer = hold.officer OR one.receipt = hold.receipt OR one.subject = hold.subject
                OR one.receipt IN (SELECT receipt FROM entries WHERE subject = hold.subject)))
    ) THEN
        RAISE EXCEPTION 'what is held is not erased' USING ERRCODE = '{HELD}';
    END IF;
    DELETE FROM record_keys USING erased WHERE record_keys.desk = erased.desk
        AND record_keys.number = erased.number AND erased.by_desk = NEW.desk AND erased.by_number = NEW.number;
    RETURN NULL;
END
""",
    "record_key_is_added": f"""
BEGIN
    IF NOT EXISTS (SELECT FROM logins WHERE login = session_user AND desk IN (NEW.desk, '*'))
        OR NOT EXISTS (SELECT FROM entries WHERE desk = NEW.desk AND number = NEW.number) THEN
        RAISE EXCEPTION 'this login may not add for this desk' USING ERRCODE = '{NOT_THIS_DESK}';
    END IF;
    IF EXISTS (SELECT FROM erased WHERE desk = NEW.desk AND number = NEW.number) THEN
        RETURN NULL; -- what was erased does not come back
    END IF;
    RETURN NEW;
END
""",
    "record_key_goes": f"""
BEGIN
    IF NOT EXISTS (SELECT FROM erased WHERE desk = OLD.desk AND number = OLD.number) THEN
        RAISE EXCEPTION 'a record key goes only with an entry that says why' USING ERRCODE = '{NEVER_CHANGED}';
    END IF;
    RETURN OLD;
END
""",
    "reading_key_is_added": f"""
BEGIN
    IF NOT EXISTS (SELECT FROM logins WHERE login = session_user AND desk IN (NEW.by_desk, '*')) THEN
        RAISE EXCEPTION 'this login may not add for this desk' USING ERRCODE = '{NOT_THIS_DESK}';
    END IF;
    RETURN NEW;
END
""",
}

SIGNATURES = {
    "entry_is_added": "entry_is_added() RETURNS trigger",
    "nothing_is_changed": "nothing_is_changed() RETURNS trigger",
    "erasure_takes_effect": "erasure_takes_effect() RETURNS trigger",
    "record_key_is_added": "record_key_is_added() RETURNS trigger",
    "record_key_goes": "record_key_goes() RETURNS trigger",
    "reading_key_is_added": "reading_key_is_added() RETURNS trigger",
    "advance_head": (
        "advance_head(of_desk text, new_number bigint, new_canonical bytea, new_signature bytea) RETURNS void"
    ),
}

FIRST_TRIGGERS = {
    "entries_follow_each_other": "BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entry_is_added()",
    "entries_are_not_changed": "BEFORE UPDATE OR DELETE ON entries FOR EACH STATEMENT EXECUTE FUNCTION nothing_is_changed()",  # noqa: E501
    "entries_are_not_emptied": "BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION nothing_is_changed()",
    "heads_are_not_removed": "BEFORE DELETE OR TRUNCATE ON heads FOR EACH STATEMENT EXECUTE FUNCTION nothing_is_changed()",  # noqa: E501
}
_UNCHANGED = "FOR EACH STATEMENT EXECUTE FUNCTION nothing_is_changed()"
TRIGGERS = FIRST_TRIGGERS | {
    "erasures_take_effect": "AFTER INSERT ON entries FOR EACH ROW WHEN ((new.kind = 'lawfully_erased'::text)) EXECUTE FUNCTION erasure_takes_effect()",  # noqa: E501
    "record_keys_belong_to_entries": "BEFORE INSERT ON record_keys FOR EACH ROW EXECUTE FUNCTION record_key_is_added()",
    "record_keys_are_not_changed": f"BEFORE UPDATE OR TRUNCATE ON record_keys {_UNCHANGED}",
    "record_keys_go_lawfully": "BEFORE DELETE ON record_keys FOR EACH ROW EXECUTE FUNCTION record_key_goes()",
    "erasures_are_not_undone": f"BEFORE DELETE OR UPDATE OR TRUNCATE ON erased {_UNCHANGED}",
    "seal_keys_are_desks_own": "BEFORE INSERT ON seal_keys FOR EACH ROW EXECUTE FUNCTION reading_key_is_added()",
    "granted_keys_are_desks_own": "BEFORE INSERT ON granted_keys FOR EACH ROW EXECUTE FUNCTION reading_key_is_added()",
}

TABLES = """
CREATE TABLE desks (
    desk text NOT NULL, key text NOT NULL, public_key text NOT NULL, name text NOT NULL, receipt_prefix text NOT NULL,
    training boolean NOT NULL, registered timestamptz NOT NULL DEFAULT now(),
    registered_by text NOT NULL DEFAULT session_user,
    CONSTRAINT pk_desks PRIMARY KEY (desk, key));
CREATE TABLE logins (
    login text NOT NULL, desk text NOT NULL, CONSTRAINT pk_logins PRIMARY KEY (login, desk));
CREATE TABLE entries (
    place bigint GENERATED ALWAYS AS IDENTITY, came_in timestamptz NOT NULL DEFAULT clock_timestamp(),
    desk text NOT NULL, number bigint NOT NULL, canonical bytea NOT NULL, hash bytea NOT NULL, signature bytea NOT NULL,
    "time" text NOT NULL, kind text NOT NULL, subject text, technician text, officer text, receipt text,
    receipt_counter bigint, once text, CONSTRAINT pk_entries PRIMARY KEY (desk, number));
CREATE UNIQUE INDEX uq_entries_place ON entries (place);
CREATE UNIQUE INDEX uq_entries_once ON entries (once, desk) WHERE once IS NOT NULL;
CREATE UNIQUE INDEX uq_entries_receipt_counter ON entries (receipt_counter, desk) WHERE receipt_counter IS NOT NULL;
CREATE UNIQUE INDEX uq_entries_receipt_given ON entries (receipt) WHERE receipt_counter IS NOT NULL;
CREATE INDEX ix_entries_subject ON entries (subject, place) WHERE subject IS NOT NULL;
CREATE INDEX ix_entries_officer ON entries (officer, place) WHERE officer IS NOT NULL;
CREATE INDEX ix_entries_receipt ON entries (receipt, place) WHERE receipt IS NOT NULL;
CREATE INDEX ix_entries_kind ON entries (kind, place);
CREATE TABLE heads (
    desk text NOT NULL, number bigint NOT NULL, canonical bytea NOT NULL, signature bytea NOT NULL,
    CONSTRAINT pk_heads PRIMARY KEY (desk));
CREATE TABLE in_hands (
    subject text NOT NULL, kind text NOT NULL, desk text NOT NULL, number bigint NOT NULL,
    CONSTRAINT pk_in_hands PRIMARY KEY (subject, kind));
"""

KEY_TABLES = """
CREATE TABLE record_keys (
    desk text NOT NULL, number bigint NOT NULL, wrapped bytea NOT NULL,
    CONSTRAINT pk_record_keys PRIMARY KEY (desk, number));
CREATE TABLE erased (
    desk text NOT NULL, number bigint NOT NULL, by_desk text NOT NULL, by_number bigint NOT NULL, rule text NOT NULL,
    "time" text NOT NULL, CONSTRAINT pk_erased PRIMARY KEY (desk, number));
CREATE TABLE seal_keys (
    by_desk text NOT NULL, public bytea NOT NULL, signature bytea NOT NULL,
    CONSTRAINT pk_seal_keys PRIMARY KEY (by_desk, public));
CREATE TABLE granted_keys (
    key bytea NOT NULL, desk text NOT NULL, by_desk text NOT NULL, sealed bytea NOT NULL,
    CONSTRAINT pk_granted_keys PRIMARY KEY (key, desk, by_desk));
"""
"""Beside the chain: keys of personal fields; which were erased; the desks' keys that others seal for; what was sealed
for them (``provisioning.privacy.sharing``). No key is here in clear."""

KEY_RIGHTS = f"""
GRANT SELECT ON record_keys, erased, seal_keys, granted_keys TO {", ".join(ROLES)};
GRANT INSERT ON record_keys, seal_keys, granted_keys TO {TECHNICIAN}, {SUPERVISOR}, {ADMINISTRATOR};
GRANT INSERT (desk, number, canonical, hash, signature, "time", kind, subject, technician, officer, receipt,
    receipt_counter, once) ON entries TO {ADMINISTRATOR};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION advance_head TO {ADMINISTRATOR};
GRANT {SUPERVISOR} TO {ADMINISTRATOR};
"""

RIGHTS = f"""
GRANT USAGE ON SCHEMA {SCHEMA} TO {", ".join(ROLES)};
GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {", ".join(ROLES)};
GRANT INSERT (desk, number, canonical, hash, signature, "time", kind, subject, technician, officer, receipt,
    receipt_counter, once) ON entries TO {TECHNICIAN}, {SUPERVISOR};
GRANT INSERT ON desks, logins TO {ADMINISTRATOR};
GRANT DELETE ON logins TO {ADMINISTRATOR};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {SCHEMA} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION advance_head TO {TECHNICIAN}, {SUPERVISOR};
GRANT {TECHNICIAN} TO {SUPERVISOR};
"""


def function(name: str) -> str:
    """Give the statement that makes, or makes anew, one of the functions."""
    return (
        f"CREATE OR REPLACE FUNCTION {SIGNATURES[name]} LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = {SCHEMA}, pg_temp AS $guard${FUNCTIONS[name]}$guard$"
    )


def trigger(name: str) -> str:
    """Give the statement that makes one of the triggers."""
    return f"CREATE TRIGGER {name} {TRIGGERS[name]}"
