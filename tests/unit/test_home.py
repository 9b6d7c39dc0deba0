"""A desk's home: made whole or not at all, training or real for life, with no key in clear on the disk."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.assembly import make_home
from console.settings import load_settings
from provisioning.errors import HomeError, LedgerError, UsageError
from provisioning.home.creation import create_home
from provisioning.home.custody import PASSPHRASE_VARIABLE, CustodyKind
from provisioning.home.home import Home, is_home, open_home
from provisioning.home.keys import issued_by
from provisioning.organisation import DeviceController
from provisioning.signatures import DeskPublicKey

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)


def make_training(path: Path) -> Home:
    return create_home(path, training=True, organisation_name="Metropolitan Police Service", desk_name="Desk 4")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_training(tmp_path_factory.mktemp("made") / "home").path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Home:
    import shutil

    shutil.copytree(made, tmp_path / "home")
    return open_home(tmp_path / "home")


def test_a_training_home_works_alone_and_stays_one(tmp_path: Path) -> None:
    home = make_training(tmp_path / "deep" / "home")
    assert home.training
    again = open_home(home.path)
    assert again.identity == home.identity
    assert again.training
    assert again.custody() is CustodyKind.TRAINING
    assert again.identity.receipt_prefix == "TD4"
    assert again.signer().public == again.public_key()
    assert again.supervision().certificate.subject.rfc4514_string() == "CN=Metropolitan Police Service"
    with again.open_ledger() as ledger:
        (first,) = ledger.entries()
        assert (first.kind, first.training, first.desk) == ("home_created", True, home.identity.desk)
        assert ledger.next_receipt_number() == "TD4-000001"
    assert again.check_ledger().ok


def test_only_its_user_can_enter_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        home = make_training(tmp_path / "home")
        with home.open_ledger() as ledger:
            ledger.append("noted", None, {}, technician=None)
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (home.path, *home.path.rglob("*"))}
    finally:
        os.umask(before)
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert home.exposed() == ()
    (home.path / "desk.toml").chmod(0o644)
    assert home.exposed() == (home.path / "desk.toml",)


def test_no_key_lies_on_the_disk_in_clear(home: Home) -> None:
    keys = (home.signer().private_key, home.seal().private_key, home.supervision().private_key)
    secrets = [key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())[-48:] for key in keys]
    secrets += [home.vault().master_key, b"PRIVATE KEY"]
    for path in home.path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret in data or secret.hex().encode() in data for secret in secrets), path


def test_secrets_are_in_no_repr(home: Home) -> None:
    shown = repr(home) + repr(home.signer()) + repr(home.vault()) + repr(home.seal()) + repr(home.supervision())
    assert home.vault().master_key.hex() not in shown
    assert "master_key" not in shown
    assert "private_key" not in shown


def test_a_second_home_in_the_same_place_is_refused(home: Home) -> None:
    before = home.identity
    with pytest.raises(HomeError, match="already a home"):
        make_training(home.path)
    assert open_home(home.path).identity == before


def test_a_folder_with_other_things_is_not_made_a_home(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match=r"thesis\.odt"):
        make_training(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755, "somebody else's folder was locked"
    with pytest.raises(HomeError):
        make_training(tmp_path / "thesis.odt")


@pytest.mark.parametrize(
    ("organisation", "desk", "prefix"),
    [("", "Desk 4", None), ("Met\n", "a\x1b[2Jb", None), ("x" * 200, "D", None), ("Met", " ", None),
     ("Met", "D", "d4"), ("Met", "D", "D4-"), ("Met", "D", "")],
)  # fmt: skip
def test_names_that_cannot_stand_on_a_receipt_are_refused(
    tmp_path: Path, organisation: str, desk: str, prefix: str | None
) -> None:
    with pytest.raises(UsageError):
        create_home(tmp_path, training=True, organisation_name=organisation, desk_name=desk, receipt_prefix=prefix)
    assert not is_home(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("engine.")] == []
    make_training(tmp_path)


def test_there_is_no_home_where_none_was_made(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="issuing-desk init"):
        open_home(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.sampled_from([b"{}", b'{"format":2}', b'{"format":1,"desk":"x"}', b"[" * 5000]))
def test_a_damaged_identity_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "identity.json").write_bytes(content)
    with pytest.raises(HomeError):
        open_home(tmp_path)


def test_each_damaged_or_missing_file_of_keys_is_one_sentence(home: Home) -> None:
    uses = {
        "desk.key.sealed": Home.signer, "desk.pub": Home.signer, "vault.json": Home.vault,
        "training.passphrase": Home.vault, "seal.key.sealed": Home.seal, "seal.crt": Home.seal,
        "desk.crt": Home.seal, "supervision.p12.sealed": Home.supervision,
    }  # fmt: skip
    for name, use in uses.items():
        path = home.path / "keys" / name
        whole = path.read_bytes()
        for broken in (b"", b"garbage", whole[:-9], whole[:20] + b"AAAA" + whole[24:], None):
            path.unlink()
            if broken is not None:
                path.write_bytes(broken)
            with pytest.raises((HomeError, UsageError), match=r"\.$"):
                use(open_home(home.path))
            path.write_bytes(whole)
        use(open_home(home.path))


def test_another_desk_s_public_key_is_not_taken(home: Home, tmp_path: Path) -> None:
    other = make_training(tmp_path / "other")
    uses = {"desk.pub": Home.signer, "desk.key.sealed": Home.signer, "seal.crt": Home.seal}
    for name, use in uses.items():
        whole = (home.path / "keys" / name).read_bytes()
        (home.path / "keys" / name).write_bytes((other.path / "keys" / name).read_bytes())
        again = open_home(home.path)
        with pytest.raises(HomeError):
            use(again)
        (home.path / "keys" / name).write_bytes(whole)


def test_a_home_without_its_ledger_does_not_begin_a_new_one(home: Home) -> None:
    home.ledger_file.unlink()
    with pytest.raises(LedgerError, match="missing"):
        home.open_ledger()
    check = home.check_ledger()
    assert (check.ok, check.entries) == (False, 0)
    assert not home.ledger_file.exists()


def test_a_training_home_cannot_be_made_real(home: Home) -> None:
    identity = home.path / "identity.json"
    identity.write_text(identity.read_text().replace('"training":true', '"training":false'))
    forged = open_home(home.path)
    assert not forged.check_ledger().ok
    with forged.open_ledger() as ledger, pytest.raises(LedgerError, match="training"):
        ledger.append("noted", None, {}, technician=None)


def test_the_public_key_in_clear_checks_everything_the_desk_signs(home: Home) -> None:
    key = DeskPublicKey.from_pem(home.public_key_file.read_text())
    assert key.verifies(home.signer().sign(b"x"), b"x")
    assert not key.verifies(home.signer().sign(b"x"), b"y")
    assert not key.verifies(b"short", b"y")
    assert issued_by(key, home.seal().certificate)
    assert issued_by(key, home.seal().root)
    assert not issued_by(key, home.supervision().certificate)
    for wrong in ("", "nonsense", "x" * 5000, home.supervision().certificate.public_bytes(Encoding.PEM).decode()):
        with pytest.raises(UsageError):
            DeskPublicKey.from_pem(wrong)


def test_the_organisation_is_the_one_of_the_home(home: Home) -> None:
    def no_controller() -> DeviceController:
        raise UsageError("none")

    organisation = home.organisation(no_controller)
    assert organisation.name == "Metropolitan Police Service"
    assert organisation.magic == home.identity.organisation_magic
    assert organisation.supervision() is home.supervision()


def test_a_process_killed_while_making_a_home_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "home"
    code = (
        "import sys; from pathlib import Path; from provisioning.home.creation import create_home; "
        "print('go', flush=True); create_home(Path(sys.argv[1]), training=True, organisation_name='M', desk_name='D')"
    )
    for attempt in range(8):
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=REPOSITORY)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.03 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.stdout.close()
        if is_home(path):
            break
    home = open_home(path) if is_home(path) else make_training(path)
    assert home.check_ledger().ok
    home.signer()
    assert [child.name for child in path.iterdir() if child.name.startswith(".")] == []


def test_a_home_that_was_moved_into_place_by_half_is_finished(home: Home) -> None:
    draft = home.path / ".new-abcd"
    draft.mkdir()
    for name in ("identity.json", "ledger.sqlite", "ledger.head", "records", "desk.toml"):
        (home.path / name).rename(draft / name)
    assert not is_home(home.path)
    with pytest.raises(HomeError, match="already a home"):
        make_training(home.path)
    assert open_home(home.path).identity == home.identity
    assert home.check_ledger().ok
    assert not draft.exists()


def test_two_processes_making_the_same_home_make_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from provisioning.errors import HomeError\n"
        "from provisioning.home.creation import create_home\n"
        "try: create_home(Path(sys.argv[1]), training=True, organisation_name='M', desk_name='D')\n"
        "except HomeError as e: print(e)\n"
        "else: print('made')"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "h")], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )
        for _ in range(2)
    ]
    told = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert told[1] == "made"
    assert "already a home" in told[0]
    assert open_home(tmp_path / "h").check_ledger().ok


READ_ONLY = """
import subprocess, sys
from pathlib import Path
from provisioning.errors import HomeError
from provisioning.home.creation import create_home
from provisioning.home.home import open_home
folder = Path(sys.argv[1])
home = create_home(folder / "home", training=True, organisation_name="M", desk_name="D")
subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
home = open_home(home.path)
assert home.check_ledger().ok
home.signer(), home.seal()
for act in (home.lock("x").acquire, lambda: home.open_ledger().append("noted", None, {}, technician=None),
            lambda: create_home(folder / "other", training=True, organisation_name="M", desk_name="D"),
            lambda: home.create_supervision_identity(replace=True)):
    try:
        act()
    except HomeError as e:
        print(e)
