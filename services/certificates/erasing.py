"""Reasons for which the issuing bodies keep a person's data, and the rows that go when they are erased."""

from pathlib import Path
from uuid import UUID

from shared.contracts.certificates import CertificatesErased, CertificatesKept
from shared.contracts.identity import ErasureAsked
from shared.department.erasure import Erasure
from shared.department.erasure_finds import found_if, item_under_way
from shared.department.erasure_rules import Found
from shared.eventstore.store import Store
from shared.messaging.erasure_request import Vocabulary

UNDER_WAY = """
select exists (
  select from my_applications a where a.citizen = $1 and (
    a.status in ('in_review', 'sent_back')
    or a.status = 'approved' and not exists (select from to_issue i where i.application = a.application and i.is_issued)
  )
)
"""
IN_FORCE = """
select bool_or(valid_to is null) as for_good, max(valid_to) as last, count(*) as certificates from holdings
where citizen = $1 and status in ('valid', 'suspended')
"""
# The pages of a person's certificates and notices, and what was brought for their applications. A file is named by what
# is in it, so one that is also named by somebody else stays.
FILES = """
with names as (
  select document as sha256 from certificates where citizen = $1
  union select n.document from to_notify n join my_applications a on a.application = n.application where a.citizen = $1
  union select sha256 from uploads where uploaded_by = $1
  union select sha256 from upload_uses where citizen = $1
)
delete from files where sha256 in (
  select decode(n.sha256, 'hex') from names n
  where n.sha256 is not null
    and not exists (select from upload_uses u where u.sha256 = n.sha256 and u.citizen <> $1)
    and not exists (select from certificates c where c.document = n.sha256 and c.citizen <> $1)
    and not exists (
      select from uploads o where o.sha256 = n.sha256 and o.uploaded_by <> $1 and o.swept_at is null
        and not exists (select from upload_uses u where u.sha256 = o.sha256 and u.citizen = $1)
    )
)
"""


async def application_under_way(store: Store, person: UUID) -> Found | None:
    return await found_if(store, UNDER_WAY, person)


async def certificate_in_force(store: Store, person: UUID) -> Found | None:
    """Until the last of them ends; one that ends at no day keeps the person as long as it is in force."""
    row = await store.pool.fetchrow(IN_FORCE, person)
    if row is None or not row["certificates"]:
        return None
    return Found(None if row["for_good"] else row["last"])


ERASURE = Erasure(
    Vocabulary(ErasureAsked, CertificatesErased, CertificatesKept),
    Path(__file__).parent,
    {
        "application_under_way": application_under_way,
        "certificate_in_force": certificate_in_force,
        "item_under_way": item_under_way,
    },
    {"files": FILES},
)
