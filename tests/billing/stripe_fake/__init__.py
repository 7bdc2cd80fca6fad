"""A small fake of Stripe's v1 API on the loopback address, with a memory, real idempotency and faults on demand.

Ours, written from Stripe's documentation: it shows how our code behaves, not how Stripe does. As a process of its own
(port 0 takes a free one; the address is the first line it prints):

    python -m tests.billing.stripe_fake --port 12111

or inside a test: `async with server.running() as fake: …`, which gives `fake.url` and `fake.account`.

**What it speaks** (form-encoded, nested, `Authorization: Bearer sk_test_…`; the key `sk_refused` gets a 401):
customers · balance transactions · products · prices · coupons · subscriptions (create, retrieve, update, list, DELETE)
· subscription_schedules (create from_subscription, retrieve, update, release, list) · invoices (retrieve, list, update,
void, finalize) · events. Unknown parameters are refused, lists are paged, `expand` knows discounts, schedule and
latest_invoice.

**Idempotency** as Stripe's: the first reply under a key is stored and replayed with `Idempotent-Replayed: true`, a 500
too; other parameters under the same key are an `idempotency_error`; refusals (400, 401, 404, 409, 429) are not stored.

**What a test can say and see** (JSON):

- `POST /_seed {"subscription": "sub_9", "customer": "cus_42", "interval": "month", "amount": 2900, …}`: a subscription
  with its customer, product and price; every field of `seeds.Seed` may be given. Returns the subscription.
- `POST /_faults [{"fault": "drop_after", "path": "subscriptions", "times": 1}, …]`: taken in order by the requests they
  fit (`path`: a part of it; `method`: POST and DELETE unless one is named). `drop_before`, `drop_after`: the line is
  cut before or after the request took effect. `500_after`, `500_before`: it took effect or not, and the 500 is stored
  under the key either way. `429` (with Retry-After), `409` (lock_timeout), `402` (card_declined, stored): no effect.
  `timeout_before`, `timeout_after`: no answer for `seconds` (30). `DELETE /_faults` forgets those left.
- `POST /_forget_keys`: every idempotency key has expired.
- `GET /_effects`: `{"effects": [{"kind", "subject", "marker"}], "counts": {"rdm_1 discount": 1}}`: what took effect, in
  order and how often. Kinds: coupon, discount, pause, resume, items, trial_end, cancel, undo_cancel, schedule, phases,
  release, void, finalize, invoice, balance. The marker is `metadata[exit_rdm]` of the request, "" without.
- `GET /_requests`: every request that came: method, path, parameters, key, status, replayed, fault.
- `POST /_deliver {"url", "secret", "last": 3, "twice": true, "reversed": true, "api_version": "…"}`: the last events as
  signed webhooks; the answers' statuses.
- `POST /_reset`: as new.
"""
