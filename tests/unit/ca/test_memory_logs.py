"""The logs in memory, which all other tests of this room lean on, behave as `ca.ports` says."""

import pytest

from ca.ports import CertificateLog, CrlStore, TimestampLog
from tests.support.ca_log_contract import *  # noqa: F403 - the shared behaviour tests
from tests.support.ca_memory import MemoryCertificateLog, MemoryCrlStore, MemoryTimestampLog


@pytest.fixture
def certificate_log() -> CertificateLog:
    return MemoryCertificateLog()


@pytest.fixture
def crl_store() -> CrlStore:
    return MemoryCrlStore()


@pytest.fixture
def timestamp_log() -> TimestampLog:
    return MemoryTimestampLog()
