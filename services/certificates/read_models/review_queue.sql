-- tables
create table review_queue (
  application       uuid primary key,
  citizen           uuid             not null,
  division          text collate "C" not null,
  certificate_type  text             not null,
  catalogue_version int              not null,
  submitted_at      timestamptz      not null,
  expected_by       timestamptz      not null,
  with_reviewer     boolean          not null default true   -- false: with the citizen, to be put right
);
create index on review_queue (division, expected_by, application) where with_reviewer;

-- submitted
insert into {schema}.review_queue
  (application, citizen, division, certificate_type, catalogue_version, submitted_at, expected_by)
values ($1, $2, $3, $4, $5, $6, $7);

-- resubmitted
update {schema}.review_queue set with_reviewer = true, expected_by = $2 where application = $1;

-- sent_back
update {schema}.review_queue set with_reviewer = false where application = $1;

-- closed
delete from {schema}.review_queue where application = $1;
