"""What working an offer out starts from, and what it ends in. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Agreed
from aurevoir.billing.snapshot import Invoice, Snapshot, Status
from aurevoir.kit.calendar import Interval
from aurevoir.kit.money import Money
from aurevoir.offers import prices
from aurevoir.offers.prices import Renewals


class Charge(Struct, frozen=True):
    """One of the coming payments."""

    amount: Money
    due_on: date


class Agreement(Struct, frozen=True, kw_only=True):
    """An offer with every blank filled in. Prices are those of one renewal, or of the invoice that it is about."""

    offer: str
    kind: str
    # None: there is nothing to carry out (guide, contact).
    action: Agreed | None = None
    # Without the offer; under the offer; and once it has run out by itself (None: it does not, or nothing is known).
    price_today: Money | None = None
    price_under_offer: Money | None = None
    price_afterwards: Money | None = None
    # That of the prices; today's where a plan change brings another one.
    interval: Interval | None = None
    interval_today: Interval | None = None
    # Of a single payment (an invoice, the first one after a trial): when it falls due without the offer.
    usually_due_on: date | None = None
    starts_on: date | None = None
    # From this day on everything is as it was before.
    ends_on: date | None = None
    # The payments that it changes and the next usual one, in order.
    charges: tuple[Charge, ...] = ()
    # What it costs the operator against list prices, for the budget.
    cost: Money | None = None


class Case(Struct, frozen=True, kw_only=True):
    """Which offer it is, for whose subscription, and when."""

    key: str
    snapshot: Snapshot | None
    now: datetime
    # The operator's: in which moments become days.
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The operator's day."""
        return self.now.astimezone(self.zone).date()

    def day(self, moment: datetime) -> date:
        """The day of a moment that billing named."""
        return prices.day(moment, self.subscription(), self.zone)

    def subscription(self, *statuses: Status) -> Snapshot:
        """The subscription if it goes on and has one of these statuses, or any where none is named."""
        if self.snapshot is None:
            raise Impossible("billing_not_reached")
        if self.snapshot.ends_at is not None or self.snapshot.status == "cancelled":
            raise Impossible("ending")
        if statuses and self.snapshot.status not in statuses:
            raise Impossible("not_trialing" if statuses == ("trialing",) else "not_active")
        return self.snapshot

    def at_rest(self, *statuses: Status) -> Snapshot:
        """The same, unless something agreed earlier is still to change its renewals."""
        snapshot = self.subscription(*statuses)
        if snapshot.paused_until is not None:
            raise Impossible("paused")
        if snapshot.is_changing:
            raise Impossible("already_changing")
        return snapshot

    def renewals(self, *statuses: Status) -> Renewals:
        """Its coming renewals, unless an invoice is overdue: an offer that leaves that open would help nobody."""
        snapshot = self.at_rest(*statuses)
        due_at = snapshot.open_invoice.due_at if snapshot.open_invoice else None
        if due_at is not None and due_at < self.now:
            raise Impossible("invoice_overdue")
        return prices.renewals(snapshot, self.now, self.zone)

    def open_invoice(self) -> tuple[Invoice, date]:
        """The invoice that is due, and the day on which it fell or falls due: today if billing names none."""
        snapshot = self.subscription("active", "past_due")
        invoice = snapshot.open_invoice
        if invoice is None or invoice.amount_due <= 0:
            raise Impossible("nothing_due")
        return invoice, self.day(invoice.due_at) if invoice.due_at else self.today

    def from_today(self, day: date) -> date:
        """From when on more time counts: the day itself, or today if it has passed."""
        return max(self.today, day)

    def next_charge(self) -> tuple[Charge, ...]:
        """The next renewal where it is known, for offers that leave it as it is."""
        snapshot = self.subscription()
        try:
            renewals = prices.renewals(snapshot, self.now, self.zone)
        except Impossible:
            return ()
        if snapshot.is_changing:
            return ()
        return (Charge(renewals.price(1), renewals.on(1)),)
