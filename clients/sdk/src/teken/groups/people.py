"""Officials, their credentials, and seals of organisations."""

from collections.abc import Sequence

from teken.core import operations
from teken.core.group import Group
from teken.core.steps import Items, RunnerT_co, Steps, iteration, operation
from teken.groups.paging import MOST, all_of
from teken.types import (
    EnrolmentAsk,
    EnrolmentReceived,
    OfficialBody,
    OfficialPage,
    PassphraseBody,
    PassphraseRequest,
    SealActivationBody,
    SealActivationList,
    SealActivationRequest,
    SealBody,
    SealPage,
    SealRequest,
    UsableCredentialBody,
    UsableCredentialPage,
)


class Credentials(Group[RunnerT_co]):
    """Officials and their credentials; to be found by whoever has `credential:read`."""

    @iteration
    def search(
        self, name: str | None = None, *, unit: str | None = None, serial: str | None = None, kind: str | None = None
    ) -> Items[OfficialBody]:
        """By name."""
        said = {"name": name, "unit": unit, "serial": serial, "kind": kind, "limit": MOST}
        return all_of(
            lambda after: self._get(OfficialPage, operations.SEARCH_CREDENTIALS, query={**said, "cursor": after})
        )

    @operation
    def get(self, signatory: str) -> Steps[OfficialBody]:
        """One official."""
        return self._get(OfficialBody, operations.GET_CREDENTIAL, signatory=signatory)

    @iteration
    def usable(
        self, name: str | None = None, *, unit: str | None = None, kind: str | None = None
    ) -> Items[UsableCredentialBody]:
        """Those that may sign your documents today: officials, or, with `kind="seal"`, seals that are lent to you."""
        said = {"name": name, "unit": unit, "kind": kind, "limit": MOST}
        return all_of(
            lambda after: self._get(
                UsableCredentialPage, operations.LIST_USABLE_CREDENTIALS, query={**said, "cursor": after}
            )
        )

    @operation
    def ask_for_enrolment(self, name: str, email: str, *, key: str | None = None) -> Steps[EnrolmentReceived]:
        """Ask the office that somebody gets a certificate; a registrar looks at the person."""
        return self._post(
            EnrolmentReceived, operations.ASK_FOR_ENROLMENT, EnrolmentAsk(name=name, email=email), key=key
        )

    @operation
    def change_passphrase(self, credential: str, passphrase: str, new_passphrase: str) -> Steps[PassphraseBody]:
        """Another passphrase for the same key, by who gives the one of today."""
        said = PassphraseRequest(credential=credential, passphrase=passphrase, new_passphrase=new_passphrase)
        return self._post(PassphraseBody, operations.CHANGE_PASSPHRASE, said)


class Seals(Group[RunnerT_co]):
    """Seals of organisations. Documents are sealed by `batches`: open one whose credential is the seal's."""

    @operation
    def enrol(self, request: SealRequest, *, key: str | None = None) -> Steps[SealBody]:
        """A new seal (staff: administrator)."""
        return self._post(SealBody, operations.ENROL_SEAL, request, key=key)

    @iteration
    def list(self) -> Items[SealBody]:
        """Every credential of every seal."""
        return all_of(lambda after: self._get(SealPage, operations.LIST_SEALS, query={"cursor": after, "limit": MOST}))

    @operation
    def get(self, credential: str) -> Steps[SealBody]:
        """One of them."""
        return self._get(SealBody, operations.GET_SEAL, credential=credential)

    @operation
    def renew(self, credential: str, *, key: str | None = None) -> Steps[SealBody]:
        """A new key and certificate under a new credential (staff: administrator)."""
        return self._post(SealBody, operations.RENEW_SEAL, key=key, credential=credential)

    @operation
    def activate(
        self, credential: str, request: SealActivationRequest, *, key: str | None = None
    ) -> Steps[SealActivationBody]:
        """Let one application use it for a day at most (staff: approver)."""
        return self._post(SealActivationBody, operations.ACTIVATE_SEAL, request, key=key, credential=credential)

    @iteration
    def activations(self, credential: str) -> Items[SealActivationBody]:
        """Its permissions, the newest first."""
        return all_of(
            lambda after: self._get(
                SealActivationList,
                operations.LIST_SEAL_ACTIVATIONS,
                query={"cursor": after, "limit": MOST},
                credential=credential,
            )
        )

    @operation
    def activation(self, credential: str, activation: str) -> Steps[SealActivationBody]:
        """One permission, whatever became of it."""
        return self._get(
            SealActivationBody, operations.GET_SEAL_ACTIVATION, credential=credential, activation=activation
        )

    @operation
    def deactivate(
        self, credential: str, activation: str, *, key: str | None = None
    ) -> Steps[Sequence[SealActivationBody]]:
        """Take a permission back (staff: approver); its last permissions after that."""
        found = yield from self._post(
            SealActivationList, operations.DEACTIVATE_SEAL, key=key, credential=credential, activation=activation
        )
        return found.items
