"""The official's own page: a one-time link, a passphrase, and the certificate is there.

The token in the address is the only secret, so no cookie and no session exist that a foreign page could ride on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from litestar import Controller, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, SkipValidation, URLEncodedBody

from api.faces.public.pages import NEITHER_KEPT_NOR_FOUND, Pages
from api.faces.public.ports import Enrolment
from api.faces.public.problems import ProblemPages
from api.faces.public.settings import PublicSettings
from api.pages.moments import day_of
from api.pages.text import Text
from api.routes import Routes
from signer.errors import LinkRefused, PassphraseLocked, PassphraseTooWeak, PassphraseWrong, Refused, SignerError
from signer.model import Secret
from signer.passphrase import MAX_LENGTH, MIN_LENGTH
from signer.people import Purpose, Registration

ENROLMENT_PATH: Final = "/enrol/{token}"
AddFactors = Callable[[str], str]

_LARGEST_BODY: Final = 16 * 1024

_WEAK: Final = {
    "too-short": Text(
        f"Frasa sandi terlalu pendek. Pakai paling sedikit {MIN_LENGTH} karakter.",
        f"The passphrase is too short. Use at least {MIN_LENGTH} characters.",
    ),
    "too-long": Text(
        f"Frasa sandi terlalu panjang. Pakai paling banyak {MAX_LENGTH} karakter.",
        f"The passphrase is too long. Use at most {MAX_LENGTH} characters.",
    ),
    "repetitive": Text(
        "Frasa sandi hanya mengulang beberapa karakter. Pakai beberapa kata.",
        "The passphrase repeats a few characters. Use several words.",
    ),
    "common": Text(
        "Frasa sandi ini mudah ditebak. Pakai beberapa kata yang tidak lazim.",
        "This passphrase is easily guessed. Use several uncommon words.",
    ),
}
_DIFFERENT: Final = Text(
    "Kedua frasa sandi tidak sama. Ketik sekali lagi.", "The two passphrases differ. Type them again."
)
_WRONG: Final = Text(
    "Frasa sandi salah. Setelah lima kali salah Anda harus menunggu.",
    "The passphrase is wrong. After five wrong ones you have to wait.",
)
_LOCKED: Final = Text(
    "Terlalu banyak percobaan. Tunggu sebentar, atau hubungi petugas pendaftaran.",
    "Too many attempts. Wait a while, or ask the registration office.",
)
_NOT_NOW: Final = Text(
    "Sertifikat tidak dapat diterbitkan. Hubungi petugas pendaftaran.",
    "The certificate cannot be issued. Ask the registration office.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseForm:
    """What the form sends."""

    passphrase: str = ""
    repeated: str = ""

    def __repr__(self) -> str:
        return "PassphraseForm(***)"


class EnrolmentController(Controller):
    """Two requests: who is it for, and here is my passphrase."""

    include_in_schema = False

    @get(ENROLMENT_PATH.replace("token", "token:str"), sync_to_thread=True)
    def ask(
        self,
        token: FromPath[str],
        enrolment: NamedDependency[SkipValidation[Enrolment]],
        pages: NamedDependency[SkipValidation[Pages]],
    ) -> Response[str]:
        """The form, for whom the link is; dead, used and never-made links look alike."""
        try:
            return _form(pages, enrolment.behind(token))
        except LinkRefused:
            return _dead(pages)

    @post(ENROLMENT_PATH.replace("token", "token:str"), status_code=200, sync_to_thread=True)
    def answer(
        self,
        token: FromPath[str],
        data: URLEncodedBody[PassphraseForm],
        enrolment: NamedDependency[SkipValidation[Enrolment]],
        pages: NamedDependency[SkipValidation[Pages]],
        add_factors: NamedDependency[SkipValidation[AddFactors | None]],
    ) -> Response[str]:
        """The certificate, or the form again with what to change."""
        try:
            registration = enrolment.behind(token)
            if not _renews(registration) and data.passphrase != data.repeated:
                return _form(pages, registration, error=_DIFFERENT)
            try:
                credential = enrolment.complete(token, Secret(data.passphrase))
            except Refused as refused:
                if isinstance(refused, LinkRefused):
                    raise
                return _form(pages, registration, error=_told(refused))
        except LinkRefused:
            return _dead(pages)
        further = add_factors(credential.signatory.id) if credential.chain and add_factors is not None else None
        ends, offset = credential.certificate.not_valid_after_utc, pages.settings.utc_offset_hours
        return pages.show(
            "enrolled.html",
            headers=NEITHER_KEPT_NOR_FOUND,
            name=credential.signatory.name,
            until=day_of(ends, utc_offset_hours=offset) if credential.chain else None,
            further=further,
        )


def enrolment_router(
    enrolment: Enrolment, settings: PublicSettings, *, add_factors: AddFactors | None = None
) -> Router:
    """Mount this at the root; it answers `/enrol/…`. `add_factors` gives a signatory's path to the second factors."""
    pages = Pages(settings)
    problems = ProblemPages(pages, limit=settings.max_document_size)

    def provide_enrolment() -> Enrolment:
        return enrolment

    def provide_pages() -> Pages:
        return pages

    def provide_add_factors() -> AddFactors | None:
        return add_factors

    return Routes(
        path="/",
        route_handlers=[EnrolmentController],
        dependencies={
            "enrolment": Provide(provide_enrolment, sync_to_thread=False),
            "pages": Provide(provide_pages, sync_to_thread=False),
            "add_factors": Provide(provide_add_factors, sync_to_thread=False),
        },
        exception_handlers={
            HTTPException: problems.http,
            SignerError: lambda request, _: problems.http(request, HTTPException(status_code=503)),
            Exception: problems.unexpected,
        },
        request_max_body_size=_LARGEST_BODY,
    )


def _form(pages: Pages, registration: Registration, *, error: Text | None = None) -> Response[str]:
    return pages.show(
        "enrol.html",
        status=200 if error is None else 422,
        headers=NEITHER_KEPT_NOR_FOUND,
        who=registration.signatory,
        renews=_renews(registration),
        error=error,
        least=MIN_LENGTH,
        most=MAX_LENGTH,
    )


def _dead(pages: Pages) -> Response[str]:
    return pages.show("dead_link.html", status=404, headers=NEITHER_KEPT_NOR_FOUND)


def _renews(registration: Registration) -> bool:
    """Whether the current passphrase is asked for instead of a new one."""
    return registration.purpose is Purpose.RENEWAL


def _told(refused: Refused) -> Text:
    if isinstance(refused, PassphraseTooWeak):
        return _WEAK[refused.reason]
    if isinstance(refused, PassphraseWrong):
        return _WRONG
    return _LOCKED if isinstance(refused, PassphraseLocked) else _NOT_NOW
