"""Who holds a receipt: somebody known, or whoever filled a legal form in.

Whoever came with a customer token was known to the operator. A legal form asks nobody who they are, so a receipt that
was issued for one may take back what it declared, and opens nobody's data.
"""

from uuid import UUID

from aurevoir.kit.errors import Forbidden
from aurevoir.legal_forms import telling as legal_forms
from aurevoir.sessions import receipts
from aurevoir.sessions.receipts import Proof


async def is_known(proof: Proof) -> bool:
    """Whether the receipt was not issued for a legal form; one that was matched to it later takes nothing from it."""
    matched = await legal_forms.list_matched(proof.workspace_id, [proof.session_id])
    return all(one.received_at != proof.declared_at for one in matched)


async def for_data(receipt: UUID, secret: str) -> Proof:
    """The receipt of somebody who may see and delete what is held; raises NotFound and Forbidden."""
    proof = await receipts.prove(receipt, secret)
    if not await is_known(proof):
        raise Forbidden("This receipt does not show who holds it.")
    return proof
