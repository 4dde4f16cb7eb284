-- tables
create table clearing_items (
  event      uuid           primary key,
  settlement uuid,                      -- null: a reversal
  month      text           not null,   -- '2023-07', in China
  of_month   text           not null,   -- the same, or the earlier one that is corrected
  owed_by    text           not null,   -- region of insurance
  owed_to    text           not null,   -- region of treatment
  count      int            not null,   -- -1: reversed
  amount     numeric(15, 2) not null
);
create index on clearing_items (owed_by, month);
create index on clearing_items (settlement);

-- owed
insert into {schema}.clearing_items (event, settlement, month, of_month, owed_by, owed_to, count, amount)
values ($1, $2, $4, coalesce((select of_month from {schema}.clearing_items where settlement = $3), $4), $5, $6, $7, $8);
