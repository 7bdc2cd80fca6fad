"""Checking an evidence pack that somebody was given: by its own files alone, without a database."""

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Literal

import msgspec
from msgspec import Struct

from aurevoir.kit import crypto
from aurevoir.sessions import chain
from aurevoir.sessions.chain import Link
from aurevoir.sessions.evidence_told import FORMAT, Evidence, ExhibitTold
from aurevoir.sessions.leaving import Step, leaving

# A pack of a long visit has half a megabyte.
_TOO_MUCH = 200_000_000


class Verdict(Struct, frozen=True):
    """What was found; no problems: it is what was recorded."""

    session: str
    exhibits: int
    erased: int
    head: str | None
    problems: tuple[str, ...]


class _Event(Struct, frozen=True):
    id: str
    kind: str


class _Receipt(Struct, frozen=True):
    id: str
    sha256: dict[Literal["text", "html"], str]


class _Happened(Struct, frozen=True, kw_only=True):
    """What an exhibit says of other things in the pack; the first one says most."""

    mode: str | None = None
    channel: str | None = None
    pack: str | None = None
    pack_reason: str | None = None
    flow: str | None = None
    version: int | None = None
    template_sha256: str | None = None
    receipt: _Receipt | None = None
    events: tuple[_Event, ...] = ()


class _Payload(Struct, frozen=True, kw_only=True):
    happened: dict[str, Any]


_evidence = msgspec.json.Decoder(Evidence)
_payload = msgspec.json.Decoder(_Payload)


def check(content: bytes) -> Verdict:
    """Whether a pack is whole and unchanged, and what is wrong with it otherwise."""
    try:
        files = _files(content)
        told = _told(files["evidence.json"])
        found = (*_sums(files), *_listed(told, files), *_links(told), *_figures(told))
        found += tuple(problem for one in told.exhibits for problem in _exhibit(one, told, files))
    except (zipfile.BadZipFile, KeyError, ValueError, msgspec.MsgspecError) as error:
        return Verdict("", 0, 0, None, (f"this cannot be read as an evidence pack: {error}",))
    erased = sum(one.erased for one in told.exhibits)
    return Verdict(told.session.id, len(told.exhibits), erased, told.chain.head, found)


def _files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > _TOO_MUCH:
            raise ValueError("it is far too large")
        if len({entry.filename for entry in entries}) < len(entries):
            raise ValueError("a file is in it twice")
        return {entry.filename: archive.read(entry) for entry in entries}


def _told(content: bytes) -> Evidence:
    told = _evidence.decode(content)
    if told.format != FORMAT:
        raise ValueError(f"its format is {told.format}, and this version of the program reads {FORMAT}")
    return told


def _sums(files: Mapping[str, bytes]) -> Iterator[str]:
    listed: dict[str, str] = {}
    *lines, rest = files["SHA256SUMS"].decode().split("\n")
    for line in lines:
        digest, name = line.split("  ", 1)
        listed[name] = digest
    if rest:
        yield "SHA256SUMS does not end with its last line"
    for name, content in files.items():
        if name != "SHA256SUMS" and listed.get(name) != crypto.sha256(content):
            yield f"{name} is not the file that SHA256SUMS lists"
    for name in sorted(listed.keys() - files.keys()):
        yield f"{name} is missing"


def _listed(told: Evidence, files: Mapping[str, bytes]) -> Iterator[str]:
    """Every file is told of, and every one that is told of is there."""
    named = {"README.txt", "evidence.json", "SHA256SUMS"} | ({"template.yaml"} if told.template else set())
    named |= {file for one in told.exhibits for file in (one.payload, one.screen) if file}
    named |= {file for receipt in told.receipts for file in receipt.files}
    for name in sorted(named - files.keys()):
        yield f"evidence.json tells of {name}, which is missing"
    for name in sorted(files.keys() - named):
        yield f"evidence.json tells nothing of {name}"


def _links(told: Evidence) -> Iterator[str]:
    links = [
        Link(number=one.number, at=one.at, kind=one.kind, digest=one.digest, link=one.link) for one in told.exhibits
    ]
    breach = chain.find_breach(told.session.id, links, told.chain.exhibits, told.chain.head)
    if breach is not None:
        yield f"the chain breaks at exhibit {breach.exhibit}: {breach.what}"
    if not told.chain.holds:
        yield f"the chain was broken when this was made, at exhibit {told.chain.breaks_at}: {told.chain.problem}"


def _figures(told: Evidence) -> Iterator[str]:
    steps = [Step(kind=one.kind, at=chain.read_moment(one.at)) for one in told.exhibits]
    if leaving(steps) != told.leaving:
        yield "the figures of `leaving` are not those of the exhibits"


def _exhibit(one: ExhibitTold, told: Evidence, files: Mapping[str, bytes]) -> Iterator[str]:
    """Its payload, and what that says of events, the template and receipts."""
    payload = files.get(one.payload or "")
    if payload is None:
        if not one.erased:
            yield f"exhibit {one.number} has lost its payload, and does not say that it was erased"
        return
    if crypto.sha256(payload) != one.digest:
        yield f"exhibit {one.number}: its payload was changed"
        return
    told_there = _payload.decode(payload).happened
    if told_there != one.happened:
        yield f"exhibit {one.number}: evidence.json tells it otherwise than its payload"
    happened = msgspec.convert(told_there, _Happened)
    found = (*_otherwise(happened, told), *_events(one, happened, told), *_files_named(happened, told, files))
    yield from (f"exhibit {one.number}: {problem}" for problem in found)


def _otherwise(happened: _Happened, told: Evidence) -> Iterator[str]:
    """The rules and the template that the visit began with."""
    visit, template = told.session, told.template
    pairs = {
        "mode": (happened.mode, visit.mode),
        "channel": (happened.channel, visit.channel),
        "pack": (happened.pack, visit.pack),
        "reason for the pack": (happened.pack_reason, visit.pack_reason),
        "flow": (happened.flow, template and template.flow),
        "version": (happened.version, template and template.version),
        "checksum of the template": (happened.template_sha256, template and template.sha256),
    }
    for name, (recorded, said) in pairs.items():
        if recorded is not None and recorded != said:
            yield f"evidence.json tells another {name} than it recorded"


def _events(one: ExhibitTold, happened: _Happened, told: Evidence) -> Iterator[str]:
    listed = {event.id: (event.kind, event.at) for event in told.events}
    for event in happened.events:
        if listed.get(event.id) != (event.kind, one.at):
            yield f"it recorded {event.id} as {event.kind} at that moment, which is told otherwise"


def _files_named(happened: _Happened, told: Evidence, files: Mapping[str, bytes]) -> Iterator[str]:
    erased = {f"receipts/{one.id}.{end}" for one in told.receipts if not one.files for end in ("txt", "html")}
    for name, digest in _named(happened).items():
        if name not in erased and crypto.sha256(files.get(name, b"")) != digest:
            yield f"{name} is not the one that it names"


def _named(happened: _Happened) -> dict[str, str]:
    """The files whose checksums it names."""
    named = {"template.yaml": happened.template_sha256} if happened.template_sha256 else {}
    if (receipt := happened.receipt) is not None:
        ends = {"text": "txt", "html": "html"}
        named |= {f"receipts/{receipt.id}.{ends[form]}": digest for form, digest in receipt.sha256.items()}
    return named
