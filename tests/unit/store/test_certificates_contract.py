"""The SQL logs keep the promises that every log of the CA makes."""

import pytest

from ca.ports import CertificateLog, CrlStore, TimestampLog
from store.certificates import SqlCertificateLog, SqlCrlStore, SqlTimestampLog
from store.database import Database
from tests.support.ca_log_contract import *  # noqa: F403 - the shared behaviour tests


@pytest.fixture
def certificate_log(database: Database) -> CertificateLog:
    return SqlCertificateLog(database)


@pytest.fixture
def crl_store(database: Database) -> CrlStore:
    return SqlCrlStore(database)


@pytest.fixture
def timestamp_log(database: Database) -> TimestampLog:
    return SqlTimestampLog(database)
