"""A visit's evidence as one ZIP: the same bytes for the same facts, and all that is needed to check it."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

import msgspec

from aurevoir.kit import crypto
from aurevoir.sessions import evidence_readme
from aurevoir.sessions.case_file import CaseFile
from aurevoir.sessions.evidence_told import receipt_files, tell

# Archives carry a time for each file; what happened carries its own.
_NEVER = (1980, 1, 1, 0, 0, 0)


def build(case: CaseFile, pages: Mapping[int, str]) -> bytes:
    """The archive; `pages` are the exhibits' screens as HTML, by number."""
    told = tell(case, pages)
    files: dict[str, bytes] = {"evidence.json": msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"}
    if case.version is not None:
        files["template.yaml"] = case.version.source.encode()
    for one, kept in zip(told.exhibits, case.exhibits, strict=True):
        if one.payload is not None and kept.payload is not None:
            files[one.payload] = kept.payload
    for one in told.exhibits:
        if one.screen is not None:
            files[one.screen] = pages[one.number].encode()
    for receipt in case.receipts:
        if receipt.documents is not None:
            text, html = receipt_files(receipt)
            files |= {text: receipt.documents.text.encode(), html: receipt.documents.html.encode()}
    files = {"README.txt": evidence_readme.write(told).encode()} | files
    return _zipped(files | {"SHA256SUMS": _sums(files)})


def _sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{crypto.sha256(content)}  {name}\n" for name, content in files.items()).encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    # Stored and not compressed: what compresses it must not decide about its bytes.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _NEVER)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
