-- tables
create table settlements (
  settlement    uuid           primary key,
  person        uuid           not null,
  care          text           not null,
  hospital      text           not null,
  hospital_name text           not null,
  region        text           not null,
  bill_number   text           not null,
  discharged_on date           not null,
  year          int            not null,
  settled_at    timestamptz    not null,
  settled_day   date           not null,   -- in China
  total         numeric(15, 2) not null,
  fund          numeric(15, 2) not null,
  person_part   numeric(15, 2) not null,
  account       numeric(15, 2) not null,
  cash          numeric(15, 2) not null,
  relief        numeric(15, 2) not null,
  replaces      uuid,
  settled_by    uuid           not null,   -- staff at the window
  is_reversed   boolean        not null default false,
  check (total = fund + person_part and person_part = account + cash)
);
create index on settlements (person, settled_at desc, settlement desc);
create index on settlements (hospital, settled_day);
create index on settlements (settled_by, settled_at);
create index on settlements (year, region) include (relief) where relief > 0 and not is_reversed;

-- settled
insert into {schema}.settlements
  (settlement, person, care, hospital, hospital_name, region, bill_number, discharged_on, year, settled_at, settled_day,
   total, fund, person_part, account, cash, relief, replaces, settled_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19);

-- reversed
update {schema}.settlements set is_reversed = true where settlement = $1;
