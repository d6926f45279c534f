"""Workers are killed in time, replaced, and know no secrets."""

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.pki import Pki
from tests.support.tagged_letters import with_text
from tests.vectors.letters import append, content, pages
from verifier import child, worker
from verifier.errors import CannotDraw, TooLarge, WorkerBusy, WorkerFailed
from verifier.limits import Limits
from verifier.model import Indication, SubIndication, TrustSnapshot
from verifier.places import places_in
from verifier.policy import ValidationPolicy
from verifier.worker import WorkerPool

HOUR = timedelta(hours=1)
SHORT = Limits(wall_seconds=3)
"""For a letter enough on a busy machine as well."""


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1, Limits()) as workers:
        workers.warm()
        yield workers


def slow_to_judge() -> bytes:
    """A file with a short cross-reference chain and a form of 60,000 fields: a second of work, or some."""
    kids = b" ".join(b"%d 0 R" % (8 + index) for index in range(60_000))
    fields = [b"<< /FT /Tx /T (a%d) >>" % index for index in range(60_000)]
    form = b"<< /Fields [%s] >>" % kids
    pdf = pages("x", extra=[b"null", form, *fields])
    return append(pdf, {1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 7 0 R >>"}, size=70_000)


def pids() -> set[int]:
    """Children of this process, read from the kernel."""
    found = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children").read_text(encoding="ascii")
    return {int(each) for each in found.split()}


def at_a_standstill(pool: WorkerPool) -> set[int]:
    """The pool's workers, none of which gets anywhere: slower than any document, whatever the machine."""
    others = pids()
    pool.warm()
    workers = pids() - others
    assert workers
    for each in workers:
        os.kill(each, signal.SIGSTOP)
    return workers


def test_a_worker_judges_like_the_function(
    pool: WorkerPool, pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    from verifier.validation import validate

    at = pki.at + HOUR
    assert pool.validate(letter_b_t, policy, trust, at) == validate(letter_b_t, policy, trust, at)
    known = pki.at - HOUR
    assert pool.validate(letter_b_t, policy, trust, at, known_since=known) == validate(
        letter_b_t, policy, trust, at, known_since=known
    )


def test_a_changed_snapshot_reaches_the_worker(
    pool: WorkerPool, pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    empty = TrustSnapshot(anchors=(), intermediates=(), crls=())
    at = pki.at + HOUR
    assert pool.validate(letter_b_t, policy, trust, at).indication is Indication.TOTAL_PASSED
    assert pool.validate(letter_b_t, policy, empty, at).reason is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert pool.validate(letter_b_t, policy, trust, at).indication is Indication.TOTAL_PASSED


def test_what_takes_too_long_is_killed_and_the_next_document_is_served(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    with WorkerPool(1, SHORT) as pool:
        slow = at_a_standstill(pool)
        report = pool.validate(letter_b_t, policy, trust, pki.at + HOUR)
        assert (report.indication, report.detail) == (Indication.UNREADABLE, "it took longer than 3 seconds")
        assert pids().isdisjoint(slow), "the slow worker is gone"
        assert pool.validate(letter_b_t, policy, trust, pki.at + HOUR).indication is Indication.TOTAL_PASSED


def test_processor_time_is_limited_as_well(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    with WorkerPool(1, Limits(wall_seconds=30, cpu_seconds=0)) as pool:
        pool.warm()
        report = pool.validate(slow_to_judge(), policy, trust, pki.at)
        assert (report.indication, report.detail) == (
            Indication.UNREADABLE,
            "it took longer than 0 seconds of processor time",
        )


def test_a_decompression_bomb_ends_within_the_limits(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    bomb = zlib.compress(b"\0" * 400_000_000, 9)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        len(bomb),
        bomb,
    )
    content = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(bomb), bomb)
    pdf = append(pages("x", extra=[stream]), {5: content}, size=7)
    with WorkerPool(1, SHORT) as pool:
        assert pool.validate(pdf, policy, trust, pki.at).indication in (
            Indication.UNREADABLE,
            Indication.NO_SIGNATURE,
        )
        assert pool.validate(letter_b_t, policy, trust, pki.at + HOUR).indication is Indication.TOTAL_PASSED


def test_memory_is_limited_and_the_next_document_is_served(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    small = Limits(address_space=450 * 1024 * 1024, document_bytes=400 * 1024 * 1024, wall_seconds=60, cpu_seconds=60)
    with WorkerPool(1, small) as pool:
        big = pages("x") + b"%" + b" " * (160 * 1024 * 1024)
        report = pool.validate(big, policy, trust, pki.at)
        assert report.indication is Indication.UNREADABLE
        assert report.detail == "it needed more memory than 450 MiB"
        assert pool.validate(letter_b_t, policy, trust, pki.at + HOUR).indication is Indication.TOTAL_PASSED


def test_a_worker_knows_no_secret_and_may_do_nothing_else(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEKEN_PIN", "123456-secret")
    with WorkerPool(1, Limits()) as fresh:
        before = pids()
        fresh.warm()
        (pid,) = pids() - before
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"123456-secret" not in environment
        assert {each.split(b"=")[0] for each in environment.split(b"\0") if each} <= {
            b"LANG",
            b"PYTHONDONTWRITEBYTECODE",
            b"OPENSSL_CONF",
        }
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        for name in ("Max file size", "Max core file size", "Max processes"):
            (line,) = [each for each in limits.splitlines() if each.startswith(name)]
            assert line.removeprefix(name).split()[:2] == ["0", "0"], line
        assert "softhsm" not in Path(f"/proc/{pid}/maps").read_text(encoding="ascii", errors="replace")
        assert os.readlink(f"/proc/{pid}/cwd") == "/"


def test_the_sandbox_never_loads_keys_or_the_database() -> None:
    program = (
        "import sys, verifier.sandbox; print([m for m in ('pkcs11', 'sqlalchemy', 'litestar') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=child._ROOT
    ).stdout
    assert out.strip() == "[]"


def test_a_full_queue_says_when_to_come_back(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    with WorkerPool(1, SHORT, queue_length=0) as pool:
        at_a_standstill(pool)
        busy = threading.Thread(target=pool.validate, args=(b"", policy, trust, pki.at))
        busy.start()
        while not pool._busy:
            time.sleep(0.01)
        with pytest.raises(WorkerBusy) as refusal:
            pool.validate(b"", policy, trust, pki.at)
        assert refusal.value.retry_after >= 1
        busy.join()


def test_many_threads_share_few_workers(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, letter_b_t: bytes
) -> None:
    seen: list[Indication] = []
    patient = Limits(wall_seconds=100)  # forty letters in a queue, and two processes that begin
    with WorkerPool(2, patient, queue_length=20) as pool:
        before = pids()

        def judge() -> None:
            seen.extend(pool.validate(letter_b_t, policy, trust, pki.at + HOUR).indication for _ in range(5))

        threads = [threading.Thread(target=judge) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(pids() - before) <= 2
    assert seen == [Indication.TOTAL_PASSED] * 40


def test_a_worker_is_recycled(
    pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DOCUMENTS_PER_WORKER", 2)
    with WorkerPool(1, Limits()) as pool:
        pool.warm()
        first = pids()
        pool.validate(b"", policy, trust, pki.at)
        assert pids() == first
        pool.validate(b"", policy, trust, pki.at)
        pool.validate(b"", policy, trust, pki.at)
        assert pids() != first


def test_too_many_bytes_never_reach_a_worker(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    with WorkerPool(1, Limits(document_bytes=10)) as pool, pytest.raises(TooLarge) as refusal:
        pool.validate(b"x" * 11, policy, trust, pki.at)
    assert refusal.value.field == "document"


def test_a_closed_pool_serves_nobody(pki: Pki, policy: ValidationPolicy, trust: TrustSnapshot) -> None:
    others = pids()
    pool = WorkerPool(1, Limits())
    pool.warm()
    assert pids() > others
    pool.close()
    assert pids() == others
    with pytest.raises(WorkerFailed):
        pool.validate(b"", policy, trust, pki.at)


def test_a_page_is_drawn_as_webp(pool: WorkerPool, letter_b_t: bytes) -> None:
    image = pool.preview(letter_b_t, page=1, width=400)
    assert image[:4] == b"RIFF"
    assert image[8:12] == b"WEBP"
    assert pool.page_sizes(letter_b_t) == ((595.0, 842.0),)


@pytest.mark.parametrize(("pdf", "page", "width"), [(b"junk", 1, 400), (None, 2, 400), (None, 1, 0), (None, 1, 9_999)])
def test_what_cannot_be_drawn_is_refused(
    pool: WorkerPool, letter_b_t: bytes, pdf: bytes | None, page: int, width: int
) -> None:
    with pytest.raises(CannotDraw):
        pool.preview(pdf or letter_b_t, page=page, width=width)


def test_a_page_as_long_as_a_street_is_not_drawn(pool: WorkerPool) -> None:
    pdf = append(
        pages("x"),
        {4: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 14000] /Contents 5 0 R >>"},
        size=6,
    )
    with pytest.raises(CannotDraw, match="too long"):
        pool.preview(pdf, page=1, width=1_000)


def test_text_is_found_in_the_other_process(pool: WorkerPool) -> None:
    pdf = with_text(b"1 0 0 1 300 400 Tm (#ttd) Tj", b"1 0 0 1 10 20 Tm (#ttd) Tj")
    first, second = pool.find_text(pdf, "#ttd")
    assert (first.page_index, first.origin) == (0, (300, 400))
    assert (second.page_index, second.origin) == (1, (10, 20))
    assert pool.find_text(pdf, "tidak ada") == ()


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7 nothing", with_text(b"1 0 0 1 9 9 Tm " + b"(#) Tj " * 1_001)])
def test_where_no_text_can_be_sought_it_is_said(pool: WorkerPool, pdf: bytes) -> None:
    with pytest.raises(CannotDraw):
        pool.find_text(pdf, "#")


@pytest.mark.parametrize("answer", [b"{}", b"[1]", b"[[0, 1, 2]]", b"[[-1,0,0,0,0,0,0]]", b"[[0,0,0,0,0,0,NaN]]"])
def test_a_worker_cannot_answer_with_anything_but_places(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"place|list"):
        places_in(answer)


def test_revisions_are_compared_in_the_worker_and_what_cannot_be_is_refused(pool: WorkerPool) -> None:
    before = pages("Rp 1.000")
    after = append(before, {5: content("Rp 9.000")}, size=8)
    assert [each.page for each in pool.compare(after, end=len(before)).changed] == [1]
    with pytest.raises(CannotDraw):
        pool.compare(after, end=len(after))
    with pytest.raises(CannotDraw):
        pool.compare(after, end=9)
