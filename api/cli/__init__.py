"""The command line `teken`. Exit codes: 0 well, 1 not well (a verdict, a finding), 2 wrong use, 3 our side failed."""

import sys
from collections.abc import Sequence
from typing import Final

import click

from api.cli.ceremony import ceremony
from api.cli.clients import client
from api.cli.credentials import enrol, resume, suspend
from api.cli.database import db
from api.cli.doctor import check_config, doctor
from api.cli.serving import serve, start, work
from api.cli.signing import sign
from api.cli.verifying import verify
from api.first_start import FolderInUse
from api.hierarchy import HierarchyMissing
from api.settings import SettingsError
from ca.errors import CaError
from hsm_config.errors import HsmError
from signer.errors import Refused, SignerError
from store.errors import StoreError
from verifier.errors import VerifierError

OUR_SIDE: Final = 3
_TOLD: Final = (
    SettingsError,
    HierarchyMissing,
    FolderInUse,
    CaError,
    HsmError,
    SignerError,
    StoreError,
    VerifierError,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def teken() -> None:
    """Teken: electronic signatures of a provincial government — sign, issue, verify.

    Every command reads the settings of one data folder: --data DIR, ./data by default.
    """


for _command in (start, serve, work, ceremony, enrol, suspend, resume, client, sign, verify, db, check_config, doctor):
    teken.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; errors become one sentence on standard error and an exit code."""
    try:
        teken.main(args=arguments, prog_name="teken", standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit("Interrupted.")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except _TOLD as error:
        click.secho(f"{type(error).__name__}: {error}", err=True, fg="red")
        sys.exit(1 if isinstance(error, Refused) else OUR_SIDE)
