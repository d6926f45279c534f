"""Tables of the authorization server. Nothing of it leaves `store`. Tokens as such stand in `access_tokens`."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, one_of
from store.oauth_model import TransactionState

_SHA256: Final = String(64)


class OAuthPushedRow(Base):
    """Parameters that a client pushed."""

    __tablename__ = "oauth_pushed_requests"

    uri_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    parameters: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    transaction_id: Mapped[str | None] = mapped_column(Text)


class OAuthTransactionRow(Base):
    """One request at the authorization endpoint."""

    __tablename__ = "oauth_transactions"
    __table_args__ = (
        CheckConstraint(one_of("state", TransactionState), name="state"),
        CheckConstraint("(state = 'approved') = (code_sha256 IS NOT NULL)", name="approved_has_code"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    parameters: Mapped[dict[str, Any]]
    session: Mapped[str] = mapped_column(_SHA256)
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[str | None] = mapped_column(Text)
    credential_id: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    code_sha256: Mapped[str | None] = mapped_column(_SHA256, unique=True)
    code_expires_at: Mapped[datetime | None]
    code_used_at: Mapped[datetime | None]
    family_id: Mapped[str | None] = mapped_column(Text)


class OAuthFamilyRow(Base):
    """What came of one consent."""

    __tablename__ = "oauth_families"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"))
    user_id: Mapped[str] = mapped_column(Text, index=True)
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class OAuthRefreshRow(Base):
    """One refresh token; used ones stay, so that a second use is known."""

    __tablename__ = "oauth_refresh_tokens"

    token_sha256: Mapped[str] = mapped_column(_SHA256, primary_key=True)
    family_id: Mapped[str] = mapped_column(ForeignKey("oauth_families.id"), index=True)
    used_at: Mapped[datetime | None]


class OAuthConsentRow(Base):
    """A person's standing consent to scope `service`."""

    __tablename__ = "oauth_consents"

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Text, primary_key=True)
    given_at: Mapped[datetime]
