"""Properties, IMEI, users and restrictions: read strictly, on recordings and on whatever else may come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.android.condition import count_accounts
from provisioning.android.imei import read_imei
from provisioning.android.properties import identity, read_properties
from provisioning.android.reading import Unreadable
from provisioning.android.restrictions import read_effective
from provisioning.android.users import merged, read_user_dump, read_user_list

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "android"
recorded = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the reference recordings are not beside this checkout")

keys = st.text("abcdefghijklmnopqrstuvwxyz._", min_size=1, max_size=20)
values = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30)


@given(st.dictionaries(keys, values, min_size=1, max_size=10))
def test_properties_come_back_as_they_were_printed(properties: dict[str, str]) -> None:
    printed = "".join(f"[{key}]: [{value}]\n" for key, value in properties.items())
    assert read_properties(printed) == properties


def test_a_property_may_have_several_lines() -> None:
    assert read_properties("[a]: [one\ntwo]\n[b]: [x]y]\n") == {"a": "one\ntwo", "b": "x]y"}


def test_a_property_forged_inside_another_is_found_out() -> None:
    printed = "[ro.serialno]: [R1]\n[debug.x]: [1]\n[ro.serialno]: [R2]\n"
    with pytest.raises(Unreadable, match=r"ro\.serialno comes twice"):
        read_properties(printed)


@pytest.mark.parametrize("text", ["", "R58T00TEST\n", "[a]: [b", "sh: getprop: not found\n"])
def test_what_is_no_list_of_properties_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_properties(text)


@recorded
@pytest.mark.parametrize("name", ["getprop.txt", "androidqf_getprop.txt"])
def test_recorded_properties_are_read(name: str) -> None:
    found = read_properties((RECORDINGS / "mvt" / name).read_text("utf-8"))
    assert found["dalvik.vm.appimageformat"] == "lz4"


@recorded
@pytest.mark.parametrize("firmware", ["pixel8_shiba_A14", "samsung_a21s_A12"])
def test_real_firmware_names_itself(firmware: str) -> None:
    properties: dict[str, str] = {"ro.serialno": "R1"}
    for part in sorted((RECORDINGS / "firmware").glob(f"{firmware}*.prop")):
        for line in part.read_text("utf-8").splitlines():
            key, equals, value = line.partition("=")
            if equals and not key.startswith("#"):
                properties.setdefault(key, value)
    properties["ro.product.model"] = properties["ro.product.system.model"]
    found = identity(properties, None)
    assert found.os_version in {"12", "14"}
    assert found.security_patch is not None
    assert found.build


SAMSUNG = {
    "ro.serialno": "R58T00TEST",
    "ro.product.model": "SM-A546B",
    "ro.product.brand": "samsung",
    "ro.build.version.release": "14",
    "ro.build.version.sdk": "34",
    "ro.build.display.id": "UP1A.231005.007.A546BXXS9BXD1",
    "ro.build.version.security_patch": "2024-04-01",
}


def test_a_samsung_is_named_by_brand_and_model() -> None:
    found = identity(SAMSUNG, "356938035643809")
    assert (found.serial_number, found.model, found.model_name) == ("R58T00TEST", "SM-A546B", "Samsung SM-A546B")
    assert (found.os_version, found.security_patch, found.imei) == ("14", "2024-04-01", "356938035643809")


@pytest.mark.parametrize(
    "change",
    [{"ro.serialno": ""}, {"ro.serialno": "a\u202eb"}, {"ro.product.model": ""}, {"ro.build.version.sdk": "REL"}],
)
def test_without_the_facts_for_the_books_nobody_is_named(change: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        identity(SAMSUNG | change, None)


def parcel(text: str, status: int = 0) -> str:
    units = [ord(one) for one in text] + [0] * (2 - len(text) % 2)
    words = [status, len(text), *(units[i] | units[i + 1] << 16 for i in range(0, len(units), 2))]
    rows = [words[i : i + 4] for i in range(0, len(words), 4)]
    shown = [
        f"  0x{i * 16:08x}: {' '.join(f'{word:08x}' for word in row)} '................'" for i, row in enumerate(rows)
    ]
    return "Result: Parcel(\n" + "\n".join(shown) + ")\n"


def test_an_imei_is_read_from_a_parcel() -> None:
    assert read_imei(parcel("356938035643809")) == "356938035643809"


@pytest.mark.parametrize(
    "text",
    [
        parcel("356938035643808"),
        parcel("000000000000000"),
        parcel("356938035643809", status=0xFFFFFFFF),
        parcel("35693803564380"),
        parcel("35693803564380a"),
        "Result: Parcel(fffffffc ffffffff 00000000 00000000 '................')\n",
        "service: Service iphonesubinfo does not exist\n",
        "",
    ],
    ids=["check digit", "zeros", "error", "short", "letter", "no permission", "no service", "nothing"],
)
def test_anything_else_is_no_imei(text: str) -> None:
    assert read_imei(text) is None


@given(st.text(max_size=300))
def test_no_text_crashes_the_imei(text: str) -> None:
    read_imei(text)


PHONES = {
    "0:Owner:13": ["owner"],
    "0:Owner:4c13 150:Secure Folder:10061030": ["owner", "Secure Folder"],
    "0::c13 11:a}b:c:1030 151:x:10061030": ["owner", "work profile", "Secure Folder"],
    "0:Owner:4c13 95:DUAL_APP:20001010 150:S:61010": ["owner", "Dual Messenger", "Secure Folder"],
    "0:Owner:4c13 10:Guest:414 12:x:410": ["owner", "guest", "second user"],
}


@pytest.mark.parametrize("phone", PHONES)
def test_users_are_told_by_flags_never_by_name(phone: str) -> None:
    rows = [f"\tUserInfo{{{user}}} running" for user in re.split(r" (?=\d+:)", phone)]
    assert [user.kind for user in read_user_list("\n".join(["Users:", *rows])).values()] == PHONES[phone]


@recorded
def test_recorded_phones_list_their_users() -> None:
    blocks = (RECORDINGS / "samples" / "pm_list_users_real.txt").read_text("utf-8").split("Users:\n")[1:]
    kinds: list[list[str]] = []
    for block in blocks:
        rows = [line for line in block.split("\n") if line.startswith("\tUserInfo")]
        kinds.append([user.kind for user in read_user_list("Users:\n" + "\n".join(rows)).values()])
    assert kinds == [
        ["owner", "Secure Folder"],
        ["owner", "work profile", "Secure Folder"],
        ["owner", "Dual Messenger", "Secure Folder"],
        ["owner", "work profile", "Secure Folder"],
        ["owner"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Users:\n",
        "Users:\n\tUserInfo{10:x:1030} running\n",
        "Users:\n\tUserInfo{0:Owner:13} running\n\tUserInfo{0:Owner:13} running\n",
        "Users:\n\tUserInfo{0:Ow\n\tUserInfo{10:ner:13} running\n",
        "Users:\n\tUserInfo{0:Owner:13} runn",
        "Error: java.lang.SecurityException: no\n",
    ],
)
def test_what_is_no_list_of_users_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_user_list(text)


names = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12)
flags = st.integers(0, 0xFFFFFFFF)


@given(st.dictionaries(st.integers(1, 21474), st.tuples(names, flags), max_size=6))
def test_no_name_hides_a_user(extra: dict[int, tuple[str, int]]) -> None:
    rows = [f"\tUserInfo{{{number}:{name}:{bits:x}}} running" for number, (name, bits) in extra.items()]
    found = read_user_list("\n".join(["Users:", "\tUserInfo{0:Owner:13} running", *rows]))
    assert {user.id: user.flags for user in found.values() if user.id} == {n: bits for n, (_, bits) in extra.items()}


def dumps() -> list[str]:
    text = (RECORDINGS / "samples" / "dumpsys_user_versions.txt").read_text("utf-8")
    return [block.split("\n", 1)[1] for block in text.split("### ")[1:]]


@recorded
def test_recorded_dumps_of_users_of_four_releases_are_read() -> None:
    assert [read_user_dump(dump)[0].flags for dump in dumps()] == [0x13, 0xC13, 0x4C13]
    assert [read_effective(dump)[0] for dump in dumps()] == [
        frozenset(),
        frozenset(),
        {"no_install_apps", "no_factory_reset", "no_add_managed_profile", "no_add_clone_profile"},
    ]


def test_the_type_of_a_profile_comes_from_the_dump() -> None:
    dump = (
        "Current user: 0\n\nUsers:\n  UserInfo{0:xxx:4c13} serialNo=0 isPrimary=true\n    Type: "
        "android.os.usertype.full.SYSTEM\n  UserInfo{11:xxx:1010} serialNo=11 isPrimary=false parentId=0\n"
        "    Type: android.os.usertype.profile.PRIVATE\n\nDevice properties:\n"
    )
    listed = read_user_list("Users:\n\tUserInfo{0:Owner:4c13} running\n\tUserInfo{11:x:1010}\n")
    assert merged(listed, read_user_dump(dump))[11].kind == "Private Space"


def test_lists_of_users_that_differ_are_unreadable() -> None:
    one = read_user_list("Users:\n\tUserInfo{0:Owner:4c13} running\n")
    two = read_user_list("Users:\n\tUserInfo{0:Owner:4c13} running\n\tUserInfo{150:x:61010}\n")
    with pytest.raises(Unreadable, match="150"):
        merged(one, two)
    with pytest.raises(Unreadable, match="150"):
        merged(two, one)


RESTRICTED = """Current user: 0
Users:
  UserInfo{0:xxx:4c13} serialNo=0 isPrimary=true
    Restrictions:
      none
    Device policy restrictions:
      no_factory_reset
    Effective restrictions:
      no_factory_reset
      no_add_clone_profile
    Ignore errors preparing storage: false
