-- tables
create table erasure_answers (
  person      uuid        not null,
  department  text        not null,
  request     uuid        not null,   -- the one it answers
  status      text        not null check (status in ('kept', 'erased')),
  reasons     json        not null,
  answered_at timestamptz not null,
  primary key (person, department)
);

-- answered
insert into {schema}.erasure_answers (person, department, request, status, reasons, answered_at)
values ($1, $2, $3, $4, $5::text::json, $6)
on conflict (person, department) do update
set request = excluded.request, status = excluded.status, reasons = excluded.reasons, answered_at = excluded.answered_at
