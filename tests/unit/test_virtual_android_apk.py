"""Small APKs are made the same each time, foreign tools take them, and broken ones are refused in the installer's
words."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.virtual.android.apk.binary_xml import BadXml, Element, Reference, read_xml, write_xml
from provisioning.virtual.android.apk.build import TRAINING_PACKAGE, Manifest, build_apk, build_training_dpc
from provisioning.virtual.android.apk.reading import InstallProblem, read_apk
from provisioning.virtual.android.apk.signing import Signer

PATH = "/data/app/x/base.apk"


def test_the_shipped_training_controller_is_what_its_script_makes() -> None:
    shipped = files("resources").joinpath("virtual", "training-dpc.apk").read_bytes()
    assert shipped == build_training_dpc()


def test_the_training_controller_reads_as_a_controller() -> None:
    facts = read_apk(build_training_dpc(), PATH)
    assert facts.name == TRAINING_PACKAGE
    assert not facts.test_only
    (admin,) = facts.admins
    assert admin.name == f"{TRAINING_PACKAGE}.AdminReceiver"
    assert admin.protected
    assert admin.described
    assert "force-lock" in admin.policies
    assert facts.admin_service == f"{TRAINING_PACKAGE}.AdminService"
    assert facts.scheme == 2


@pytest.mark.skipif(shutil.which("aapt") is None, reason="aapt is not installed")
def test_aapt_reads_the_training_controller(tmp_path: Path) -> None:
    apk = tmp_path / "t.apk"
    apk.write_bytes(build_training_dpc())
    badging = subprocess.run(["aapt", "dump", "badging", apk], capture_output=True, text=True, check=True).stdout
    assert f"package: name='{TRAINING_PACKAGE}' versionCode='1'" in badging
    assert "provides-component:'device-admin'" in badging
    assert "testOnly" not in badging


@pytest.mark.skipif(shutil.which("apksigner") is None, reason="apksigner is not installed")
def test_apksigner_verifies_made_apks(tmp_path: Path) -> None:
    apk = tmp_path / "t.apk"
    apk.write_bytes(build_apk(Manifest("org.example.one", link_domains=("example.org",)), Signer.derived("one")))
    said = subprocess.run(
        ["apksigner", "verify", "-v", "--print-certs", apk], capture_output=True, text=True, check=True
    )
    assert "(APK Signature Scheme v2): true" in said.stdout
    assert Signer.derived("one").certificate_sha256 in said.stdout


def test_what_a_manifest_says_is_read_back() -> None:
    manifest = Manifest(
        "org.example.web", version_code=7, version_name="7.1", target_sdk=33, test_only=True, category=4,
        permissions=("android.permission.INTERNET",), link_domains=("www.example.org",), url_schemes=("example",),
        web_start_url="https://www.example.org/start",
    )  # fmt: skip
    facts = read_apk(build_apk(manifest, Signer.derived("w")), PATH)
    assert (facts.version_code, facts.version_name, facts.target_sdk) == (7, "7.1", 33)
    assert facts.test_only
    assert facts.category == 4
    assert facts.link_domains == ("www.example.org",)
    assert facts.url_schemes == ("example",)
    assert facts.web_start_url == "https://www.example.org/start"
    assert facts.certificate_sha256 == Signer.derived("w").certificate_sha256


@given(st.integers(0, 4700), st.integers(1, 255))
def test_a_changed_byte_is_never_installed_as_if_it_were_signed(at: int, change: int) -> None:
    good = build_training_dpc()
    bad = bytearray(good)
    bad[at] ^= change
    own = Signer.derived("Issuing Desk training DPC").certificate_sha256
    with suppress(InstallProblem):
        # Bytes that the scheme does not cover can change unseen; the signer cannot.
        assert read_apk(bytes(bad), PATH).certificate_sha256 == own


@given(st.binary(max_size=400))
def test_bytes_that_are_no_apk_are_refused(data: bytes) -> None:
    with pytest.raises(InstallProblem):
        read_apk(data, PATH)


@given(st.binary(max_size=400))
def test_bytes_that_are_no_binary_xml_are_refused(data: bytes) -> None:
    with pytest.raises(BadXml):
        read_xml(data)


names = st.sampled_from(["name", "label", "value", "host", "plain", "resource"])
values = (
    st.text(max_size=30) | st.booleans() | st.integers(0, 2**31 - 1) | st.builds(Reference, st.integers(0, 2**32 - 1))
)
elements = st.recursive(
    st.builds(Element, st.sampled_from("abc"), st.dictionaries(names, values, max_size=4)),
    lambda inner: st.builds(
        Element, st.sampled_from("abc"), st.dictionaries(names, values, max_size=3), st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


@given(elements)
def test_what_is_written_is_read(element: Element) -> None:
    assert read_xml(write_xml(element)) == element
