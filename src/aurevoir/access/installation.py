"""What belongs to the installation rather than to a workspace."""

from msgspec import Struct

from aurevoir.kit.crypto import Keyring
from aurevoir.kit.mail import Server


class Installation(Struct, frozen=True):
    """The secrets, and the address under which the outside reaches us (no slash at the end)."""

    keyring: Keyring
    base_url: str
    # None: no mail is written or sent.
    mail_server: Server | None = None
    # Who hears of what needs a person; empty: nobody.
    operator_email: str = ""
