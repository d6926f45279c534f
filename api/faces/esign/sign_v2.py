"""What v2's signing and sealing bodies say: several files, one property for all of them or one each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from api.faces.esign.bodies import PICTURE_BYTES, TEXT_BYTES, Received, octets_of, plain_text
from api.faces.esign.errors import EsignRefused
from api.faces.esign.values import number, one_line, page_number, word
from signer.model import Mark, Secret, StampPlacement

Hold = Callable[[int], None]

_WORDS: Final = ("tampilan", "page", "originX", "originY", "width", "height", "location", "reason", "kind")
_TAGS: Final = ("tag", "tag_koordinat")
_NOTHING: Final = "null"
"""A text that some clients send where they mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How one file shall be signed."""

    stamp: StampPlacement | None
    reason: str | None
    location: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Everything of one call but who asks and who signs."""

    files: tuple[bytes, ...]
    wishes: tuple[Wish, ...]
    """As many as files."""
    said: Mapping[str, str]
    """The other fields that a call knows, as texts."""

    def text(self, name: str) -> str:
        """One of them, without blanks around it; empty where it is absent."""
        return self.said.get(name, "").strip()


def ordered(body: Mapping[str, Any], hold: Hold, *, most_files: int, most_bytes: int, default: float) -> Ordered:
    """A whole body; raises `EsignRefused`, which names the position, and `RequestEntityTooLarge`. `default`: a mark's
    side in points."""
    files = _files(body.get("file"), hold, most_files, most_bytes)
    wished = _properties(body.get("signatureProperties"), len(files))
    wishes = tuple(_wish(each, hold, default) for each in wished)
    said = {name: text for name, value in body.items() if (text := plain_text(value)) is not None}
    if any(len(text) > TEXT_BYTES for name, text in said.items() if name != "file"):
        raise EsignRefused("Isi salah satu bidang terlalu panjang.", status=413)
    return Ordered(files=files, wishes=wishes * (len(files) // len(wishes)), said={**said, "file": ""})


def code_of(said: Callable[[str], str]) -> Secret | None:
    """The one-time code, under either name; `None` where there is none."""
    text = said("totp") or said("otp")
    return Secret(text) if text else None


def count_of(value: Any, most: int) -> int:
    """How many files: an integer, or a text of one."""
    text = plain_text(value) or ""
    if isinstance(value, bool) or not text.strip().isascii() or not text.strip().isdecimal():
        raise EsignRefused("Jumlah berkas harus berupa angka (data).")
    count = int(text[:10])
    if not 0 < count <= most:
        raise EsignRefused(f"Jumlah berkas harus 1 sampai {most} (data).")
    return count


def _files(value: Any, hold: Hold, most_files: int, most_bytes: int) -> tuple[bytes, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise EsignRefused("Berkas PDF wajib dikirim sebagai daftar base64 (file).")
    if len(texts) > most_files:
        raise EsignRefused(f"Paling banyak {most_files} berkas dalam satu permintaan (file).", status=413)
    files = []
    for position, text in enumerate(texts, start=1):
        if not isinstance(text, str) or not text.strip():
            raise EsignRefused(f"Berkas ke-{position} kosong atau bukan base64 (file).")
        hold(len(text) // 4 * 3)
        files.append(octets_of(text, f"berkas ke-{position} (file)"))
        if len(files[-1]) > most_bytes:
            raise RequestEntityTooLarge
    return tuple(files)


def _properties(value: Any, count: int) -> Sequence[Mapping[str, Any]]:
    listed = [value] if isinstance(value, dict) else value
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise EsignRefused("Sifat tanda tangan wajib dikirim sebagai daftar objek (signatureProperties).")
    if len(listed) not in (1, count):
        raise EsignRefused("Kirim satu signatureProperties untuk semua berkas, atau tepat satu untuk setiap berkas.")
    return listed


def _wish(said: Mapping[str, Any], hold: Hold, default: float) -> Wish:
    texts = {name: text for name in (*_WORDS, *_TAGS) if (text := _something(said.get(name))) is not None}
    if any(len(text) > TEXT_BYTES for text in texts.values()):
        raise EsignRefused("Isi signatureProperties terlalu panjang.", status=413)
    read = Received(texts=texts, document=None, name=None)
    return Wish(
        stamp=_placement(read, said.get("imageBase64"), hold, default),
        reason=one_line(read, "reason"),
        location=one_line(read, "location"),
    )


def _something(value: Any) -> str | None:
    """A text that says something."""
    text = plain_text(value)
    return None if text is None or text.strip().casefold() in ("", _NOTHING) else text


def _placement(read: Received, picture: Any, hold: Hold, default: float) -> StampPlacement | None:
    shown = word(read, "tampilan")
    if shown not in ("", "visible", "invisible"):
        raise EsignRefused("Nilai tampilan harus VISIBLE atau INVISIBLE.")
    if shown != "visible":
        return None
    mark = Mark(picture=_picture(picture, hold))
    width, height = number(read, "width") or default, number(read, "height") or default
    tag = read.text("tag") or read.text("tag_koordinat")
    if tag:
        return StampPlacement(tag=tag, width=width, height=height, mark=mark)
    return StampPlacement(
        page=page_number(read),
        x=number(read, "originX"),
        y=number(read, "originY"),
        width=width,
        height=height,
        mark=mark,
        from_top=True,
    )


def _picture(value: Any, hold: Hold) -> bytes | None:
    text = _something(value)
    if text is None:
        return None
    hold(len(text) // 4 * 3)
    picture = octets_of(text, "imageBase64")
    if len(picture) > PICTURE_BYTES:
        raise EsignRefused("Isi imageBase64 terlalu besar.", status=413)
    return picture or None