subprocess.run(["mount", "-o", "remount,rw,size=150k", str(folder)], check=True)
try:
    create_home(folder / "big", training=True, organisation_name="M", desk_name="D", settings_text="#" * 200_000)
except HomeError as e:
    print(e)
assert [child.name for child in (folder / "big").iterdir()] in (["engine.lock"], [])
print("done")
"""


def test_a_read_only_and_a_full_disk_say_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         f'mount -t tmpfs -o size=2m tmpfs "{disk}" || exit 77; exec "$0" -c "$1" "{disk}"', sys.executable, READ_ONLY],
        capture_output=True, text=True, timeout=60, check=False, cwd=REPOSITORY,
    )  # fmt: skip
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip("this system lets nobody make a small disk")
    *told, last = run.stdout.splitlines() or [""]
    assert last == "done", run.stdout + run.stderr
    assert len(told) == 5, told
    assert all("writ" in sentence or "locked" in sentence or "made" in sentence for sentence in told[:4]), told
    assert "full" in told[4]


def test_how_many_are_worked_on_at_once_is_the_persons_who_says_so(tmp_path: Path) -> None:
    """Where desk.toml is silent each command takes what is usual for it; reading takes more than changing."""
    home = make_home(tmp_path / "home", training=True, organisation=None, desk_name=None)
    assert load_settings(home.settings_file).parallel is None
    home.settings_file.write_text("[desk]\nparallel = 3\n", "utf-8")
    assert load_settings(home.settings_file).parallel == 3
