"""Settings: one file in, one frozen tree out, and every mistake named with its key."""

from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import api.settings
from api.settings import Settings, SettingsError
from api.settings_file import load_settings
from api.settings_template import default_toml
from signer.model import SignatureLevel


def loaded(folder: Path, *, find: str = "", put: str = "", more: str = "") -> Settings:
    text = default_toml(folder, 8123)
    assert find in text
    file = folder / "teken.toml"
    file.write_text(text.replace(find, put, 1) + more, encoding="utf-8")
    return load_settings(file)


def test_the_file_of_a_first_start_can_be_loaded(tmp_path: Path) -> None:
    settings = loaded(tmp_path)

    assert settings.demonstration
    assert settings.server.port == 8123
    assert settings.server.public_url == "http://127.0.0.1:8123"
    assert settings.signing.max_document_bytes == 112 * 1024 * 1024
    assert settings.signing.default_level is SignatureLevel.B_LT


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = loaded(tmp_path)

    assert settings.hsm.pin_file == tmp_path / "hsm" / "user.pin"
    assert settings.hsm.softhsm_conf == tmp_path / "hsm" / "softhsm2.conf"
    assert settings.pki.certificates == tmp_path / "pki"
    assert settings.store.vault == str(tmp_path / "documents")
    assert settings.store.database_url == f"sqlite+pysqlite:///{tmp_path}/teken.sqlite3"


def test_absolute_paths_buckets_and_servers_stay_as_they_are(tmp_path: Path) -> None:
    bucket = loaded(tmp_path, find='vault = "documents"', put='vault = "s3://documents/signed"')
    server = loaded(
        tmp_path, find='"sqlite+pysqlite:///teken.sqlite3"', put='"postgresql+psycopg://teken@db.example.org/teken"'
    )
    memory = loaded(tmp_path, find="sqlite+pysqlite:///teken.sqlite3", put="sqlite+pysqlite:///:memory:")

    assert bucket.store.vault == "s3://documents/signed"
    assert server.store.database_url == "postgresql+psycopg://teken@db.example.org/teken"
    assert memory.store.database_url == "sqlite+pysqlite:///:memory:"
    assert bucket.hsm.module.is_absolute()


@pytest.mark.parametrize(
    ("find", "put", "told"),
    [
        ("port = 8123", "prot = 8123", "server.prot: no such setting; did you mean server.port?"),
        ("[server]", "[sever]", "sever: no such setting; did you mean server?"),
        ("[server]", "[kitchen]", "kitchen: no such setting; known here: "),
        ("port = 8123", 'port = "8123"', "server.port: Expected `int`, got `str`"),
        ("port = 8123", "port = 0", "server.port: Expected `int` >= 1"),
        ('token_label = "teken"', "", "hsm.token_label: is missing"),
        ("[hsm]", "", "hsm: is missing"),
        ('pin_file = "hsm/user.pin"', "pin_file = 1234", "hsm.pin_file: Expected a path"),
        ('base_url = "http://', 'base_url = "https://', "pki.base_url: Expected `str` matching regex"),
        ('public_url = "http://127.0.0.1:8123"', 'public_url = "http://127.0.0.1/"', "server.public_url: Expected"),
        ('country = "ID"', 'country = "Indonesia"', "pki.country: Expected `str` matching regex"),
        ("[server]", "[server]\nthreads = 12", "server.threads: 18 verifications may wait at once"),
        ("[server]", "[limits]\nupload_memory_mib = 1\n[server]", "limits.upload_memory_mib: less than one document"),
        (
            "[server]",
            "[verification]\nmax_document_bytes = 117440512\n[server]",
            "signing.max_document_bytes: signed, such",
        ),
        ("demonstration = true", "demonstration = false", "pki.pen: 32473 is reserved for documentation"),
        ("demonstration = true", "demonstration = tru", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_the_fix(tmp_path: Path, find: str, put: str, told: str) -> None:
    if find == "[hsm]":
        text = default_toml(tmp_path, 8123)
        find = text[text.index("[hsm]") : text.index("[store]")]
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, find=find, put=put)

    assert told in str(refused.value)


def test_production_starts_with_a_number_of_its_own(tmp_path: Path) -> None:
    text = default_toml(tmp_path, 8123).replace("demonstration = true", "").replace("pen = 32473", "pen = 99999")
    text = text.replace('clock = "trusted-local"', 'clock = "chrony"')
    (tmp_path / "teken.toml").write_text(text, encoding="utf-8")

    assert load_settings(tmp_path / "teken.toml").demonstration is False


def test_status_lives_as_long_as_the_settings_say(tmp_path: Path) -> None:
    settings = loaded(tmp_path, find="[pki]", put="[status]\nocsp_valid_hours = 8\n\n[pki]")

    assert settings.status.periods.ocsp_valid == timedelta(hours=8)
    assert settings.status.periods.crl_valid == timedelta(hours=48)


def test_a_crl_that_would_grow_old_before_the_next_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, find="[pki]", put="[status]\ncrl_every_hours = 24\n\n[pki]")

    assert "status.crl_every_hours" in str(refused.value)


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        ('clock = "trusted-local"', "tsa.clock: trusted-local"),
        ('clock = "sntp"', "tsa.ntp_servers"),
        ('clock = "sntp"\nntp_servers = ["a.example.org", "b.example.org"]', "tsa.ntp_servers"),
        ('clock = "sundial"', "tsa.clock"),
    ],
)
def test_production_has_somebody_who_vouches_for_the_clock(tmp_path: Path, clock: str, said: str) -> None:
    text = default_toml(tmp_path, 8123).replace("demonstration = true", "").replace("pen = 32473", "pen = 99999")
    (tmp_path / "teken.toml").write_text(text.replace('clock = "trusted-local"', clock), encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path / "teken.toml")
    assert said in str(refused.value)


