-- tables
create table ledger_entries (
  event     uuid           not null,
  line      int            not null,
  debit     text           not null,
  credit    text           not null check (credit <> debit),
  amount    numeric(15, 2) not null check (amount > 0),
  region    text           not null,   -- in whose books
  booked_at timestamptz    not null,
  primary key (event, line)
);
create index on ledger_entries (debit);
create index on ledger_entries (region);
create index on ledger_entries (credit);

-- posted
insert into {schema}.ledger_entries (event, line, debit, credit, amount, region, booked_at)
values ($1, $2, $3, $4, $5, $6, $7);
