-- tables
create table cases (
  "case"             uuid        primary key,
  definition         text        not null,
  definition_version int         not null,
  applicant          uuid        not null,
  persons            uuid[]      not null,   -- the applicant and those whose consent it needs
  division           text        not null,
  items              int         not null,
  opened_at          timestamptz not null,
  expected_by        timestamptz,
  closed_at          timestamptz,
  draft              uuid,                   -- that it was written from
  status             text        not null default 'awaiting_consent'
                     check (status in ('awaiting_consent', 'running', 'supplement', 'renewing_consent', 'stopping', 'closed'))
);
create index on cases using gin (persons);
create index on cases (draft) where draft is not null;
create index on cases (opened_at, "case") where status <> 'closed';

create table case_items (
  "case"     uuid        not null,
  item       text        not null,
  reference  uuid        not null,                 -- of the item of this case; several begin at one moment
  department text        not null,
  action     text        not null,
  status     text        not null default 'asked',
  on_desk    boolean     not null default false,   -- of the bureau itself
  due_by     timestamptz,
  since      timestamptz not null,
  primary key ("case", item)
);
create index on case_items (since, reference) where status in ('asked', 'held', 'undoing', 'may_retry', 'stuck');

create table case_losses (
  "case" uuid not null,
  role   text not null,
  primary key ("case", role)
);

-- opened
insert into {schema}.cases
  ("case", definition, definition_version, applicant, persons, division, items, opened_at, draft)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- goes_on
update {schema}.cases set status = 'running', expected_by = $2 where "case" = $1;

-- stands_still
update {schema}.cases set status = 'supplement', expected_by = null where "case" = $1;

-- items_stand_still
update {schema}.case_items set due_by = null
where "case" = $1 and due_by > $2 and status in ('asked', 'held', 'may_retry');

-- waits_for_consent
update {schema}.cases set status = 'renewing_consent', expected_by = null where "case" = $1;

-- lies_in
update {schema}.cases set division = $2 where "case" = $1;

-- lost
insert into {schema}.case_losses ("case", role) values ($1, $2) on conflict ("case", role) do nothing;

-- back
delete from {schema}.case_losses where "case" = $1 and role = $2;

-- due
update {schema}.case_items set due_by = $3 where "case" = $1 and item = $2;

-- moved_on
update {schema}.cases set status = $2 where "case" = $1;

-- closed
update {schema}.cases set status = 'closed', closed_at = $2 where "case" = $1;

-- asked
insert into {schema}.case_items ("case", item, reference, department, on_desk, action, due_by, since)
values ($1, $2, $3, $4, $4 = 'cases', $5, $6, $7)
on conflict ("case", item) do update set status = 'asked', due_by = excluded.due_by, since = excluded.since;

-- item
update {schema}.case_items set status = $3 where "case" = $1 and item = $2;
