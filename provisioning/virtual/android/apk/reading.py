"""Reads an APK as the package installer does, as far as this virtual handset needs it.

Failures carry the installer's own words (``PackageManager.installStatusToString`` and the texts of
``ApkSignatureVerifier``), ready for ``Failure […]``.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from dataclasses import replace

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from provisioning.virtual.android.apk.binary_xml import BadXml, Element, read_xml
from provisioning.virtual.android.apk.signing import BadSignature, java_hash_of, signing_certificate
from provisioning.virtual.android.state.packages import AdminReceiver, PackageFacts

_LARGEST_MANIFEST = 16 * 1024 * 1024
_ADMIN_ACTION_SERVICE = "android.app.action.DEVICE_ADMIN_SERVICE"
_BIND_ADMIN = "android.permission.BIND_DEVICE_ADMIN"
_START_URL = "org.chromium.webapk.shell_apk.startUrl"
_V2_NEEDED_FROM_TARGET = 30


class InstallProblem(Exception):
    """Raised for an APK that cannot be installed; ``str()`` stands between the brackets of ``Failure […]``."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)


def read_apk(data: bytes, path: str) -> PackageFacts:
    """Read an APK that is to lie at ``path``. Raises InstallProblem. Takes time on big files: call it off the loop."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest = read_xml(_entry(archive, "AndroidManifest.xml"))
            policies = _policies(archive)
            certificate, scheme = _certificate(data, archive, path)
    except BadSignature as error:
        raise InstallProblem(
            "INSTALL_PARSE_FAILED_NO_CERTIFICATES", f"Failed to collect certificates from {path}: {error}"
        ) from None
    except BadXml as error:
        raise InstallProblem(
            "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION", f"Failed to parse {path}: Corrupt XML binary file ({error})"
        ) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InstallProblem("INSTALL_PARSE_FAILED_NOT_APK", f"Failed to parse {path}: {error}") from None
    facts = _facts(manifest, path, policies)
    if scheme < 2 and facts.target_sdk >= _V2_NEEDED_FROM_TARGET:
        raise InstallProblem(
            "INSTALL_PARSE_FAILED_NO_CERTIFICATES",
            f"Scanning Failed.: No signature found in package of version 2 or newer for package {facts.name}",
        )
    return replace(
        facts,
        size=len(data),
        scheme=scheme,
        certificate_sha256=hashlib.sha256(certificate).hexdigest(),
        signature=java_hash_of(certificate),
    )


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(name)
    if entry.file_size > _LARGEST_MANIFEST:
        raise BadXml(f"{name} has {entry.file_size} bytes")
    return archive.read(entry)


def _certificate(data: bytes, archive: zipfile.ZipFile, path: str) -> tuple[bytes, int]:
    found = signing_certificate(data)
    if found is not None:
        return found
    for name in archive.namelist():
        if name.startswith("META-INF/") and name.endswith((".RSA", ".DSA", ".EC")):
            try:
                certificates = load_der_pkcs7_certificates(_entry(archive, name))
            except ValueError as error:
                raise BadSignature(str(error)) from None
            if certificates:
                return certificates[0].public_bytes(Encoding.DER), 1
    raise InstallProblem(
        "INSTALL_PARSE_FAILED_NO_CERTIFICATES", f"Failed to collect certificates from {path}: no signature"
    )


def _policies(archive: zipfile.ZipFile) -> tuple[str, ...]:
    for name in archive.namelist():
        if name.startswith("res/") and name.endswith(".xml"):
            try:
                root = read_xml(_entry(archive, name))
            except BadXml:
                continue
            if root.tag == "device-admin":
                return tuple(policy.tag for uses in root.all("uses-policies") for policy in uses.children)
    return ()


def _facts(manifest: Element, path: str, policies: tuple[str, ...]) -> PackageFacts:
    name = manifest.text("package")
    if not name or "." not in name or "/" in name:
        raise InstallProblem("INSTALL_PARSE_FAILED_BAD_PACKAGE_NAME", f"{path}: invalid package name")
    applications = manifest.all("application")
    application = applications[0] if applications else Element("application")
    sdk = manifest.all("uses-sdk")
    min_sdk = sdk[0].number("minSdkVersion", 1) if sdk else 1
    filters = [
        f for kind in ("activity", "activity-alias") for a in application.all(kind) for f in a.all("intent-filter")
    ]
    data = [d for f in filters for d in f.all("data") if _is_view(f)]
    web = {"http", "https"}
    category = application.number("appCategory", -1)
    return PackageFacts(
        name=name,
        apk=path,
        version_code=manifest.number("versionCode", 0),
        version_name=manifest.text("versionName") or None,
        min_sdk=min_sdk,
        target_sdk=sdk[0].number("targetSdkVersion", min_sdk) if sdk else min_sdk,
        label=application.text("label") or name,
        test_only=application.flag("testOnly", default=False),
        category=None if category < 0 else category,
        permissions=tuple(p.text("name") for p in manifest.all("uses-permission")),
        admins=tuple(_admin(name, r, policies) for r in application.all("receiver") if _could_administer(r)),
        admin_service=_admin_service(name, application),
        link_domains=tuple(dict.fromkeys(_hosts(filters))),
        url_schemes=tuple(dict.fromkeys(d.text("scheme") for d in data if d.text("scheme") not in web | {""})),
        web_start_url=_start_url(application),
    )


def _could_administer(receiver: Element) -> bool:
    # Any receiver can be named to dpm; what is missing is answered there ("must be protected", "Bad admin").
    return bool(receiver.text("name"))


def _admin(package: str, receiver: Element, policies: tuple[str, ...]) -> AdminReceiver:
    described = any(m.text("name") == "android.app.device_admin" for m in receiver.all("meta-data"))
    return AdminReceiver(
        _class(package, receiver.text("name")),
        protected=receiver.text("permission") == _BIND_ADMIN,
        described=described,
        policies=policies if described else (),
    )


def _admin_service(package: str, application: Element) -> str | None:
    for service in application.all("service"):
        actions = {a.text("name") for f in service.all("intent-filter") for a in f.all("action")}
        if _ADMIN_ACTION_SERVICE in actions and service.flag("enabled", default=True):
            return _class(package, service.text("name"))
    return None


def _class(package: str, name: str) -> str:
    if name.startswith("."):
        return package + name
    return name if "." in name else f"{package}.{name}"


def _is_view(found: Element) -> bool:
    return any(a.text("name") == "android.intent.action.VIEW" for a in found.all("action"))


def _hosts(filters: list[Element]) -> list[str]:
    return [
        d.text("host")
        for f in filters
        if f.flag("autoVerify", default=False) and _is_view(f)
        for d in f.all("data")
        if d.text("host")
    ]


def _start_url(application: Element) -> str | None:
    holders = [application, *application.all("activity"), *application.all("activity-alias")]
    for holder in holders:
        for item in holder.all("meta-data"):
            if item.text("name") == _START_URL and item.text("value"):
                return item.text("value")
    return None
