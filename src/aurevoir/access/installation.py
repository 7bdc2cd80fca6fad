"""What belongs to the installation rather than to a workspace."""

from msgspec import Struct

from aurevoir.kit.crypto import Keyring


class Installation(Struct, frozen=True):
    """The secrets, and the address under which the outside reaches us (no slash at the end)."""

    keyring: Keyring
    base_url: str
