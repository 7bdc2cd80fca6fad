"""The schema's one linear history, and the rows it is made from.

How to make a new one stands in CONTRIBUTING.md.
"""

MODELS = (
    "aurevoir.access.models",
    "aurevoir.billing.models",
    "aurevoir.events.models",
    "aurevoir.flows.models",
    "aurevoir.legal_forms.models",
    "aurevoir.offers.models",
    "aurevoir.sessions.models",
    "aurevoir.subscriptions.models",
    "aurevoir.webhooks.models",
)

# For Tortoise's command-line tool only; the service opens its database by its settings.
TORTOISE_ORM = {
    "connections": {"default": "sqlite://:memory:"},
    "apps": {
        "aurevoir": {"models": list(MODELS), "migrations": "aurevoir.migrations", "default_connection": "default"}
    },
    "use_tz": True,
}
