"""Looks into a certificate's PDF. Runs in the inspector, where nothing can be loaded once the examination has begun.

So what pyHanko and cryptography load when they first need it is loaded here.
"""

from dataclasses import asdict
from importlib import import_module

from services.certificates.document.inspect import inspect_pdf
from shared.inspection.job import Json

for needed in ("pyhanko.pdf_utils.filters", "cryptography.hazmat.backends.openssl.backend", "lxml.etree"):
    import_module(needed)


def examine(content: bytes, argument: Json) -> Json:
    """`argument`: the roots, PEM. A `PdfFinding` as JSON. Raises BeyondLimits."""
    finding = asdict(inspect_pdf(content, argument))
    for signer in (finding["reviewer"], finding["seal"], *finding["countersigned"]):
        if signer is not None:
            signer["at"] = signer["at"].isoformat()
    return finding
