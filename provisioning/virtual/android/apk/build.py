"""Makes small valid APKs in pure Python: a binary manifest, a resource table where it is needed, a v2 signature.

They carry no code (``hasCode="false"``): a real handset would install them, and nothing in them would ever run. They
are for virtual handsets and tests.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from provisioning.virtual.android.apk.binary_xml import Element, Reference, Value, write_table, write_xml
from provisioning.virtual.android.apk.jar import jar_signature
from provisioning.virtual.android.apk.signing import Signer, sign

TRAINING_PACKAGE = "org.issuingdesk.trainingdpc"
TRAINING_COMPONENT = f"{TRAINING_PACKAGE}/.AdminReceiver"
TRAINING_SEED = "Issuing Desk training DPC"
_ADMIN_XML = "res/xml/device_admin.xml"
_ADMIN_REFERENCE = Reference(0x7F010000)
_POLICIES = ("limit-password", "watch-login", "reset-password", "force-lock", "wipe-data", "disable-camera")
_OLDEST_ZIP_TIME = (1981, 1, 1, 1, 1, 2)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a made APK declares; ``admin`` names a device admin receiver class."""

    package: str
    version_code: int = 1
    version_name: str = "1.0"
    min_sdk: int = 26
    target_sdk: int = 34
    label: str = ""
    test_only: bool = False
    admin: str | None = None
    admin_protected: bool = True
    admin_described: bool = True
    admin_service: str | None = None
    permissions: tuple[str, ...] = ()
    link_domains: tuple[str, ...] = ()
    url_schemes: tuple[str, ...] = ()
    web_start_url: str | None = None
    category: int | None = None


TRAINING_DPC = Manifest(
    package=TRAINING_PACKAGE,
    label="Issuing Desk training DPC",
    admin=".AdminReceiver",
    admin_service=".AdminService",
)


def build_apk(manifest: Manifest, signer: Signer, scheme: int = 2) -> bytes:
    """Make the signed APK, by the JAR signature alone in ``scheme`` 1; equal input gives equal bytes in scheme 2."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "AndroidManifest.xml", write_xml(_manifest(manifest)))
        if manifest.admin is not None and manifest.admin_described:
            policies = Element("uses-policies", children=[Element(policy) for policy in _POLICIES])
            _add(archive, _ADMIN_XML, write_xml(Element("device-admin", children=[policies])))
            _add(archive, "resources.arsc", write_table(manifest.package, "xml", "device_admin", _ADMIN_XML))
        if scheme == 1:
            for name, data in jar_signature({one: archive.read(one) for one in archive.namelist()}, signer).items():
                archive.writestr(zipfile.ZipInfo(name, _OLDEST_ZIP_TIME), data, zipfile.ZIP_DEFLATED)
            archive.close()
            return packed.getvalue()
    return sign(packed.getvalue(), signer)


def build_training_dpc() -> bytes:
    """Make the training device policy controller."""
    return build_apk(TRAINING_DPC, Signer.derived(TRAINING_SEED))


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _OLDEST_ZIP_TIME)
    entry.external_attr = 0o644 << 16
    # From target SDK 30 Android wants resources.arsc uncompressed on a four-byte boundary.
    start = archive.start_dir + 30 + len(name.encode())
    entry.extra = bytes(-start % 4)
    archive.writestr(entry, data)


def _manifest(manifest: Manifest) -> Element:
    sdk = Element("uses-sdk", {"minSdkVersion": manifest.min_sdk, "targetSdkVersion": manifest.target_sdk})
    permissions = [Element("uses-permission", {"name": name}) for name in manifest.permissions]
    attributes: dict[str, Value | Reference] = {"label": manifest.label or manifest.package, "hasCode": False}
    if manifest.test_only:
        attributes["testOnly"] = True
    if manifest.category is not None:
        attributes["appCategory"] = manifest.category
    children: list[Element] = []
    if manifest.admin is not None:
        children.append(_admin_receiver(manifest))
    if manifest.admin_service is not None:
        children.append(_admin_service(manifest.admin_service))
    if manifest.link_domains or manifest.url_schemes or manifest.web_start_url:
        children.append(_linked_activity(manifest))
    return Element(
        "manifest",
        {"versionCode": manifest.version_code, "versionName": manifest.version_name, "package": manifest.package},
        [sdk, *permissions, Element("application", attributes, children)],
    )


def _admin_receiver(manifest: Manifest) -> Element:
    attributes: dict[str, Value | Reference] = {"name": manifest.admin or "", "exported": True}
    if manifest.admin_protected:
        attributes["permission"] = "android.permission.BIND_DEVICE_ADMIN"
    children = [_filter("android.app.action.DEVICE_ADMIN_ENABLED")]
    if manifest.admin_described:
        children.insert(0, Element("meta-data", {"name": "android.app.device_admin", "resource": _ADMIN_REFERENCE}))
    return Element("receiver", attributes, children)


def _admin_service(name: str) -> Element:
    return Element(
        "service",
        {"name": name, "exported": True, "permission": "android.permission.BIND_DEVICE_ADMIN"},
        [_filter("android.app.action.DEVICE_ADMIN_SERVICE")],
    )


def _linked_activity(manifest: Manifest) -> Element:
    filters: list[Element] = []
    if manifest.link_domains:
        web = _view_filter([{"scheme": "https", "host": domain} for domain in manifest.link_domains])
        web.attributes["autoVerify"] = True
        filters.append(web)
    if manifest.url_schemes:
        filters.append(_view_filter([{"scheme": scheme} for scheme in manifest.url_schemes]))
    name = ".MainActivity"
    if manifest.web_start_url:
        # The mark of a WebAPK: the shell's activity and the start URL in its meta-data.
        name = "org.chromium.webapk.shell_apk.h2o.H2OOpaqueMainActivity"
        start = {"name": "org.chromium.webapk.shell_apk.startUrl", "value": manifest.web_start_url}
        filters.append(Element("meta-data", dict(start)))
    return Element("activity", {"name": name, "exported": True}, filters)


def _filter(action: str) -> Element:
    return Element("intent-filter", children=[Element("action", {"name": action})])


def _view_filter(data: list[dict[str, str]]) -> Element:
    found = _filter("android.intent.action.VIEW")
    found.children += [
        Element("category", {"name": f"android.intent.category.{name}"}) for name in ("DEFAULT", "BROWSABLE")
    ]
    found.children += [Element("data", dict(attributes)) for attributes in data]
    return found
