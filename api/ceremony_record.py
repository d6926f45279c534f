"""The record of a ceremony to print: what was done, and lines on which the people present sign by hand."""

from collections.abc import Sequence
from html import escape
from typing import Final

from ca.transcript import Transcript, TranscriptStep

_STYLE: Final = """
body { font: 11pt/1.4 serif; margin: 2cm; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #999; padding: 3pt 6pt; text-align: left; vertical-align: top; }
code { font: 8pt monospace; overflow-wrap: anywhere; }
.signature td { height: 2.2cm; }
tr { break-inside: avoid; }
"""


def record_page(organisation: str, transcript: Transcript, *, people: Sequence[str], transcript_sha256: str) -> str:
    """One HTML page without anything from outside: it prints on a machine without a network. Times are UTC."""
    steps = "\n".join(_step(number, step) for number, step in enumerate(transcript.steps, start=1))
    signing = "\n".join(_line(person, "Kustodian / Custodian") for person in people)
    return f"""<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>Berita acara upacara kunci</title><style>{_STYLE}</style></head>
<body>
<h1>Berita acara upacara kunci <small>Record of a key ceremony</small></h1>
<p>{escape(organisation)}</p>
<p>SHA-256 transkrip / of the transcript: <code>{escape(transcript_sha256)}</code></p>
<table><thead><tr><th>No.</th><th>Waktu / Time (UTC)</th><th>Langkah / Step</th></tr></thead>
<tbody>
{steps}
</tbody></table>
<h2>Tanda tangan <small>Signatures</small></h2>
<table class="signature"><thead><tr><th>Nama / Name</th><th>Peran / Role</th><th>Tanggal / Date</th>
<th>Tanda tangan / Signature</th></tr></thead>
<tbody>
{signing}
{_line("", "Operator CA / CA operator")}
{_line("", "Auditor")}
</tbody></table>
</body></html>
"""


def _step(number: int, step: TranscriptStep) -> str:
    digests = "".join(
        f"<br>SHA-256 {escape(name)}: <code>{escape(digest)}</code>" for name, digest in step.digests.items()
    )
    return f"<tr><td>{number}</td><td>{step.at:%Y-%m-%d %H:%M:%S}</td><td>{escape(step.what)}{digests}</td></tr>"


def _line(name: str, role: str) -> str:
    return f"<tr><td>{escape(name)}</td><td>{escape(role)}</td><td></td><td></td></tr>"
