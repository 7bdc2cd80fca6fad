"""Pipit's billing, which is the sandbox: the visitor's subscription, and its days."""

from datetime import datetime
from uuid import UUID

from aurevoir.access import vault
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.billing.adapters.sandbox import books
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.adapters.sandbox.ledger import Ledger
from aurevoir.kit import db
from aurevoir.web.demo import product
from aurevoir.web.demo.scene import Scene


async def subscription(workspace: WorkspaceSettings, scene: Scene, now: datetime) -> Ledger:
    """The subscription of this scene, opened when it is first looked at; its days never lag behind the real ones."""
    account, today = _account(workspace.id, scene), workspace.local(now).date()
    found = await books.find(account)
    if found is None:
        found = await books.open_subscription(account, product.opening(scene.customer, today))
    if found.today < today:
        found = await books.advance(account, (today - found.today).days)
    return found


async def pass_days(workspace: WorkspaceSettings, scene: Scene, days: int, now: datetime) -> None:
    """Let so many days go by in billing, and have the worker read there again, as a provider's event would."""
    await subscription(workspace, scene, now)
    await books.advance(_account(workspace.id, scene), days)
    names = vault.pseudonyms(workspace.data_key, scene.customer_id, scene.subscription)
    await db.transaction(lambda: snapshots.want(workspace.id, "live", names.subscription, now))


def _account(workspace: UUID, scene: Scene) -> Account:
    return Account(workspace, "live", scene.subscription)
