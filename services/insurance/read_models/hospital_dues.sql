-- tables
create table hospital_dues (
  event    uuid           primary key,
  hospital text           not null,
  month    text           not null,   -- '2023-07', in China
  amount   numeric(15, 2) not null    -- below zero: reversed
);
create index on hospital_dues (hospital, month);

-- due
insert into {schema}.hospital_dues (event, hospital, month, amount) values ($1, $2, $3, $4);
