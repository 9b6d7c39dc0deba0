"""Policies are read from files: all mistakes at once and at their lines, inheritance, one hash over everything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_bench import ANDROID, IOS, catalogue

from provisioning.errors import FileError, UsageError
from provisioning.inventory import App
from provisioning.policy.compilation import compile_policy
from provisioning.policy.decision import decide
from provisioning.policy.effective import BlockedSuffices, Decision, PermitGrant, Person, Severity
from provisioning.policy.load import Origin, load_policy, policy_names, policy_origin, shipped_folder
from provisioning.policy.schema import json_schema
from provisioning.policy.versions import older

HEAD = '[policy]\nname = "mine"\nversion = "1"\ntitle = "Mine"\n'
RULE = '[rules.no]\ndecision = "denied"\nreason = "not here"\nbasis = "our own rule"\n'


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_smallest_policy_lets_a_person_look_at_what_nobody_knows(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, HEAD))
    assert policy.unlisted.user.decision is Decision.REVIEW
    assert policy.unlisted.system.decision is Decision.ALLOWED
    assert policy.blocking == frozenset(Severity)
    assert policy.blocked_suffices is BlockedSuffices.SYSTEM
    assert policy.max_age_seconds == 600
    assert not policy.remove_denied


def test_a_rule_is_written_once_and_named_or_written_in_place(tmp_path: Path) -> None:
    text = (
        f'{HEAD}{RULE}[classes]\nforum = "no"\n[families]\n'
        'TikTok = { decision = "review", reason = "look", basis = "assumption" }\n'
        '[identifiers.ios]\n"com.Example.App" = "no"\n'
    )
    policy = load_policy(write(tmp_path, text))
    assert policy.classes["forum"].id == "no"
    assert policy.families["TikTok"].id == "families.TikTok"
    assert policy.identifiers[IOS, "com.example.app"].decision is Decision.DENIED


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = (
        f'{HEAD}colour = "blue"\n'                                              # line 5
        '[rules.bad]\ndecision = "perhaps"\nreason = ""\nbasis = "x"\n'         # 7, 8
        '[verification]\nmax_age = "soon"\nblocking = ["denied", "sometimes"]\n'  # 11, 12
        '[floors]\nios = "newest"\n'                                            # 14
    )  # fmt: skip
    with pytest.raises(FileError) as raised:
        load_policy(write(tmp_path, text))
    said = str(raised.value)
    for line in (5, 7, 8, 11, 12, 14):
        assert f"line {line}: " in said
    assert raised.value.line == 5
    assert "perhaps" not in said or "denied" in said


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("[policy\n", "not valid TOML", None),
        (f'{HEAD}[classes]\nforum = "missing"\n', "names the rule “missing”", 6),
        (f'{HEAD}inherits = "nobody"\n', "there is no such policy", 5),
        (f'{HEAD}inherits = "mine"\n', "in a circle", 5),
        (f'{HEAD}[identifiers.ios]\n"a.b" = 3\n', "identifiers.ios.a.b", 6),
        (f'{HEAD}[lockdown.ios]\nallowCamera = 1.5\n', "lockdown.ios.allowCamera", 6),
        ('[policy]\nname = "Not A Name"\nversion = "1"\ntitle = "t"\n', "policy.name", 2),
        (f"{HEAD}[roles.boss]\ntitle = 'Boss'\n", "roles.boss", 5),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, text: str, says: str, line: int | None) -> None:
    path = write(tmp_path, text)
    with pytest.raises(FileError, match=says) as raised:
        load_policy(path if "inherits" not in text else "mine", [tmp_path])
    assert raised.value.path == path
    assert raised.value.line == line


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b'[policy]\nname = "\xff"\n')
    with pytest.raises(FileError, match="not UTF-8") as raised:
        load_policy(path)
    assert raised.value.line == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_a_policy_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with pytest.raises(FileError):
        load_policy(path)


def test_the_nearest_word_wins_line_by_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD.replace("mine", "base")
        + RULE
        + '[classes]\nforum = "no"\ndating = "no"\n[lockdown.ios]\nallowCamera = false\nallowChat = false\n'
        '[lockdown.android]\nrestrictions = ["no_add_user"]\n[verification]\nmax_age = "1 h"\nnotes = ["no"]\n',
        "base",
    )
    mine = (
        f'{HEAD}inherits = "base"\n[rules.yes]\ndecision = "allowed"\nreason = "fine"\nbasis = "ours"\n'
        '[classes]\nforum = "yes"\n[lockdown.ios]\nallowCamera = true\n'
        '[lockdown.android]\nrestrictions = ["no_safe_boot"]\n'
    )
    policy = load_policy(write(tmp_path, mine), [tmp_path])
    assert policy.classes["forum"].decision is Decision.ALLOWED
    assert policy.classes["dating"].decision is Decision.DENIED
    assert policy.lock_down_ios == {"allowCamera": True, "allowChat": False}
    assert policy.lock_down_android == ("no_safe_boot",)
    assert policy.max_age_seconds == 3600
    assert policy.notes == {"no"}
    assert [one.name for one in policy.lineage] == ["base"]


def test_a_rule_of_an_ancestor_is_reworded_by_its_name(tmp_path: Path) -> None:
    write(tmp_path, HEAD.replace("mine", "base") + RULE + '[classes]\nforum = "no"\n', "base")
    mine = f'{HEAD}inherits = "base"\n[rules.no]\ndecision = "review"\nreason = "ask us"\nbasis = "ours"\n'
    rule = load_policy(write(tmp_path, mine), [tmp_path]).classes["forum"]
    assert (rule.decision, rule.reason) == (Decision.REVIEW, "ask us")


def test_the_hash_is_over_the_file_and_all_that_it_inherits(tmp_path: Path) -> None:
    base = write(tmp_path, HEAD.replace("mine", "base"), "base")
    mine = write(tmp_path, f'{HEAD}inherits = "base"\n')
    before = load_policy("mine", [tmp_path])
    base.write_text(base.read_text("utf-8") + "# a word\n", "utf-8")
    after = load_policy("mine", [tmp_path])
    assert before.reference.sha256 != after.reference.sha256
    assert after.lineage[0].sha256 == load_policy("base", [tmp_path]).reference.sha256
    alone = hashlib.sha256()
    data = base.read_bytes()
    alone.update(len(data).to_bytes(8, "big"))
    alone.update(data)
    assert after.lineage[0].sha256 == alone.hexdigest()
    assert mine.exists()


def test_ones_own_folder_comes_before_what_ships(tmp_path: Path) -> None:
    write(tmp_path, HEAD.replace('"mine"', '"met-police"'), "met-police")
    assert load_policy("met-police", [tmp_path]).title == "Mine"
    assert load_policy("met-police").title.startswith("Metropolitan")
    write(tmp_path, HEAD)
    assert "mine" in policy_names([tmp_path])
    assert "mine" not in policy_names()
    whose = [policy_origin(name, [tmp_path]) for name in ("met-police", "mine", "city-hall")]
    assert whose == [Origin.INSTEAD, Origin.OWN, Origin.SHIPPED]


def test_a_file_does_not_pass_for_a_policy_of_another_name(tmp_path: Path) -> None:
    write(tmp_path, HEAD.replace('"mine"', '"met-police"'), "city-hall")
    with pytest.raises(FileError, match="calls its policy “met-police”"):
        load_policy("city-hall", [tmp_path])
    write(tmp_path, f'{HEAD}inherits = "city-hall"\n')
    with pytest.raises(FileError, match="calls its policy “met-police”"):
        load_policy("mine", [tmp_path])


def test_a_policy_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="met-police"):
        load_policy("no-such", [tmp_path])
    with pytest.raises(UsageError):
        load_policy("../met-police", [shipped_folder() / "deeper"])


def test_names_that_the_catalogue_does_not_have_are_refused(tmp_path: Path) -> None:
    for table, name in (("families", "Tik Tok"), ("classes", "short_films")):
        policy = load_policy(write(tmp_path, f'{HEAD}{RULE}[{table}]\n"{name}" = "no"\n'))
        with pytest.raises(UsageError, match=name):
            compile_policy(policy, catalogue())


def test_a_role_that_the_policy_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="wizard"):
        compile_policy(load_policy(write(tmp_path, HEAD)), catalogue(), Person("P1", ("wizard",)))


def test_the_effective_policy_has_one_hash_for_one_content() -> None:
    policy = load_policy("met-police")
    person = Person("P1", ("communications",), (PermitGrant("WA-1", "WhatsApp", "2026-12-31"),))
    same = Person("P1", ("communications",), (PermitGrant("WA-1", "WhatsApp", "2026-12-31"),))
    hashes = {
        compile_policy(policy, catalogue()).sha256,
        compile_policy(policy, catalogue(), person).sha256,
        compile_policy(policy, catalogue(), Person("P2", person.roles, person.permits)).sha256,
        compile_policy(policy, catalogue(), Person("P1", (), person.permits)).sha256,
        compile_policy(policy, catalogue(), Person("P1", person.roles)).sha256,
        compile_policy(load_policy("uk-government"), catalogue()).sha256,
    }
    assert len(hashes) == 6
    assert compile_policy(policy, catalogue(), person).sha256 == compile_policy(policy, catalogue(), same).sha256


def test_what_the_handset_blocks_is_spelled_out_from_the_catalogue(tmp_path: Path) -> None:
    text = f'{HEAD}{RULE}[families]\nTikTok = "no"\n[identifiers.android]\n"org.Example.One" = "no"\n'
    orders = compile_policy(load_policy(write(tmp_path, text)), catalogue()).orders
    known = {entry.identifier for entry in catalogue().entries if (entry.family, entry.platform) == ("TikTok", ANDROID)}
    stubs = {e.identifier for e in catalogue().entries if e.family == "TikTok" and e.app_class == "stub"}
    assert set(orders.blocked_ids[ANDROID]) >= (known - stubs) | {"org.Example.One"}
    assert "com.zhiliaoapp.musically" in orders.blocked_ids[IOS]
    assert "com.burbn.instagram" not in orders.blocked_ids[IOS]
    assert orders.web_deny_urls == ()


def test_the_web_filter_takes_as_many_addresses_as_apple_does() -> None:
    urls = compile_policy(load_policy("met-police"), catalogue()).orders.web_deny_urls
    assert 100 < len(urls) <= 500
    assert {"https://tiktok.com", "https://instagram.com", "https://facebook.com"} <= set(urls)
    assert compile_policy(load_policy("bbc-advice"), catalogue()).orders.web_deny_urls == ()


def test_editors_get_a_schema() -> None:
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert {"policy", "rules", "classes", "lockdown", "roles"} <= set(schema["properties"])
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize(
    ("version", "floor", "expected"),
    [("17.0", "17", False), ("16.7.2", "17.0", True), ("26.10", "26.2", False), ("8.1", "12", True), ("", "1", True)],
)
def test_versions_are_compared_as_numbers(version: str, floor: str, expected: bool) -> None:
    assert older(version, floor) is expected


@pytest.mark.parametrize("address", ["http://roster.example.org", "https://", "javascript:alert(1)", "https://a b"])
def test_a_page_for_the_home_screen_must_be_https(tmp_path: Path, address: str) -> None:
    file = tmp_path / "clips.toml"
    text = '[policy]\nname = "clips"\nversion = "1"\ntitle = "Clips"\ninherits = "met-police"\n[lockdown.web_clips]\n'
    file.write_text(f'{text}"Roster" = "{address}"\n', "utf-8")
    with pytest.raises(FileError, match="web_clips"):
        load_policy(file)
    file.write_text(f'{text}"Roster" = "https://roster.example.org/"\n', "utf-8")
    assert load_policy(file).web_clips == {"Roster": "https://roster.example.org/"}


SHELVES = (
    f'{HEAD}{RULE}[rules.fine]\ndecision = "allowed"\nreason = "fine"\nbasis = "our own rule"\n'
    '[genres]\n"Social Networking" = "no"\nGames = "no"\n6015 = "fine"\n[families]\nSignal = "fine"\n'
)


@pytest.mark.parametrize(
    ("app", "decision"),
    [
        (App("com.maker.tool", store_genre_id=6005, store_genre="Réseaux sociaux"), Decision.DENIED),
        (App("com.maker.tool", store_genre="social networking"), Decision.DENIED),
        (App("com.maker.tool", store_genre_id=6014), Decision.DENIED),
        (App("com.maker.tool", store_genre_id=6015), Decision.ALLOWED),
        (App("com.maker.tool", store_genre_id=6002), Decision.REVIEW),
        (App("com.skout.newapp", store_genre_id=6016), Decision.REVIEW),
        (App("org.whispersystems.signal", store_genre_id=6005), Decision.ALLOWED),
    ],
)
def test_a_rule_for_a_shelf_of_the_store_holds_for_what_no_rule_names_more_closely(
    tmp_path: Path, app: App, decision: Decision
) -> None:
    effective = compile_policy(load_policy(write(tmp_path, SHELVES)), catalogue())
    assert decide(effective, IOS, app, catalogue().classify(IOS, app)).decision is decision


def test_a_shelf_that_is_allowed_acquits_nobody_of_a_suspicion(tmp_path: Path) -> None:
    text = SHELVES.replace('Games = "no"', 'Entertainment = "fine"')
    effective = compile_policy(load_policy(write(tmp_path, text)), catalogue())
    app = App("com.skout.newapp", store_genre_id=6016)
    assert decide(effective, IOS, app, catalogue().classify(IOS, app)).decision is Decision.REVIEW


def test_testflight_and_enterprise_have_rules_of_their_own_where_a_policy_says_so(tmp_path: Path) -> None:
    text = (
        f'{HEAD}{RULE}[rules.fine]\ndecision = "allowed"\nreason = "ours"\nbasis = "our own rule"\n'
        '[unlisted]\nuser = "fine"\nsideloaded = "no"\ntestflight = "fine"\n'
    )
    effective = compile_policy(load_policy(write(tmp_path, text)), catalogue())
    for signer, decision in (
        ("TestFlight Beta Distribution", Decision.ALLOWED),
        ("iPhone Distribution: X", Decision.DENIED),
    ):
        app = App("com.maker.tool", signer=signer)
        assert decide(effective, IOS, app, catalogue().classify(IOS, app)).decision is decision
    stricter = compile_policy(load_policy(write(tmp_path, text + 'developer_signed = "fine"\n')), catalogue())
    assert stricter.sha256 != effective.sha256
