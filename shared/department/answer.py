"""What the answers of all departments share. Names come in Chinese and English; codes are for machines."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from shared.contracts.case_items import Words
from shared.standards import divisions
from shared.standards.division_names import full_name
from shared.standards.text import Text


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


def words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)


@lru_cache(4096)
def division_name(code: str) -> str:
    """In full, from the province down. Codes retire: then the code itself."""
    return full_name(code) if divisions.find(code) else code
