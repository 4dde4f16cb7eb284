-- tables
create table my_applications (
  application       uuid primary key,
  citizen           uuid        not null,
  certificate_type  text        not null,
  catalogue_version int         not null,
  division          text        not null,
  submitted_at      timestamptz not null,
  expected_by       timestamptz,
  submitted_event   uuid        not null unique,
  status            text        not null default 'in_review'
                    check (status in ('in_review', 'sent_back', 'approved', 'refused', 'withdrawn', 'terminated'))
);
create index on my_applications (citizen, submitted_at desc, application desc);

-- submitted
insert into {schema}.my_applications
  (application, citizen, certificate_type, catalogue_version, division, submitted_at, expected_by, submitted_event)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- resubmitted
update {schema}.my_applications set status = 'in_review', expected_by = $2 where application = $1;

-- moved_on
update {schema}.my_applications set status = $2 where application = $1;
