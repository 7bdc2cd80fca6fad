"""The operator API: one file for each noun, joined here."""

from litestar import Router

from aurevoir.web.api import exports, flows, insights, receipts, redemptions, sessions

router = Router(
    "/api/v1",
    route_handlers=[
        sessions.router,
        flows.router,
        redemptions.router,
        receipts.router,
        insights.router,
        exports.router,
    ],
)
