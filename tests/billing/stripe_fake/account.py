"""What the account holds: objects by kind and id, what took effect, and what was told."""

import itertools
import time
from collections import Counter
from collections.abc import Collection
from typing import Any

Params = dict[str, Any]
Object = dict[str, Any]
MARKER = "exit_rdm"
API_VERSION = "2026-10-28.endive"


class ApiError(Exception):
    """An answer other than 2xx."""

    def __init__(self, status: int, message: str, code: str | None = None, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "message": message} | ({"code": code} if code else {})


class Account:
    """One Stripe account in test mode."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Object]] = {}
        self.effects: list[dict[str, str]] = []
        self._numbers = itertools.count(1)

    def now(self) -> int:
        """Stripe's clock, in seconds."""
        return int(time.time())

    def new_id(self, prefix: str) -> str:
        """`sub_000001`."""
        return f"{prefix}_{next(self._numbers):06d}"

    def add(self, kind: str, new: Object) -> Object:
        """Keep an object."""
        made: Object = {"object": kind, "livemode": False, "created": self.now(), **new}
        self.objects.setdefault(kind, {})[made["id"]] = made
        return made

    def get(self, kind: str, wanted: str) -> Object:
        """The object; 404 where there is none."""
        found = self.objects.get(kind, {}).get(wanted)
        if found is None:
            raise ApiError(404, f"No such {kind}: '{wanted}'", "resource_missing")
        return found

    def took_effect(self, kind: str, subject: str, params: Params) -> None:
        """Something happened that must happen once."""
        metadata = params.get("metadata")
        marker = metadata.get(MARKER, "") if isinstance(metadata, dict) else ""
        self.effects.append({"kind": kind, "subject": subject, "marker": marker})

    def tell(self, kind: str, about: Object) -> None:
        """An event, with the object as it is now."""
        data = {"object": _copy(about)}
        self.add("event", {"id": self.new_id("evt"), "type": kind, "api_version": API_VERSION, "data": data})

    def counts(self) -> dict[str, int]:
        """How often each marker had each kind of effect."""
        return dict(Counter(f"{one['marker']} {one['kind']}".strip() for one in self.effects))

    def page(self, kind: str, params: Params, **wanted: str | None) -> Object:
        """A page of a list, the newest first; `wanted` are fields that must have a value."""
        newest = list(reversed(self.objects.get(kind, {}).values()))
        wanted = {name: value for name, value in wanted.items() if value is not None}
        since, types = int(params.get("created", {}).get("gte", 0)), params.get("types")
        newest = [one for one in newest if one["created"] >= since and (types is None or one["type"] in types)]
        fitting = [one for one in newest if all(str(one.get(name)) == value for name, value in wanted.items())]
        ids = [one["id"] for one in fitting]
        after = params.get("starting_after")
        if after is not None and after not in ids:
            raise ApiError(400, f"No such {kind}: '{after}'", "resource_missing")
        start = ids.index(after) + 1 if after is not None else 0
        limit = int(params.get("limit", 10))
        data = [self.shown(one, params.get("expand", ()), "data.") for one in fitting[start : start + limit]]
        return {"object": "list", "data": data, "has_more": len(fitting) > start + limit, "url": f"/v1/{kind}s"}

    def shown(self, found: Object, expand: Collection[str], prefix: str = "") -> Object:
        """A copy, with the ids that `expand` names replaced by what they stand for."""
        copied: Object = _copy(found)
        if f"{prefix}schedule" in expand and copied.get("schedule"):
            copied["schedule"] = _copy(self.get("subscription_schedule", copied["schedule"]))
        if f"{prefix}latest_invoice" in expand and copied.get("latest_invoice"):
            copied["latest_invoice"] = _copy(self.get("invoice", copied["latest_invoice"]))
        if any(one.startswith(f"{prefix}discounts") for one in expand):
            copied["discounts"] = [_copy(self.get("discount", one)) for one in copied["discounts"]]
        if f"{prefix}discounts.source.coupon" in expand:
            for one in copied["discounts"]:
                one["source"]["coupon"] = _copy(self.get("coupon", one["source"]["coupon"]))
        return copied


def only(params: Params, *known: str) -> None:
    """Raises the 400 that unknown parameters get."""
    for name in params:
        if name not in (*known, "expand", "metadata"):
            raise ApiError(400, f"Received unknown parameter: {name}", "parameter_unknown")


def one_of(params: Params, name: str, *values: str) -> None:
    """Raises the 400 that a value outside its enumeration gets."""
    if name in params and params[name] not in values:
        raise ApiError(400, f"Invalid {name}: must be one of {', '.join(values)}", "parameter_invalid_string")


def merge_metadata(found: Object, params: Params) -> None:
    """Set what is given, unset what is given empty."""
    given = params.get("metadata", {}) or {}
    kept = found.setdefault("metadata", {}) | given
    found["metadata"] = {name: value for name, value in kept.items() if value != ""}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value
