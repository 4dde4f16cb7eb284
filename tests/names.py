"""What a register of an earlier release may hold, and how the same person is typed."""

import unicodedata
from typing import Final

ALIKE: Final = (  # as stored, as typed, in the one spelling
    *(("艾力·买买提", f"艾力{dot}买买提", "艾力·买买提") for dot in "•・‧･∙"),
    ("艾力•买买提", "艾力 ·　买买提", "艾力·买买提"),
    ("苏安", "苏　安", "苏安"),
    ("\uf92c月", "郎月", "郎月"),
    ("\uf92c月", "\uf92c月", "郎月"),
    (unicodedata.normalize("NFD", "Renée Müller"), "Renée  Müller", "Renée Müller"),
    (unicodedata.normalize("NFD", "Renée Müller"), unicodedata.normalize("NFD", "Renée Müller"), "Renée Müller"),
    ("O'NEILL", "O’Neill", "O'NEILL"),
    ("JEAN‐LUC", "ＪＥＡＮ－ＬＵＣ", "JEAN-LUC"),
    ("王〇一", "王○一", "王〇一"),
)
