"""The settings file of a first start: a demonstration with SQLite, SoftHSM and made-up names in one folder."""

import json
from pathlib import Path
from typing import Final

_TEMPLATE: Final = """\
# Settings of this Teken service. Relative paths start at the folder of this file.
# Every key that may stand here is described in api/settings.py; an unknown key is an error.

# Made-up names, a test hierarchy and the root key on the same token: never for real documents.
demonstration = true

[server]
host = "127.0.0.1"
port = {port}
public_url = {public_url}

[hsm]
module = {module}
token_label = "teken"
pin_file = "hsm/user.pin"
softhsm_conf = "hsm/softhsm2.conf"

[store]
database_url = "sqlite+pysqlite:///teken.sqlite3"
vault = "documents"

[signing]
passphrase_through_api = true  # the easiest way in; an office asks for consent on its own page instead

[tsa]
clock = "trusted-local"  # believes this machine unchecked, and says so at each start; "chrony" for real timestamps

[pki]
country = "ID"
organisation = "Pemerintah Provinsi Contoh"
organisation_identifier = "NTRID-0000000000"
pen = 32473  # reserved for documentation; register your own at IANA
base_url = "http://pki.example.org"
cps_uri = "https://pki.example.org/cps"
name_authority_uri = "https://pki.example.org/identifiers"
certificates = "pki"

[audit]
checkpoints_to = "checkpoints"  # in production: a place that the database's administrator does not own
"""

SOFTHSM: Final = Path("/usr/lib/softhsm/libsofthsm2.so")
"""Where Debian and Ubuntu install it."""


def default_toml(directory: Path, port: int, *, module: Path = SOFTHSM) -> str:
    """The text of `teken.toml` for a demonstration in `directory` that listens on `port`.

    Paths are written relative, so that the folder can be moved; `directory` decides only whether `module` lies in it.
    """
    inside = module.relative_to(directory) if module.is_relative_to(directory) else module
    return _TEMPLATE.format(
        port=port,
        public_url=json.dumps(f"http://127.0.0.1:{port}"),
        module=json.dumps(str(inside)),
    )
