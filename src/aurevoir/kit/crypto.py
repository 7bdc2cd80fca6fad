"""Keys derived from the installation's secret; sealing, pseudonyms, signatures and hashes."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class Keyring:
    """The installation's secrets, the present one first; older ones still open what they sealed."""

    def __init__(self, present: str, *older: str) -> None:
        self._roots = tuple(secret.encode() for secret in (present, *older))
        self._derived: dict[tuple[int, str], bytes] = {}

    def _key(self, root: int, purpose: str) -> bytes:
        if (root, purpose) not in self._derived:
            hkdf = HKDF(hashes.SHA256(), length=32, salt=None, info=f"aurevoir {purpose}".encode())
            self._derived[root, purpose] = hkdf.derive(self._roots[root])
        return self._derived[root, purpose]

    def sign(self, purpose: str, message: bytes) -> bytes:
        """A 32-byte signature by the present secret."""
        return hmac.digest(self._key(0, purpose), message, "sha256")

    def signed(self, purpose: str, message: bytes, signature: bytes) -> bool:
        """Whether any of the secrets made `signature`; constant time."""
        made = [hmac.digest(self._key(root, purpose), message, "sha256") for root in range(len(self._roots))]
        return sum(hmac.compare_digest(one, signature) for one in made) > 0

    def wrap(self, purpose: str, plain: bytes) -> bytes:
        """`plain` sealed by the present secret."""
        return seal(self._key(0, purpose), plain)

    def unwrap(self, purpose: str, sealed: bytes) -> bytes:
        """What `wrap` sealed by the present or an older secret; raises ValueError when none fits."""
        for root in range(len(self._roots)):
            try:
                return unseal(self._key(root, purpose), sealed)
            except ValueError:
                continue
        raise ValueError("sealed by a secret that this installation does not have")


def new_key() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(32)


def seal(key: bytes, plain: bytes) -> bytes:
    """AES-256-GCM: nonce and ciphertext in one."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, None)


def unseal(key: bytes, sealed: bytes) -> bytes:
    """What `seal` sealed; raises ValueError when the key is another or a byte was changed."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], None)
    except InvalidTag as error:
        raise ValueError("not sealed with this key") from error


def pseudonym(key: bytes, kind: str, clear: str) -> str:
    """128 bits of HMAC-SHA256 in hexadecimal: the same for the same id in this workspace, and nowhere else."""
    return hmac.digest(key, f"{kind}\0{clear}".encode(), "sha256")[:16].hex()


def sha256(text: str | bytes) -> str:
    """In hexadecimal; for secrets that already carry 256 random bits."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
