"""The certificate authority of one sandbox run, which signs every certificate the sandbox serves over TLS."""

import ssl
from pathlib import Path

import trustme

LOCAL_NAMES = ("127.0.0.1", "localhost")


class Certificates:
    """One certificate authority, made in memory; its private key never touches the disk."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        self.ca_pem: bytes = self._authority.cert_pem.bytes()

    def write_ca(self, path: Path) -> None:
        """Write the public certificate (PEM) to `path`, for clients that take a file (`SSL_CERT_FILE`)."""
        path.write_bytes(self.ca_pem)

    def server_context(self, *names: str) -> ssl.SSLContext:
        """Return a server's TLS context for `names`: host names and addresses, by default the local ones."""
        served = names or LOCAL_NAMES
        if served not in self._contexts:
            context = self._contexts[served] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._authority.issue_cert(*served).configure_cert(context)
        return self._contexts[served]
