"""`verify`: judge a file on this machine; needs neither HSM nor network."""

import json
import sys
from pathlib import Path

import click

from api.cli.options import print_json, settings_of, with_data, with_json
from api.compose import utc_now
from api.parts import open_stores, open_verification
from verifier.model import Indication, SignatureReport, ValidationReport
from verifier.wire import dump


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_data
@with_json
def verify(file: Path, data: Path, as_json: bool) -> None:
    """Verify FILE. Exit code 0 exactly when every signature in it passed every check."""
    settings = settings_of(data)
    with open_stores(settings) as stores, open_verification(settings, stores, utc_now) as verification:
        judged = verification.service.by_upload(file.read_bytes())
    if as_json:
        print_json({"relation": judged.relation.value, **json.loads(dump(judged.report))})
    else:
        _tell(judged.report)
    sys.exit(0 if judged.report.indication is Indication.TOTAL_PASSED else 1)


def _tell(report: ValidationReport) -> None:
    colour = {Indication.TOTAL_PASSED: "green", Indication.TOTAL_FAILED: "red"}.get(report.indication, "yellow")
    click.secho(f"{report.indication.value}  {report.detail}", fg=colour, bold=True)
    for signature in report.signatures:
        _tell_signature(signature)


def _tell_signature(signature: SignatureReport) -> None:
    reason = f" ({signature.reason.name})" if signature.reason else ""
    click.echo(f"\n  {signature.field_name}: {signature.indication.value}{reason}")
    facts = {
        "signer": signature.signer.subject if signature.signer else None,
        "issuer": signature.signer.issuer if signature.signer else None,
        "anchor": signature.anchor,
        "level": signature.level,
        "proven at": signature.proven_at.isoformat() if signature.proven_at else None,
        "detail": signature.detail,
    }
    for name, value in facts.items():
        if value:
            click.echo(f"    {name:10} {value}")
    for change in signature.modifications:
        allowed = "allowed" if change.allowed else "NOT ALLOWED"
        click.echo(f"    revision {change.revision}: {change.kind.value}, {allowed}: {change.detail}")
