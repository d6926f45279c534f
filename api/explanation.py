"""Verdicts in words for the callers of the API: the sentences of the public page, so that both say the same."""

from api.faces.public.privacy import disclosure
from api.faces.public.settings import PublicSettings
from api.faces.public.verdict import Verdict, digest_unknown, judge
from api.services import BothLanguages, Explanation, VerifiedUpload


class Explainer:
    """A verdict in words for machines' users, from the same catalogue as the public page."""

    def __init__(self, settings: PublicSettings) -> None:
        self._settings = settings

    def __call__(self, upload: VerifiedUpload | None) -> Explanation:
        """State, headline and sentence of an upload, with nothing that secrecy hides; `None`: an unknown digest."""
        verdict = digest_unknown(self._settings) if upload is None else self._judged(upload)
        return Explanation(
            state=verdict.state.name.lower().replace("_", "-"),
            headline=BothLanguages(id=verdict.title.id, en=verdict.title.en),
            sentence=BothLanguages(id=verdict.sentence.id, en=verdict.sentence.en),
        )

    def _judged(self, upload: VerifiedUpload) -> Verdict:
        return judge(
            upload.report,
            relation=upload.relation,
            record=upload.record,
            shows=disclosure(upload.record),
            settings=self._settings,
            standing=upload.standing,
        )