def test_a_pin_in_the_file_is_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, find='pin_file = "hsm/user.pin"', put='pin = "987654"')

    assert "hsm.pin: no such setting" in str(refused.value)
    assert "987654" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.toml: cannot be read"):
        load_settings(tmp_path / "absent.toml")


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "teken.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(SettingsError, match="is not UTF-8"):
        load_settings(tmp_path / "teken.toml")


def every_part(shape: type[Any] = Settings) -> list[type[Any]]:
    parts = [kind for kind in get_type_hints(shape).values() if is_dataclass(kind) and isinstance(kind, type)]
    return [shape, *(each for part in parts for each in every_part(part))]


@pytest.mark.parametrize("part", every_part(), ids=lambda part: part.__name__)
def test_every_setting_says_what_it_is_for(part: type[Any]) -> None:
    source = Path(api.settings.__file__).read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(source) if line == f"class {part.__name__}:")
    for each in fields(part):
        line = next(n for n, text in enumerate(source) if n > start and text.startswith(f"    {each.name}:"))
        plain = get_type_hints(part)[each.name]
        assert is_dataclass(plain) or source[line + 1].startswith('    """'), f"{part.__name__}.{each.name}"


def test_the_paths_of_the_template_can_be_moved_with_their_folder(tmp_path: Path) -> None:
    own_module = tmp_path / "lib" / "module.so"

    assert str(tmp_path) not in default_toml(tmp_path, 8000, module=own_module)
    assert 'module = "lib/module.so"' in default_toml(tmp_path, 8000, module=own_module)


def test_each_kind_of_document_has_its_level_and_every_other_the_default(tmp_path: Path) -> None:
    levels = '\n[signing.levels]\n"Keputusan" = "B-LTA"\n"nota  dinas" = "B-T"\n'
    signing = loaded(tmp_path, more=levels).signing

    assert signing.level_for("keputusan ") is SignatureLevel.B_LTA
    assert signing.level_for("Nota Dinas") is SignatureLevel.B_T
    assert signing.level_for("Surat Dinas") is signing.level_for(None) is SignatureLevel.B_LT


@pytest.mark.parametrize("levels", ['"Keputusan" = "B-X"', '"Keputusan" = "B-T"\n"keputusan" = "B-LT"'])
def test_a_level_that_is_none_or_contradicts_is_refused(tmp_path: Path, levels: str) -> None:
    with pytest.raises(SettingsError, match=r"signing\.levels"):
        loaded(tmp_path, more=f"\n[signing.levels]\n{levels}\n")
