"""The JAR signature (APK Signature Scheme v1): a digest of every file, a digest of those, and PKCS #7 over that.

JAR File Specification, “Signed JAR File”, as ``apksigner --v1-signing-enabled`` writes it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from provisioning.virtual.android.apk.signing import Signer

_NAME = "META-INF/CERT"


def jar_signature(files: Mapping[str, bytes], signer: Signer, *, beside: tuple[bytes, ...] = ()) -> dict[str, bytes]:
    """Give the three files that sign ``files``; certificates ``beside`` the signer's (DER) lie in it for nothing."""
    head = "Manifest-Version: 1.0\r\nCreated-By: 1.0 (Android)\r\n\r\n"
    sections = {name: f"Name: {name}\r\nSHA-256-Digest: {_digest(data)}\r\n\r\n" for name, data in files.items()}
    manifest = (head + "".join(sections.values())).encode()
    signed = (
        f"Signature-Version: 1.0\r\nCreated-By: 1.0 (Android)\r\nSHA-256-Digest-Manifest: {_digest(manifest)}\r\n\r\n"
    )
    signed += "".join(
        f"Name: {name}\r\nSHA-256-Digest: {_digest(text.encode())}\r\n\r\n" for name, text in sections.items()
    )
    builder = PKCS7SignatureBuilder().set_data(signed.encode())
    builder = builder.add_signer(x509.load_der_x509_certificate(signer.certificate), signer.key, hashes.SHA256())
    for one in beside:
        builder = builder.add_certificate(x509.load_der_x509_certificate(one))
    options = [PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoAttributes]
    return {
        "META-INF/MANIFEST.MF": manifest,
        f"{_NAME}.SF": signed.encode(),
        f"{_NAME}.EC": builder.sign(Encoding.DER, options),
    }


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
