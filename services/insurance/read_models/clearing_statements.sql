-- tables
create table clearing_statements (
  payment   uuid           primary key,
  month     text           not null,   -- '2023-07'
  owed_by   text           not null,   -- region of insurance
  owed_to   text           not null,   -- region of treatment
  amount    numeric(15, 2) not null check (amount <> 0),   -- below zero: owed back
  closed_at timestamptz    not null
);
create index on clearing_statements (closed_at, payment);

-- stated
insert into {schema}.clearing_statements (payment, month, owed_by, owed_to, amount, closed_at)
values ($1, $2, $3, $4, $5, $6) on conflict (payment) do nothing;
