"""The part of the OpenAPI document for staff, made from the declarations that stand at the routes."""

from typing import Final

from litestar import Controller

import signer.errors
from api.faces.rest.declared_contract import bodies_of, paths_of
from api.faces.rest.office.approvals import ApprovalController
from api.faces.rest.office.authority import OperationController
from api.faces.rest.office.certificates import CertificateController
from api.faces.rest.office.clients import ClientController
from api.faces.rest.office.credentials import CredentialController
from api.faces.rest.office.deliveries import DeliveryController
from api.faces.rest.office.directory import DirectoryController
from api.faces.rest.office.enrolment_requests import EnrolmentRequestController
from api.faces.rest.office.esign import EsignCredentialController
from api.faces.rest.office.factors import FactorsController
from api.faces.rest.office.foreign import ForeignController
from api.faces.rest.office.handovers import HandoverController
from api.faces.rest.office.imports import ImportController
from api.faces.rest.office.jobs import JobController
from api.faces.rest.office.letters import OfficeLetterController
from api.faces.rest.office.profiles import ProfileController
from api.faces.rest.office.registrations import RegistrationController
from api.faces.rest.office.revocations import RevocationController
from api.faces.rest.office.seals import SealController
from api.faces.rest.office.trail import TrailController
from api.problems import (
    INVALID_REQUEST,
    OFFICE_CLOSED,
    PROBLEMS,
    RATE_EXCEEDED,
    SCOPE_MISSING,
    UNAUTHENTICATED,
    UNEXPECTED,
)

CONTROLLERS: Final[tuple[type[Controller], ...]] = (
    RegistrationController,
    ApprovalController,
    CredentialController,
    CertificateController,
    RevocationController,
    OperationController,
    TrailController,
    OfficeLetterController,
    DirectoryController,
    EnrolmentRequestController,
    ImportController,
    JobController,
    ForeignController,
    ProfileController,
    DeliveryController,
    FactorsController,
    HandoverController,
    SealController,
    EsignCredentialController,
    ClientController,
)

_STAFF: Final = (
    UNAUTHENTICATED,
    SCOPE_MISSING,
    PROBLEMS[signer.errors.NotPermitted],
    PROBLEMS[signer.errors.StaffRefused],
    OFFICE_CLOSED,
    PROBLEMS[signer.errors.Unavailable],
    INVALID_REQUEST,
    RATE_EXCEEDED,
    UNEXPECTED,
)

PATHS: Final = paths_of(CONTROLLERS, always=_STAFF)

BODIES: Final = bodies_of(CONTROLLERS)
