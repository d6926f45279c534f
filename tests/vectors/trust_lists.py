"""Trust lists of ETSI TS 119 612, small and right, or wrong in one thing."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

CA_QC = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
TSA_QTST = "http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"
_STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service with its states, the newest first: (status, since)."""

    name: str
    certificate: bytes
    states: Sequence[tuple[str, str]] = (("granted", "2026-01-01T00:00:00Z"),)
    kind: str = CA_QC


def trust_list(*services: Service, next_update: str | None = "2099-01-01T00:00:00Z", sequence: str = "12") -> bytes:
    """One list of one provider."""
    update = f"<dateTime>{next_update}</dateTime>" if next_update else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>{sequence}</TSLSequenceNumber>
<SchemeOperatorName><Name xml:lang="id">Badan Contoh</Name>
<Name xml:lang="en">Example Agency</Name></SchemeOperatorName>
<SchemeTerritory>ID</SchemeTerritory><ListIssueDateTime>2026-11-01T00:00:00Z</ListIssueDateTime>
<NextUpdate>{update}</NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider>
<TSPInformation><TSPName><Name xml:lang="en">Example TSP</Name></TSPName></TSPInformation>
<TSPServices>{"".join(map(_service, services))}</TSPServices>
</TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>""".encode()


def _service(service: Service) -> str:
    certificate = base64.b64encode(service.certificate).decode()
    identity = f"<DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId>"
    bodies = [
        f"<ServiceTypeIdentifier>{service.kind}</ServiceTypeIdentifier>"
        f'<ServiceName><Name xml:lang="en">{service.name}</Name></ServiceName>'
        f"<ServiceDigitalIdentity>{identity}</ServiceDigitalIdentity>"
        f"<ServiceStatus>{_STATUS}{status}</ServiceStatus><StatusStartingTime>{since}</StatusStartingTime>"
        for status, since in service.states
    ]
    history = "".join(f"<ServiceHistoryInstance>{each}</ServiceHistoryInstance>" for each in bodies[1:])
    current = f"<ServiceInformation>{bodies[0]}</ServiceInformation>"
    return f"<TSPService>{current}<ServiceHistory>{history}</ServiceHistory></TSPService>"
