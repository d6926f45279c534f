"""Legal products (*fasilitasi produk hukum*): drafts of regencies and cities, reviewed by the legal bureau."""

from eoffice.feature import Feature, Link
from eoffice.features.legal_products.desk import DraftsController
from eoffice.features.legal_products.drafts import FEATURE as NAME
from eoffice.features.legal_products.drafts import on_paper
from eoffice.features.legal_products.kinds import KINDS
from eoffice.text import Text

FEATURE = Feature(
    name=NAME,
    title=Text("Produk hukum", "Legal products"),
    says=Text("Rancangan kabupaten dan kota, telaah, hasil fasilitasi.", "Drafts of regencies, and their review."),
    icon="law",
    kinds=KINDS,
    pages=(DraftsController,),
    links=(Link(path="/legal-products", title=Text("Rancangan produk hukum", "Draft regulations"), partners=True),),
    on_paper=on_paper,
)
