"""Where an answer leads: the links of the OpenAPI document (4.8.20), from an operation to those that go on with it."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

_ID: Final = "$response.body#/id"
_FIRST: Final = "$response.body#/items/0"

_LINKS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "SignDocument": {
        "code=$response.body#/code": (
            "GetSignature",
            "GetSignedDocument",
            "GetStanding",
            "AugmentSignedDocument",
            "WithdrawLetter",
        )
    },
    "FindSignatures": {f"code={_FIRST}/code": ("GetSignature", "GetSignedDocument")},
    "AskForActivation": {f"activation={_ID}": ("GetActivation", "SendActivationDocument")},
    "AskForBatchActivation": {f"activation={_ID}": ("GetActivation",)},
    "AskForStepActivation": {f"activation={_ID}": ("GetActivation",)},
    "OpenBatch": {
        f"batch={_ID}": (
            "GetBatch",
            "AddBatchDocument",
            "ListBatchDocuments",
            "CloseBatch",
            "ConsentToBatch",
            "RetryBatch",
            "CancelBatch",
            "AskForBatchActivation",
        )
    },
    "CreateDocument": {
        f"document={_ID}": ("GetDocument", "GetDocumentFile", "SignStep", "AskForStepActivation", "CancelDocument")
    },
    "ListDocuments": {f"document={_FIRST}/id": ("GetDocument", "GetDocumentFile")},
    "AddWebhook": {
        "webhook=$response.body#/webhook/id": (
            "GetWebhook",
            "ChangeWebhook",
            "RotateWebhookSecret",
            "TestWebhook",
            "ListDeliveries",
            "ReplayEvents",
            "RemoveWebhook",
        )
    },
    "Register": {
        f"registration={_ID}": ("GetRegistration", "Invite"),
        "approval=$response.body#/approval": ("Decide",),
    },
    "ListApprovals": {f"approval={_FIRST}/id": ("GetApproval", "Decide")},
    "SearchCredentials": {
        f"signatory={_FIRST}/signatory": ("GetCredential", "SetContact", "GetContact", "Appoint", "ListAppointments"),
        f"serial={_FIRST}/serial": ("SuspendCertificate", "ResumeCertificate", "RenewCertificate"),
    },
    "ListCertificates": {f"serial={_FIRST}/serial": ("GetCertificate", "SuspendCertificate", "ResumeCertificate")},
    "ListJobs": {f"job={_FIRST}/id": ("GetJob", "RetryJob", "CancelJob")},
    "ListEnrolmentRequests": {f"enrolment={_FIRST}/id": ("GetEnrolmentRequest", "CloseEnrolmentRequest")},
    "EnrolSeal": {
        "credential=$response.body#/credential": ("GetSeal", "ActivateSeal", "ListSealActivations", "RenewSeal")
    },
    "ListEvents": {"cursor=$response.body#/next": ("ListEvents",)},
    "ImportOfficials": {f"batch={_ID}": ("GetImport", "GoOnWithImport")},
}
"""By operation: a parameter and where its value stands in the answer, and the operations that take it."""


def with_links(paths: Mapping[str, Any]) -> dict[str, Any]:
    """The same paths, where every successful answer says where it leads."""
    linked = deepcopy(dict(paths))
    for item in linked.values():
        for operation in item.values():
            links = _links_of(_LINKS.get(operation["operationId"], {}))
            for status, answer in operation["responses"].items():
                if links and status in ("200", "201"):
                    answer["links"] = links
    return linked


def _links_of(told: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        target: {"operationId": target, "parameters": dict([value.split("=", 1)])}
        for value, targets in told.items()
        for target in targets
    }
