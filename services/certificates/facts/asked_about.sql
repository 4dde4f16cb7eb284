-- tables
create table asked_about (
  question    uuid primary key,
  person      uuid        not null,
  fact        text        not null,
  about       text,
  asker       uuid        not null,
  division    text        not null,
  purpose     text        not null,
  case_number text        not null,
  asked_at    timestamptz not null,
  outcome     text        not null default 'unknown'
);
create index on asked_about (person, asked_at desc, question desc);

-- asked
insert into {schema}.asked_about
  (question, person, fact, about, asker, division, purpose, case_number, asked_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- came_to
update {schema}.asked_about set outcome = $2 where question = $1;

-- forgotten
update {schema}.asked_about set case_number = '' where person = $1;
