"""The command line `teken`. Exit codes: 0 well, 1 not well (a verdict, a finding), 2 wrong use, 3 our side failed."""

import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Final

import click

OUR_SIDE: Final = 3

COMMANDS: Final = {
    "start": ("serving", "Initialise what is missing, show the main job once, and serve."),
    "serve": ("serving", "Serve a folder that is initialised already."),
    "work": ("serving", "Run the timed jobs alone: CRLs, the OCSP responder, sweeping."),
    "ceremony": ("ceremony", "Make root, issuing CA, TSU and OCSP responder, with a transcript."),
    "enrol": ("credentials", "Enrol an official in one step; in a demonstration only."),
    "suspend": ("credentials", "Stop a credential from signing."),
    "resume": ("credentials", "Let a suspended credential sign again."),
    "passphrase": ("passphrase", "Change the passphrase of a credential; for its official."),
    "staff": ("staff", "Accounts of people: add, link, open, list, disable."),
    "register": ("registering", "Propose an official: new, transferred, or with a lost passphrase."),
    "approve": ("registering", "Be the second person: approve or reject; list what waits."),
    "import": ("importing", "Officials, transfers and acting appointments from CSV or XLSX."),
    "ca": ("outside", "Out of turn: crl, next-tsu, next-responder. A national root for our issuing CA: csr, import."),
    "profile": ("profiles", "Which version of a certificate profile issues: list, choose."),
    "foreign": ("foreign", "Another CA certifies officials: export requests, import answers, decide, revoke."),
    "link": ("registering", "The one-time link at which an official sets the passphrase."),
    "search": ("officials", "Find officials by name, unit, organisation, status or serial number."),
    "renew": ("officials", "Renew a certificate: a link for the official."),
    "revoke": ("officials", "Revoke an official's certificate for good."),
    "revoke-many": ("officials", "Revoke the certificates of a list, after a second person approved it."),
    "hold": ("officials", "Put a certificate on hold, where the settings allow it."),
    "release": ("officials", "End a hold, after a second person approved it."),
    "codes": ("codes", "What the officials of a demonstration read on their telephones."),
    "factors": ("factors", "Officials' second factors: unlock; first and reset with a second person."),
    "contact": ("directory", "Where notices to an official go: show, set, withdraw."),
    "enrolment-requests": ("directory", "Whom applications want enrolled: list, close."),
    "appointment": ("directory", "Acting appointments of an official: list, add, withdraw."),
    "custody": ("custody", "KEK and pepper: versions, the second token, recovery drill."),
    "client": (
        "clients",
        "Applications that may call the API: add, list, show, change, scopes, keys, rotate, …",
    ),
    "account": ("accounts", "Integrations that log in at the CSC API: add, list, enable, disable, unlock, rotate."),
    "esign": ("esign", "API credentials of the gateway: add, list, show, enable, disable, rotate, remove."),
    "webhooks": ("webhooks", "The delivery of events to applications: list, show, pause, resume, replay."),
    "kinds": ("kinds", "Kinds of letters that are not signed electronically: show, assign, default."),
    "seal": ("seals", "Seals of organisations: enrol, activate for a client, deactivate, keepers, PIN."),
    "jobs": ("jobs", "Jobs of workers: list, show, retry, cancel."),
    "sign": ("signing", "Sign a PDF with an official's credential."),
    "augment": ("augment", "Raise a signed PDF to a higher level."),
    "renewals": ("augment", "Archived documents: where their renewal stands; renew what is due."),
    "verify": ("verifying", "Verify a PDF."),
    "trust": ("trust", "Whom verification believes: import, import-list, list, explain a file."),
    "openapi": ("openapi", "The contract of the API as an OpenAPI document."),
    "audit": ("audit", "The audit trail: verify, show, export, lost, new-key."),
    "db": ("database", "The database: upgrade."),
    "check-config": ("doctor", "Say whether teken.toml can be used."),
    "doctor": ("doctor", "Say what is wrong and how to mend it."),
}
"""Name, module and one line each: a module is loaded only when its command runs, so that `--help` is quick."""


class _Teken(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        function = f"{name}_" if iskeyword(name) else name.replace("-", "_")
        command = getattr(import_module(f"api.cli.{COMMANDS[name][0]}"), function)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=_Teken, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def teken() -> None:
    """Teken: electronic signatures of a provincial government — sign, issue, verify.

    Every command reads the settings of one data folder: --data DIR, ./data by default.
    """
    from api.logging import configure_logging  # noqa: PLC0415 - slow, and `--help` does not need it

    configure_logging(level=logging.WARNING)  # on standard error: standard output is for results


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; errors become one sentence on standard error and an exit code."""
    try:
        sys.exit(teken.main(args=arguments, prog_name="teken", standalone_mode=False))
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit("Interrupted.")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        if not _is_told(error):
            raise
        click.secho(f"{type(error).__name__}: {error}", err=True, fg="red")
        sys.exit(1 if _is_refusal(error) else OUR_SIDE)


def _is_told(error: Exception) -> bool:
    """Whether the error is one of ours, whose text names the fix."""
    from api.audit.copies import CopyRefused  # noqa: PLC0415
    from api.audit.export import ExportUnreadable  # noqa: PLC0415
    from api.audit.trust import AuditKeyMissing  # noqa: PLC0415
    from api.custody import CustodyRefused  # noqa: PLC0415
    from api.demonstration.first_letter import DemonstrationFailed  # noqa: PLC0415 - only now needed, and slow
    from api.first_start import FolderInUse  # noqa: PLC0415
    from api.hierarchy import HierarchyMissing  # noqa: PLC0415
    from api.listening import CannotListen  # noqa: PLC0415
    from api.settings import SettingsError  # noqa: PLC0415
    from ca.errors import CaError  # noqa: PLC0415
    from hsm_config.errors import HsmError  # noqa: PLC0415
    from signer.errors import SignerError  # noqa: PLC0415
    from verifier.errors import VerifierError  # noqa: PLC0415

    domains = (CaError, HsmError, SignerError, VerifierError)
    audit = (AuditKeyMissing, CopyRefused, ExportUnreadable)
    ours = (SettingsError, HierarchyMissing, FolderInUse, CustodyRefused, CannotListen, DemonstrationFailed)
    return isinstance(error, (*domains, *audit, *ours))


def _is_refusal(error: Exception) -> bool:
    return hasattr(error, "field")
