"""`verify`: judge a file on this machine; needs neither HSM nor network."""

import sys
from pathlib import Path

import click
import msgspec

from api.cli.options import asked_password, print_json, settings_of, with_data, with_json, with_password
from api.composition.public import public_settings, public_verification
from api.explanation import Explainer
from api.faces.rest.report_body import ReportBody
from api.given import utc_now
from api.hierarchy import read_hierarchy
from api.services import VerifiedUpload
from api.settings import Settings
from api.stores import open_stores
from api.verification import open_verification
from verifier.etsi_report import etsi_report
from verifier.model import Indication, SignatureReport, ValidationReport
from verifier.words import NEXT_STEPS, REASONS


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_data
@with_json
@with_password
@click.option("--policy", help="Another policy than that of the settings, like teken-1.")
@click.option(
    "--report", type=click.Choice(["etsi"]), help="Print the report as XML of ETSI TS 119 102-2 and nothing else."
)
def verify(file: Path, data: Path, as_json: bool, asks_password: bool, report: str | None, policy: str | None) -> None:
    """Verify FILE. Exit code 0 exactly when every signature in it passed every check."""
    settings, password = settings_of(data), asked_password(asks_password)
    with open_stores(settings) as stores, open_verification(settings, stores, utc_now, policy=policy) as verification:
        judged = public_verification(stores, verification).by_upload(file.read_bytes(), password)
    if report is not None:
        click.echo(etsi_report(judged.report))
    elif as_json:
        print_json(_report_body(settings, judged))
    else:
        _tell(judged.report)
    sys.exit(0 if judged.report.indication is Indication.TOTAL_PASSED else 1)


def _report_body(settings: Settings, judged: VerifiedUpload) -> object:
    """What `POST /v1/verifications` answers."""
    explain = Explainer(public_settings(settings, read_hierarchy(settings.pki.certificates)))
    return msgspec.to_builtins(ReportBody.of(judged, explain(judged), public_url=settings.server.public_url))


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
    if signature.reason:
        sentence, step = REASONS[signature.reason], NEXT_STEPS[signature.reason]
        click.echo(f"    {sentence.id} {step.id}\n    {sentence.en} {step.en}")
    for change in signature.modifications:
        allowed = "allowed" if change.allowed else "NOT ALLOWED"
        page = f", page {change.page}" if change.page else ""
        click.echo(f"    revision {change.revision}{page}: {change.kind.value}, {allowed}: {change.detail}")
