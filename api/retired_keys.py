"""Old responders' and units' keys are destroyed once their successors are in use everywhere."""

from collections.abc import Callable, Collection
from datetime import datetime

from api.current import GRACE
from api.hierarchy import PublishedHierarchy
from store.audit import Act, AuditTrail


def retired_labels(hierarchy: PublishedHierarchy, on_token: Collection[str], at: datetime) -> tuple[str, ...]:
    """Labels of keys on the token whose certificate has a successor that is older than an hour."""
    kinds = [("tsu-", hierarchy.tsu_label, set(hierarchy.certificates))]
    for each in hierarchy.generations:
        issued = {label for label, certificate in hierarchy.certificates.items() if each.issued(certificate)}
        kinds.append(("ocsp-", each.responder_label, issued))
    found: list[str] = []
    for kind, in_use, candidates in kinds:
        if at - hierarchy.certificates[in_use].not_valid_before_utc < GRACE:
            continue
        found += [label for label in candidates if label.startswith(kind) and label != in_use and label in on_token]
    return tuple(sorted(found))


def destroy_retired(
    *,
    hierarchy: PublishedHierarchy,
    on_token: Collection[str],
    destroy: Callable[[str], None],
    trail: AuditTrail,
    at: datetime,
) -> int:
    """Destroy each; the trail says so first, because what is not recorded is not done. How many."""
    retired = retired_labels(hierarchy, on_token, at)
    for label in retired:
        trail.record(Act.KEY_CUSTODY, f"key:{label}", at=at, details={"step": "destroy", "why": "succeeded"})
        destroy(label)
    return len(retired)
