-- tables
create table clearing_statements (
  payment        uuid           primary key,
  month          text           not null,   -- '2023-07'
  owed_by        text           not null,   -- region of insurance
  owed_to        text           not null,   -- region of treatment
  settlements    int            not null,
  amount         numeric(15, 2) not null check (amount <> 0),   -- below zero: owed back
  closed_at      timestamptz    not null,
  of_all_regions boolean        not null    -- closed for all at once, in earlier days
);
create index on clearing_statements (closed_at, payment);
create index on clearing_statements (month, owed_by);
create index on clearing_statements (month, owed_to);

-- stated
insert into {schema}.clearing_statements
  (payment, month, owed_by, owed_to, settlements, amount, closed_at, of_all_regions)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (payment) do nothing;