"""


def test_only_effective_restrictions_count() -> None:
    assert read_effective(RESTRICTED) == {0: frozenset({"no_factory_reset", "no_add_clone_profile"})}


@pytest.mark.parametrize("nothing", ["none", "null"])
def test_none_and_null_are_no_restriction(nothing: str) -> None:
    text = RESTRICTED.replace("      no_factory_reset\n      no_add_clone_profile\n", f"      {nothing}\n")
    assert read_effective(text) == {0: frozenset()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        RESTRICTED.replace("    Effective restrictions:\n", ""),
        RESTRICTED.split("      no_factory_reset\n      no_add")[0],
        RESTRICTED + "    Effective restrictions:\n      no_install_apps\n",
        RESTRICTED.replace("      no_add_clone_profile\n", "      none\n"),
    ],
    ids=["nothing", "no header", "cut", "forged below", "contradiction"],
)
def test_restrictions_that_cannot_be_told_are_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_effective(text)


@given(st.text(max_size=300))
def test_no_text_crashes_the_readers_of_users(text: str) -> None:
    for read in (read_user_list, read_user_dump, read_effective):
        try:
            read(text)
        except Unreadable:
            pass


ACCOUNTS = """User UserInfo{0:Owner:4c13}:
  Accounts: 2
    Account {name=someone@example.org, type=com.google}
    Account {name=0, type=com.whatsapp}

  AccountId, Action_Type, timestamp, UID, TableName, Key
  Accounts History
User UserInfo{150:x:61010}:
  Accounts: 1
    Account {name=x, type=com.osp.app.signin}
"""


def test_accounts_of_every_user_are_counted() -> None:
    assert count_accounts(ACCOUNTS) == 3


@pytest.mark.parametrize("text", ["", "User UserInfo{0:Owner:13}:\n", ACCOUNTS.replace("  Accounts: 1\n", "")])
def test_accounts_that_are_not_counted_are_not_none(text: str) -> None:
    with pytest.raises(Unreadable):
        count_accounts(text)
