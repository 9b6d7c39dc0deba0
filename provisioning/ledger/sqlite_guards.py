"""What the embedded ledger itself refuses, whichever program opens the file: triggers, by version.

Their text is compared with this file at each ``ledger verify``.
"""

from __future__ import annotations

FIRST_TRIGGERS = {
    "entries_are_not_changed": (
        "CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END"
    ),
    "entries_are_not_removed": (
        "CREATE TRIGGER entries_are_not_removed BEFORE DELETE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END"
    ),
    # INSERT OR REPLACE removes rows without firing the trigger above.
    "entries_follow_each_other": (
        "CREATE TRIGGER entries_follow_each_other BEFORE INSERT ON entries WHEN NEW.number <> "
        "(SELECT coalesce(max(number), 0) + 1 FROM entries WHERE desk = NEW.desk) OR EXISTS "
        "(SELECT 1 FROM entries WHERE desk = NEW.desk AND once = NEW.once) "
        "BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END"
    ),
    "heads_only_advance": (
        "CREATE TRIGGER heads_only_advance BEFORE UPDATE ON heads "
        "WHEN NEW.desk <> OLD.desk OR NEW.number <= OLD.number "
        "BEGIN SELECT RAISE(ABORT, 'a head only advances'); END"
    ),
    "heads_are_not_replaced": (
        "CREATE TRIGGER heads_are_not_replaced BEFORE INSERT ON heads WHEN EXISTS "
        "(SELECT 1 FROM heads WHERE desk = NEW.desk) "
        "BEGIN SELECT RAISE(ABORT, 'a head only advances'); END"
    ),
    "heads_are_not_removed": (
        "CREATE TRIGGER heads_are_not_removed BEFORE DELETE ON heads "
        "BEGIN SELECT RAISE(ABORT, 'heads are never removed'); END"
    ),
}
KEY_TRIGGERS = {
    "record_keys_are_not_changed": (
        "CREATE TRIGGER record_keys_are_not_changed BEFORE UPDATE ON record_keys "
        "BEGIN SELECT RAISE(ABORT, 'record keys are never changed'); END"
    ),
    "record_keys_go_lawfully": (
        "CREATE TRIGGER record_keys_go_lawfully BEFORE DELETE ON record_keys WHEN NOT EXISTS "
        "(SELECT 1 FROM erased WHERE desk = OLD.desk AND number = OLD.number) "
        "BEGIN SELECT RAISE(ABORT, 'a record key goes only with an entry that says why'); END"
    ),
    "record_keys_do_not_come_back": (
        "CREATE TRIGGER record_keys_do_not_come_back BEFORE INSERT ON record_keys WHEN EXISTS "
        "(SELECT 1 FROM erased WHERE desk = NEW.desk AND number = NEW.number) OR EXISTS "
        "(SELECT 1 FROM record_keys WHERE desk = NEW.desk AND number = NEW.number) "
        "BEGIN SELECT RAISE(IGNORE); END"
    ),
    "erasures_are_not_changed": (
        "CREATE TRIGGER erasures_are_not_changed BEFORE UPDATE ON erased "
        "BEGIN SELECT RAISE(ABORT, 'what was erased stays so'); END"
    ),
    "erasures_are_not_undone": (
        "CREATE TRIGGER erasures_are_not_undone BEFORE DELETE ON erased "
        "BEGIN SELECT RAISE(ABORT, 'what was erased stays so'); END"
    ),
    "erasures_are_entries": (
        "CREATE TRIGGER erasures_are_entries BEFORE INSERT ON erased WHEN NOT EXISTS "
        "(SELECT 1 FROM entries WHERE desk = NEW.by_desk AND number = NEW.by_number "
        "AND kind IN ('lawfully_erased', 'erasure_applied')) "
        "BEGIN SELECT RAISE(ABORT, 'what was erased is said by an entry'); END"
    ),
}
TRIGGERS = {**FIRST_TRIGGERS, **KEY_TRIGGERS}
WITH_KEYS = 2
"""The version that brought record keys."""
TRIGGERS_OF = {1: FIRST_TRIGGERS, WITH_KEYS: TRIGGERS}
"""The guards of each version of the tables (``schema.VERSION``): an older file that is only read has only its own."""
