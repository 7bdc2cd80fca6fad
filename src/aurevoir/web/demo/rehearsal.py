"""Plays an invented visit through the real session service, screen by screen, at the times it happened."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from aurevoir.access import vault
from aurevoir.access.facts import Facts
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.billing.adapters.sandbox import books
from aurevoir.billing.adapters.sandbox.books import Account
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.kit import ids
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Accept, Answer, Cancel, Decline, Keep, Move, Skip, Undo
from aurevoir.sessions.schemas import Shown
from aurevoir.sessions.schemas import Visitor as Arrival
from aurevoir.sessions.screen import Screen
from aurevoir.web.demo import history
from aurevoir.web.demo.history import Visitor

# More screens than any flow has.
_ENOUGH = 12


class Play:
    """One visitor's way through the flow; `session`, `moved_at` and `ordered` tell what came of it."""

    def __init__(self, installation: Installation, workspace: WorkspaceSettings, visitor: Visitor) -> None:
        self._installation = installation
        self._workspace = workspace
        self._visitor = visitor
        self._random = Random(visitor.seed)  # noqa: S311 - an invented past, repeatable
        self.moved_at = visitor.starts_at
        self.session: UUID | None = None
        # The kind of the redemption that billing has to carry out, if there is one.
        self.ordered: str | None = None

    async def first_visit(self) -> None:
        """Comes, and does what this visitor does."""
        shown = await self._arrive(self._visitor.starts_at)
        if self._visitor.ending == "abandon" and self._random.random() < 0.4:
            await self._answer_one(shown)
        elif self._visitor.ending in ("keep", "accept", "cancel", "undo"):
            await self._go_through(shown)

    async def second_visit(self) -> None:
        """Comes back after some days, and cancels."""
        assert self._visitor.returns_at is not None, "only for those who return"
        await self._go_through(await self._arrive(self._visitor.returns_at))

    async def take_back(self) -> None:
        """Undoes the cancellation on the next day."""
        shown = await self._arrive(self.moved_at + timedelta(hours=self._random.uniform(2, 20)))
        if any(action.move == "undo" for action in shown.screen.actions):
            await self._move(Undo(revision=shown.session.revision))

    async def _arrive(self, at: datetime) -> Shown:
        self.moved_at = at
        facts = msgspec.convert(self._visitor.facts, Facts)
        await self._billing_is_asked(facts, at)
        arrival = Arrival(
            workspace=self._workspace.id,
            facts=facts,
            mode="live",
            channel="in_app",
            actor="customer",
            flow=self._visitor.flow,
        )
        shown, _ = await sessions.start(self._installation, arrival, at)
        self.session = ids.read("ses", shown.session.id)
        return shown

    async def _billing_is_asked(self, facts: Facts, at: datetime) -> None:
        """What the worker would have done at the time."""
        subscription = facts.subscription.id
        account = Account(self._workspace.id, "live", subscription)
        opened = await books.open_subscription(account, history.subscription(self._visitor))
        await books.advance(account, max((at.date() - opened.today).days, 0))
        names = vault.pseudonyms(self._workspace.data_key, facts.sub, subscription)
        clear = SubscriptionRef(facts.sub, subscription)
        await snapshots.refresh(self._workspace, "live", names.subscription, clear, at)

    async def _answer_one(self, shown: Shown) -> None:
        if shown.screen.kind in ("choice", "text", "scale"):
            await self._move(self._reply(shown))

    async def _go_through(self, shown: Shown) -> None:
        for _ in range(_ENOUGH):
            move = self._next_move(shown)
            if move is None:
                return
            offered = shown.screen.offer
            shown = await self._move(move)
            # A guide or a contact is nothing to carry out.
            if isinstance(move, Accept) and offered and shown.session.state == "saving":
                self.ordered = offered.kind

    def _next_move(self, shown: Shown) -> Move | None:
        screen, revision = shown.screen, shown.session.revision
        if screen.kind in ("choice", "text", "scale"):
            return self._reply(shown)
        if screen.kind == "offer" and screen.offer:
            if self._visitor.ending == "accept":
                return Accept(revision=revision, step=screen.step, offer=screen.offer.key)
            return Decline(revision=revision, step=screen.step)
        if screen.kind == "confirm":
            keeps = self._visitor.ending == "keep"
            return Keep(revision=revision, step=screen.step) if keeps else Cancel(step=screen.step)
        invited = screen.kind == "receipt" and any(action.move == "skip" for action in screen.actions)
        # Germany asks after the receipt: about half of those who have an answer give it.
        if invited and self._visitor.reason and self._random.random() < 0.55:
            return Skip(revision=revision, step=screen.step)
        return None

    def _reply(self, shown: Shown) -> Move:
        screen, revision = shown.screen, shown.session.revision
        codes = [option.code for option in screen.options]
        if self._visitor.reason in codes:
            return self._reason(screen, revision)
        if self._visitor.reason is None or screen.kind == "text":
            return Skip(revision=revision, step=screen.step)
        if screen.kind == "scale":
            # Nobody rates highly what they leave for.
            return Answer(revision=revision, step=screen.step, value=self._random.choice((1, 2, 2, 3)))
        chosen = self._random.sample(codes, self._random.choice((1, 1, 2)) if screen.several else 1)
        return Answer(revision=revision, step=screen.step, choices=tuple(chosen))

    def _reason(self, screen: Screen, revision: int) -> Answer:
        assert self._visitor.reason is not None
        option = next(option for option in screen.options if option.code == self._visitor.reason)
        beside = next((also.step for also in screen.also if also.kind == "text"), None)
        return Answer(
            revision=revision,
            step=screen.step,
            choices=(option.code,),
            text=self._visitor.follow_up if option.follow_up else None,
            answers={beside: self._visitor.comment} if beside and self._visitor.comment else {},
        )

    async def _move(self, move: Move) -> Shown:
        assert self.session is not None, "who moves has arrived"
        self.moved_at += timedelta(seconds=self._random.triangular(4, 70, 12))
        shown = await sessions.move(self._installation, self.session, move, self.moved_at)
        if shown.screen.receipt:
            self.ordered = "cancel"
        return shown
