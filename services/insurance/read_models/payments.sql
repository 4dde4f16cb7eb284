-- tables
create table payments (
  payment    uuid           primary key,
  kind       text           not null check (kind in ('allowance', 'hospital', 'clearing')),
  payer      text           not null,   -- region
  payee      text           not null,
  receiver   text,                      -- region, where it is one
  amount     numeric(15, 2) not null,
  attempt    int            not null,
  status     text           not null default 'ordered'
             check (status in ('ordered', 'accepted', 'settled', 'rejected')),
  receipt    text,
  code       text,
  reason     text,
  ordered_at timestamptz    not null,   -- of the last attempt
  decided_at timestamptz
);
create index on payments (ordered_at, payment);
create index on payments (status, ordered_at, payment) where status in ('ordered', 'accepted');
create index on payments (payee);

-- ordered
insert into {schema}.payments (payment, kind, payer, payee, receiver, amount, attempt, ordered_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (payment) do update
set attempt = excluded.attempt, amount = excluded.amount, ordered_at = excluded.ordered_at, status = 'ordered',
    receipt = null, code = null, reason = null, decided_at = null;

-- accepted
update {schema}.payments set status = 'accepted' where payment = $1;

-- settled
update {schema}.payments set status = 'settled', receipt = $2, decided_at = $3 where payment = $1;

-- rejected
update {schema}.payments set status = 'rejected', code = $2, reason = nullif($3, ''), decided_at = $4 where payment = $1;

-- erased
update {schema}.payments set reason = null where payee = $1;
