"""What a desk is told for enrolling Androids: secrets in the vault alone, the rest in desk.toml."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from console.assembly import controller_of, make_home
from console.cli import run
from console.provisioning_code import desk_code
from console.settings import load_settings
from provisioning.enrolment.provider import load_provider
from provisioning.errors import FileError, UsageError
from provisioning.home.home import Home
from provisioning.organisation import TokenFile, TokenOrder

QR = '[android.qr]\ndownload = "https://mdm.example/dpc.apk"\nwifi_ssid = "Desk"\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home", training=True, organisation=None, desk_name=None)


def set_up(home: Home, text: str) -> None:
    home.settings_file.write_text(text, "utf-8")


def test_a_secret_in_the_settings_is_refused_with_its_line_and_without_it(home: Home) -> None:
    set_up(home, '[android]\nprovider = "workspace-one"\n\n[android.extras]\ngid = "7"\npw = "hush-hush"\n')
    with pytest.raises(FileError, match="issuing-desk enrolment secret set pw") as told:
        load_settings(home.settings_file)
    assert "line 6" in str(told.value)
    assert "hush" not in str(told.value)


def test_secrets_are_sealed_on_disk_and_nobody_elses_to_read(home: Home) -> None:
    secrets = home.desk_secrets()
    assert secrets.all() == {}
    secrets.keep("pw", "hush-hush")
    secrets.keep("wifi-password", "sesame99")
    assert secrets.settings() == {"pw": "hush-hush"}
    (file,) = (home.path / "keys").glob("android*")
    assert b"hush" not in file.read_bytes()
    assert b"pw" not in file.read_bytes().removeprefix(b"IDV1")[:8]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets.forget("pw")
    assert set(secrets.all()) == {"wifi-password"}
    with pytest.raises(UsageError, match="keeps no secret"):
        secrets.forget("pw")


@pytest.mark.parametrize("name", ["wifi_password", "WiFi-Password", "enrollment-token", "ENROLMENT_TOKEN"])
def test_a_reserved_name_spelled_another_way_is_no_setting_that_handsets_are_told(home: Home, name: str) -> None:
    with pytest.raises(UsageError, match=r"Do you mean “(wifi-password|enrolment-token)”"):
        home.desk_secrets().keep(name, "sesame99")
    assert home.desk_secrets().all() == {}


@pytest.mark.parametrize("way", ["prompt", "stdin", "file"])
def test_a_secret_is_set_by_the_command_and_never_said_again(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    """At a terminal it is asked for without an echo, else read from stdin or a file; one line end is not part of it."""

    def typed(*_: object, **__: object) -> str:
        return "hush-hush"

    words = ["--home", str(home.path), "enrolment", "secret"]
    given = ["--file", str(tmp_path / "secret")] if way == "file" else []
    (tmp_path / "secret").write_bytes(b"hush-hush\r\n")
    with (tmp_path / "secret").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        if way == "prompt":
            monkeypatch.setattr(file, "isatty", lambda: True, raising=False)
            monkeypatch.setattr("getpass.getpass", typed)
        assert run([*words, "set", "pw", *given]) == 0
        assert home.desk_secrets().all() == {"pw": "hush-hush"}
        assert run([*words, "list"]) == 0
        for wrong in ("a b;c", "wifi_password"):
            assert run([*words, "set", wrong, "--file", str(tmp_path / "secret")]) == 2
        assert run([*words, "remove", "nosuch"]) == 2
    said = capsys.readouterr()
    assert "is no name of a setting" in said.err
    assert "hush" not in said.out + said.err


def test_the_controller_is_told_both_by_the_way_that_it_understands(home: Home) -> None:
    set_up(home, '[android.extras]\n"server.url" = "https://mdm.example"\n')
    home.desk_secrets().keep("enrolment.code", "hush-hush")
    home.desk_secrets().keep("wifi-password", "sesame99")
    token = controller_of(home, load_settings(home.settings_file)).token
    assert isinstance(token, TokenOrder)
    assert token.settings == {"server.url": "https://mdm.example", "enrolment.code": "hush-hush"}
    assert "hush" not in repr(token)


def test_a_controller_that_reads_a_file_gets_a_file(home: Home, tmp_path: Path) -> None:
    set_up(home, '[android]\nprovider = "headwind"\n[android.extras]\n"com.hmdm.BASE_URL" = "https://m.example"\n')
    controller = controller_of(home, load_settings(home.settings_file))
    assert isinstance(controller.token, TokenFile)
    assert (controller.apk, controller.takes_orders) == (None, False)


def test_googles_controller_is_known_without_an_apk(home: Home) -> None:
    """It is never installed over adb; what a handset must name and carry is in the provider's file."""
    set_up(home, '[android]\nprovider = "android-management-api"\n')
    controller = controller_of(home, load_settings(home.settings_file))
    provider = load_provider("android-management-api")
    assert (controller.component, controller.certificate_sha256) == (provider.component, provider.certificate_sha256)
    assert (controller.apk, controller.token, controller.takes_orders) == (None, None, False)


def test_the_code_of_the_desk_holds_the_network_and_says_what_lacks(home: Home) -> None:
    set_up(home, QR)
    with pytest.raises(UsageError, match="secret set wifi-password"):
        desk_code(home, load_settings(home.settings_file))
    home.desk_secrets().keep("wifi-password", "sesame99")
    code = desk_code(home, load_settings(home.settings_file))
    assert (code.network, code.expires) == ("Desk", None)
    assert "sesame99" in code.text
    assert "sesame99" not in repr(code)
    set_up(home, '[android]\nprovider = "android-management-api"\n')
    with pytest.raises(UsageError, match=r"secret set enrolment-token --file"):
        desk_code(home, load_settings(home.settings_file))
    set_up(home, '[android]\nprovider = "zero-touch"\n')
    with pytest.raises(UsageError, match="needs no code"):
        desk_code(home, load_settings(home.settings_file))
    set_up(home, "")
    with pytest.raises(UsageError, match=r"download under \[android\.qr\]"):
        desk_code(home, load_settings(home.settings_file))
