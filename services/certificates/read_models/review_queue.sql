-- tables
create table review_queue (
  application       uuid primary key,
  citizen           uuid             not null,
  division          text             not null,
  certificate_type  text             not null,
  catalogue_version int              not null,
  submitted_at      timestamptz      not null,
  expected_by       timestamptz,
  with_reviewer     boolean          not null default true,  -- false: with the citizen, to be put right
  steps             int              not null,
  first_division    text collate "C" not null,
  first_role        text             not null,
  step              int              not null default 0,
  step_division     text collate "C" not null,
  step_role         text             not null,
  passed_by         uuid[]           not null default '{}',
  claimed_by        uuid,
  claimed_at        timestamptz,
  escalated_to      text collate "C",
  urgency           timestamptz      not null  -- what is pending comes last
                    generated always as (coalesce(expected_by, timestamptz '9999-01-01 00:00:00+00')) stored
);
create index on review_queue (step_division, urgency, application) where with_reviewer;

-- submitted
insert into {schema}.review_queue
  (application, citizen, division, certificate_type, catalogue_version, submitted_at, expected_by, steps,
   first_division, first_role, step_division, step_role)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $10);

-- resubmitted
update {schema}.review_queue
set with_reviewer = true, expected_by = $2, step = 0, step_division = first_division, step_role = first_role,
    passed_by = '{}'
where application = $1;

-- sent_back
update {schema}.review_queue
set with_reviewer = false, claimed_by = null, claimed_at = null, escalated_to = null
where application = $1;

-- step_passed
update {schema}.review_queue
set step = $2, step_division = $3, step_role = $4, passed_by = passed_by || $5::uuid,
    claimed_by = null, claimed_at = null, escalated_to = null
where application = $1;

-- claimed
update {schema}.review_queue set claimed_by = $2, claimed_at = $3 where application = $1;

-- escalated
update {schema}.review_queue set escalated_to = $2 where application = $1;

-- closed
delete from {schema}.review_queue where application = $1;
