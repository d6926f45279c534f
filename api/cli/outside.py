"""`ca`: operations out of turn, with a second person; and somebody else's root for our issuing CA."""

from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.bulk.foreign import foreign_rules
from api.ceremonies import ROOT_CERTIFICATE, ROOT_CRL
from api.cli.login import people_at, with_login
from api.cli.offline_root import number_of, with_generation
from api.cli.options import settings_of, with_data
from api.first_start import found_or_made
from api.given import utc_now
from api.hsm import hsm_settings
from api.office.operations import Operation
from ca.ceremony import generation_name, read_root_crl
from ca.errors import RequestRefused
from ca.outside import check_granted, issuing_ca_request
from hsm_config.gate import open_gate
from hsm_config.ownership import owning
from hsm_config.private_keys import token_key
from signer.foreign.acceptance import certificates_in, leaf_for
from signer.foreign.path import checked_path

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def ca() -> None:
    """Operations out of turn, and a national root for our issuing CA, instead of a root of ours."""


def _operation(operation: Operation, text: str) -> None:
    """A command that asks for an approval, and carries out once it has one."""

    @ca.command(operation.value, help=f"{text} Without --approval: ask a second person. For administrators.")
    @with_data
    @with_login
    @click.option("--approval", help="Id of the approval, once it was given.")
    def command(data: Path, name: str, secret_file: Path | None, approval: str | None) -> None:
        with people_at(data, name, secret_file) as (people, caller):
            if approval is None:
                click.echo(f"approval  {people.operations.propose(caller, operation).id}")
            else:
                click.echo(people.operations.carry_out(caller, operation, approval_id=approval))


_operation(Operation.CRL, "Publish the CRL of the issuing CA now.")
_operation(Operation.NEXT_TSU, "Make the next time-stamping unit now.")
_operation(Operation.NEXT_RESPONDER, "Make the next OCSP responder now.")
_operation(Operation.LAST_CRL, "Publish the last CRL of the issuing CA, which ends it for good.")


@ca.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_data
@with_generation
@click.option("--common-name", help="CN that is asked for, instead of `Teken Issuing CA 1 G<number>`.")
def csr(file: Path, data: Path, label: str, common_name: str | None) -> None:
    """Write the request (PEM) of the issuing CA to FILE; its key is made on the token where it is missing.

    With --label ca-1-g2 and so on: of its next generation, which gets a name of its own.
    """
    settings = settings_of(data)
    common_name = common_name or generation_name(number_of(label))
    own = hsm_settings(settings)
    with owning(own), open_gate(own) as gate:
        key = found_or_made(gate, label, ec.SECP384R1())
        request = issuing_ca_request(key, settings.pki.names, common_name)
    file.write_bytes(request.public_bytes(Encoding.PEM))
    click.echo(file)


@ca.command("import")
@click.argument("answer", type=_FILE)
@click.argument("crl", type=_FILE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@with_data
@with_generation
def import_answer(answer: Path, crl: Path, folder: Path, data: Path, label: str) -> None:
    """Check ANSWER (certificate with chain) and CRL (of its issuer, DER), and lay them into FOLDER.

    From there `teken ceremony complete --from FOLDER` takes them over, under dual control, with the same --label. The
    root has to be an anchor in pki.anchors, and has to be the direct issuer.
    """
    settings = settings_of(data)
    own = hsm_settings(settings)
    with owning(own), open_gate(own) as gate:
        public_key = token_key(gate, label).public_key()
    certificate, root = _checked(answer.read_bytes(), public_key, data)
    read_root_crl(crl.read_bytes(), root)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        (ROOT_CERTIFICATE, root.public_bytes(Encoding.DER)),
        (f"{label}.cer", certificate.public_bytes(Encoding.DER)),
        (ROOT_CRL, crl.read_bytes()),
    ):
        (folder / name).write_bytes(content)
        click.echo(folder / name)


def _checked(
    content: bytes, public_key: ec.EllipticCurvePublicKey, data: Path
) -> tuple[x509.Certificate, x509.Certificate]:
    """The issuing CA's certificate and the root; raises `ForeignRefused` and `RequestRefused`."""
    settings, at = settings_of(data), utc_now()
    certificates = certificates_in(content)
    certificate = leaf_for(certificates, public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    check_granted(certificate, public_key, settings.pki.names, at=at)
    rules = foreign_rules(settings)
    chain = checked_path(certificate, certificates, rules.anchors, rules.policies, at=at)
    if len(chain) != 2:
        raise RequestRefused(
            "certificate: intermediate; only a CA directly under its anchor is supported: make its issuer the anchor",
            field="certificate",
            reason="intermediate",
        )
    return chain[0], chain[1]
