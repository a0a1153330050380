"""A throwaway certificate authority, and certificates of it for the hosts that are asked for."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Writes `ca.pem`, and `server.pem` and `server.key` for one host name, into a folder."""

    def __init__(self, folder: Path, host: str) -> None:
        self._folder = folder
        self.ca, self.certificate, self.key = (
            folder / name for name in ("ca.pem", "server.pem", "server.key")
        )
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        root = (
            _builder(self._root_name, self._root_name, self._root_key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self._root_key.public_key()),
                critical=False,
            )
            .sign(self._root_key, hashes.SHA256())
        )
        self.ca.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        self._issue(host, self.certificate, self.key)

    def server_context(self) -> ssl.SSLContext:
        return _context(self.certificate, self.key)

    def context_for(self, host: str) -> ssl.SSLContext:
        """Return what a server of another host needs, with a certificate for it alone."""
        certificate, key = self._folder / f"{host}.pem", self._folder / f"{host}.key"
        self._issue(host, certificate, key)
        return _context(certificate, key)

    def _issue(self, host: str, certificate: Path, key_file: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = (
            _builder(x509.Name([]), self._root_name, key)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key()),
                critical=False,
            )
            .sign(self._root_key, hashes.SHA256())
        )
        certificate.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
    )


def _key_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
