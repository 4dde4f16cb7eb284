-- tables
create table repayments (
  repayment   uuid           primary key,
  person      uuid           not null,
  matter      text           not null check (matter in ('settlement', 'allowance')),
  of          uuid           not null,
  payee       text           not null,   -- a person's id or a hospital's code
  region      text           not null,
  amount      numeric(15, 2) not null check (amount > 0),
  status      text           not null default 'ordered' check (status in ('ordered', 'repaid', 'dropped')),
  step        text,                      -- proposed
  proposed_by uuid,
  ordered_at  timestamptz    not null,
  ended_at    timestamptz
);
create index on repayments (region, ordered_at, repayment);

-- ordered
insert into {schema}.repayments (repayment, person, matter, of, payee, region, amount, ordered_at)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- proposed
update {schema}.repayments set step = $2, proposed_by = $3 where repayment = $1;

-- ended
update {schema}.repayments set status = $2, ended_at = $3 where repayment = $1;
