-- tables
create table workload_standing (
  application    uuid primary key,
  first_division text        not null,
  kind           text        not null,  -- the role that bodies of the issuing class review in
  step_division  text        not null,
  since          timestamptz not null   -- it has been at this step
);
create table workload_decisions (
  event         uuid primary key,
  step_division text collate "C" not null,
  kind          text             not null,
  reviewer      uuid             not null,
  outcome       text             not null check (outcome in ('passed', 'sent_back', 'refused', 'approved')),
  decided_at    timestamptz      not null,
  seconds       double precision not null
);
create index on workload_decisions (step_division, decided_at);
create index on workload_decisions (reviewer, decided_at);

-- submitted
insert into {schema}.workload_standing (application, first_division, step_division, kind, since)
values ($1, $2, $2, $3, $4);

-- resubmitted
update {schema}.workload_standing set step_division = first_division, since = $2 where application = $1;

-- moved_on
update {schema}.workload_standing set step_division = $2, since = $3 where application = $1;

-- decided
insert into {schema}.workload_decisions (event, step_division, kind, reviewer, outcome, decided_at, seconds)
select $1::uuid, s.step_division, s.kind, $3::uuid, $4::text, $5::timestamptz, extract(epoch from $5::timestamptz - s.since)
from {schema}.workload_standing s where s.application = $2;

-- closed
delete from {schema}.workload_standing where application = $1;
