"""What an evidence pack says of itself, for somebody who has never heard of this program."""

from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from aurevoir.sessions.evidence_told import Evidence, ExhibitTold

_text = Environment(  # noqa: S701 - plain text
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
).from_string((files("aurevoir.sessions") / "evidence_readme.txt").read_text("utf-8"))


def write(told: Evidence) -> str:
    """`README.txt`."""
    return _text.render(told=told, title=f"Evidence of {told.session.id}", summary=_summary(told), what=_what)


def _summary(told: Evidence) -> list[tuple[str, object]]:
    visit, template, leaving = told.session, told.template, told.leaving
    lines: list[tuple[str, object]] = [
        ("Product", told.product),
        ("Visit", f"{visit.id} ({visit.mode}, {visit.channel}), begun {visit.started_at}"),
        ("Rules", f"pack {visit.pack}: {visit.pack_reason}"),
    ]
    if template is not None:
        lines.append(("Template", f"{template.flow}, version {template.version}, published {template.published_at}"))
        lines.append(("Warnings overridden", len(template.overrides) or "none"))
    if leaving.clicks is not None:
        lines.append(("Clicks to leave", leaving.clicks))
        lines.append(("Screens before receipt", leaving.screens))
        lines.append(("Seconds to leave", leaving.seconds))
        if leaving.openings != 1:
            lines.append(("Opened", f"{leaving.openings} times, with {leaving.clicks_in_all} clicks in all"))
    lines.append(("Receipts", ", ".join(one.id for one in told.receipts) or "none"))
    lines.append(("State today", visit.state))
    return [*lines, ("Chain", _chain(told))]


def _chain(told: Evidence) -> str:
    if not told.chain.holds:
        return f"BROKEN at exhibit {told.chain.breaks_at}: {told.chain.problem}"
    erased = sum(one.erased for one in told.exhibits)
    return f"holds, {told.chain.exhibits} exhibits" + (f", {erased} of them erased" if erased else "")


def _what(one: ExhibitTold) -> str:
    """Who did it, and where to see what was shown."""
    if one.erased:
        return "erased"
    actor = str((one.happened or {}).get("actor", ""))
    return f"{actor:<10} {one.screen or ''}".rstrip()
