"""Looks into a paper that somebody brings: how much a PDF holds, how large a picture is. Runs in the inspector.

Nobody here makes anything of such a file; reviewers open it. So it is looked at for what would burst what they open it
with, and for pictures that are none.
"""

from services.certificates.domain.evidence import not_what_it_says
from shared.inspection import pdf, pictures
from shared.inspection.job import Json
from shared.inspection.limits import UPLOADED_PDF


def examine(content: bytes, argument: Json) -> Json:
    """`argument`: its media type. Raises BeyondLimits, and Invalid for a picture that is none."""
    try:
        match argument:
            case "application/pdf":
                pdf.check(content, UPLOADED_PDF)
            case "image/png":
                pictures.check_png(content)
            case "image/jpeg":
                pictures.check_jpeg(content)
    except pictures.NotAPicture:
        raise not_what_it_says() from None
    return None
