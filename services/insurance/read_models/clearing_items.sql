-- tables
create table clearing_items (
  event   uuid           primary key,
  month   text           not null,   -- '2023-07', in China
  owed_by text           not null,   -- region of insurance
  owed_to text           not null,   -- region of treatment
  count   int            not null,   -- -1: reversed
  amount  numeric(15, 2) not null
);
create index on clearing_items (month);

-- owed
insert into {schema}.clearing_items (event, month, owed_by, owed_to, count, amount) values ($1, $2, $3, $4, $5, $6);
