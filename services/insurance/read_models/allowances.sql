-- tables
create table allowances (
  allowance    uuid           primary key,
  person       uuid           not null,
  amount       numeric(15, 2) not null,
  status       text           not null default 'prepared'
               check (status in ('prepared', 'confirmed', 'held', 'refused', 'paid', 'rejected', 'withdrawn')),
  prepared_at  timestamptz    not null,
  confirmed_at timestamptz
);
create index on allowances (person, prepared_at desc, allowance desc);
create index on allowances (confirmed_at, allowance) where status = 'confirmed';

-- prepared
insert into {schema}.allowances (allowance, person, amount, prepared_at) values ($1, $2, $3, $4);

-- confirmed
update {schema}.allowances set status = 'confirmed', confirmed_at = $2 where allowance = $1;

-- moved_on
update {schema}.allowances set status = $2 where allowance = $1;
