-- tables
create table my_notices (
  notice       uuid primary key,
  recipient    uuid not null,
  template     text not null,
  facts        json not null,         -- by placeholder; json, not jsonb: the form's entries keep their order
  about        text not null,
  occurred_at  timestamptz not null,
  delivered_at timestamptz,           -- null: written, not yet in the inbox
  read_at      timestamptz,
  as_guardian  boolean not null,      -- it is about a ward of the recipient's
  concerns     uuid not null          -- whose the facts are: the ward, else the recipient
);
create index on my_notices (concerns);
create index on my_notices (recipient, occurred_at desc, notice desc) where delivered_at is not null;
create index on my_notices (recipient) where delivered_at is not null and read_at is null;

-- written
insert into {schema}.my_notices (notice, recipient, template, facts, about, occurred_at, as_guardian, concerns)
values ($1::uuid, $2::uuid, $3::text, $4::json, $5::text, $6::timestamptz, $7, $8::uuid)
on conflict (notice) do nothing

-- delivered
update {schema}.my_notices set delivered_at = $2::timestamptz where notice = $1::uuid

-- read
update {schema}.my_notices set read_at = $2::timestamptz where notice = $1::uuid;

-- forgotten
update {schema}.my_notices set facts = '{}' where recipient = $1 or concerns = $1
