"""What all answers share. Names come in Chinese and English; codes are for machines; amounts are text."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from shared.standards import divisions
from shared.standards.division_names import full_name
from shared.standards.text import Text


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Words(Answer):
    zh: str
    en: str


def words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


@lru_cache(4096)
def division_name(code: str) -> str:
    """Codes retire: then the code itself."""
    return full_name(code) if divisions.find(code) else code
