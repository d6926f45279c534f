"""What the page of a stamp's place says when a place was refused; Indonesian first."""

from typing import Final

from api.pages.text import Text

NOT_A_NUMBER: Final = Text(
    "Isi halaman, jarak dan lebar dengan angka; jarak dan lebar dalam milimeter.",
    "Give page, distances and width as numbers; distances and width in millimetres.",
)
REFUSED_PLACE: Final = Text("Tidak dapat diletakkan di sana.", "It cannot be put there.")
PLACE_REFUSALS: Final = {
    "outside-page": Text(
        "Sebagian akan berada di luar halaman. Geser ke dalam.", "A part would lie outside of the page. Move it in."
    ),
    "covers": Text(
        "Letak itu menutupi kolom isian, tanda tangan lain, atau kaki halaman. Geser sedikit.",
        "That place covers a form field, another signature or the footer. Move it a little.",
    ),
    "too-small": Text("Terlalu kecil untuk dibaca. Perbesar lebarnya.", "Too small to be read. Make it wider."),
    "no-such-page": Text("Dokumen ini tidak punya halaman itu.", "This document has no such page."),
    "bad-tag": Text("Tulis teks penandanya, paling banyak 100 huruf.", "Write the text, 100 characters at most."),
    "tag-not-found": Text("Teks itu tidak ada dalam dokumen ini.", "That text stands nowhere in this document."),
    "tag-ambiguous": Text(
        "Teks itu ada di beberapa tempat. Sebutkan yang keberapa.",
        "That text stands in several places. Say which one.",
    ),
    "no-such-occurrence": Text("Teks itu tidak ada sebanyak itu.", "That text does not stand there so often."),
    "no-tags-here": Text("Teks tidak dapat dicari di sini.", "Texts cannot be sought here."),
    "no-such-box": Text("Letak tersimpan itu tidak ada.", "There is no such saved place."),
    "fixed": Text("Letak pada dokumen ini tidak dapat diubah.", "The place on this document cannot be changed."),
    "too-many-places": Text(
        "Letaknya sudah dipindahkan, tetapi tidak disimpan: letak pribadi Anda sudah terlalu banyak.",
        "It was moved and not saved: you keep too many places of your own already.",
    ),
}
"""By the word of the refusal."""
