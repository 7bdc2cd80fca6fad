"""The operator API: one file for each noun, joined here."""

from litestar import Router

from aurevoir.web.api import (
    customers,
    declarations,
    evidence,
    experiments,
    exports,
    flows,
    gateways,
    insights,
    notification_rules,
    offers,
    receipts,
    redemptions,
    sessions,
    subscriptions,
    webhook_endpoints,
    workspace,
)

router = Router(
    "/api/v1",
    route_handlers=[
        sessions.router,
        evidence.router,
        flows.router,
        offers.router,
        redemptions.router,
        receipts.router,
        declarations.router,
        insights.router,
        experiments.router,
        exports.router,
        gateways.router,
        subscriptions.router,
        customers.router,
        webhook_endpoints.router,
        notification_rules.router,
        workspace.router,
    ],
)
