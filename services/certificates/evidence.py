"""Taking in evidence, and looking whether what an application names was brought by whoever names it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.certificates.credential.certificate import start_of
from services.certificates.domain.dates import day_in_china
from services.certificates.domain.evidence import EVIDENCE, EvidenceStored, State, StoreEvidence, evidence_id, media_of
from services.certificates.domain.evidence_kind import EvidenceKind
from services.certificates.domain.upload_day import UPLOAD_DAY, CountUpload, Quota
from services.certificates.inspection.jobs import PAPER
from services.certificates.read_models.uploads import unused_bytes, used_of
from services.certificates.scanning import Scanner
from shared.department import files
from shared.eventstore.aggregate import Context
from shared.eventstore.database import Pool
from shared.eventstore.store import Done, Store
from shared.inspection.inspector import Inspector
from shared.standards.text import Text

MISSING = Text("请上传此项材料。", "Please upload this paper.")
UNKNOWN = Text("此事项不需要这项材料，请删除。", "This paper is not asked for; please leave it out.")
NOT_BROUGHT = Text("没有找到您上传的这个文件，请重新上传。", "We hold no such file from you; please upload it again.")


@dataclass(frozen=True, slots=True)
class Evidence:
    store: Store
    pool: Pool

    async def take_in(
        self,
        uploaded_by: UUID,
        declared: str,
        content: bytes,
        scanner: Scanner,
        inspector: Inspector,
        quota: Quota,
        now: datetime,
        context: Context,
    ) -> Done[State]:
        """The file first, then the event: a file nobody spoke of does no harm.

        Raises Invalid, TooMany, Unavailable and Busy.
        """
        media = media_of(declared, content)
        name = sha256(content).hexdigest()
        if await self.find([uploaded_by], name) is None:
            await self._count(uploaded_by, name, len(content), quota, now, context.step("count"))
        await inspector.run(PAPER, content, media, client=str(uploaded_by))
        scan = await scanner.scan(content)
        command = StoreEvidence(uploaded_by, name, media, len(content), scan, now)
        await files.put(self.pool, media, content)
        return await self.store.execute(EVIDENCE.stream(evidence_id(uploaded_by, name)), EVIDENCE, command, context)

    async def _count(self, person: UUID, name: str, size: int, quota: Quota, now: datetime, context: Context) -> None:
        day = day_in_china(now)
        stream = UPLOAD_DAY.stream(f"{person}-{day}")
        counted = (await self.store.stand(stream, UPLOAD_DAY)).state
        held = await unused_bytes(self.pool, person, start_of(day))
        command = CountUpload(name, size, held, await used_of(self.pool, counted), quota, now)
        await self.store.execute(stream, UPLOAD_DAY, command, context)

    async def find(self, brought_by: Collection[UUID], sha256: str) -> EvidenceStored | None:
        """None: none of these people brought it."""
        for person in brought_by:
            stored = (await self.store.stand(EVIDENCE.stream(evidence_id(person, sha256)), EVIDENCE)).state
            if stored:
                return stored
        return None

    async def problems(
        self,
        kinds: Iterable[EvidenceKind],
        named: Mapping[str, str],
        *,
        brought_by: Collection[UUID],
        kept: Mapping[str, str],
        held: frozenset[str],
    ) -> dict[str, Text]:
        """What is wrong with the evidence an application names, by field.

        `kept`: named by it before. `held`: types of which the applicant has a valid certificate.
        """
        by_name = {kind.kind: kind for kind in kinds}
        wrong = {f"evidence.{name}": UNKNOWN for name in named.keys() - by_name.keys()}
        for kind in by_name.values():
            if kind.required and not kind.is_shown_by(held) and kind.kind not in {*named, *kept}:
                wrong[f"evidence.{kind.kind}"] = MISSING
        for name in named.keys() & by_name.keys():
            if text := _problem(by_name[name], await self.find(brought_by, named[name])):
                wrong[f"evidence.{name}"] = text
        return wrong


def _problem(kind: EvidenceKind, stored: EvidenceStored | None) -> Text | None:
    if stored is None:
        return NOT_BROUGHT
    if stored.media not in kind.media:
        said = "、".join(kind.media), ", ".join(kind.media)
        return Text(f"此项材料应为{said[0]}。", f"This paper should be one of {said[1]}.")
    if stored.size > kind.max_bytes:
        most = kind.max_bytes // 1024
        return Text(
            f"文件不能超过{most}KB，请压缩后上传。", f"This may have {most} KB at most; please make it smaller."
        )
    return None
