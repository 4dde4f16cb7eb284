-- Keys of the own ledger, public parts only: what heads are signed with is decided here, for all instances. A row is a
-- key with which a chain begins, or a statement (signed note) that one key follows another, or counts no more.
create table ledger_keys (
  nth       int         primary key check (nth > 0),
  key       text        check (char_length(key) <= 500),
  statement text        unique check (char_length(statement) <= 2000),
  size      bigint      not null check (size >= 0),   -- events in the log then
  epoch     int         not null check (epoch > 0),   -- of the history then
  taken_at  timestamptz not null default clock_timestamp(),
  constraint ledger_keys_is_one check ((key is null) <> (statement is null))
);
create trigger ledger_keys_append_only before update or delete or truncate on ledger_keys
  for each statement execute function refuse_change();

-- Keeps anybody from numbering until the transaction ends: what one key has signed cannot grow while another one
-- follows it. Returns the events in the log.
create function hold_log() returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  lock table log in share mode;
  return (select coalesce(max(position), 0) from log);
end
$$;
revoke execute on function hold_log from public;

-- What neighbours said about their keys since the one that was pinned in an era. `before` and `key`: of a rotation.
create table witnessed_statements (
  department text        not null,
  era        int         not null,
  nth        int         not null check (nth > 0),
  statement  text        not null check (char_length(statement) <= 2000),
  before     text,
  key        text,
  taken_at   timestamptz not null default clock_timestamp(),
  constraint witnessed_statements_pkey primary key (department, era, nth),
  constraint witnessed_statements_once unique (department, era, statement),
  constraint witnessed_statements_key_fkey foreign key (department, era) references witnessed_keys
);
create trigger witnessed_statements_append_only before update or delete or truncate on witnessed_statements
  for each statement execute function refuse_change();

-- Of events that were lost with the database, and of which nobody has more than the leaf: those beyond what `lost_events`
-- names one by one.
create table lost_ranges (
  epoch  int    not null references epochs,
  first  bigint not null check (first > 0),                  -- positions in the log of the epoch before
  last   bigint not null,
  digest bytea  not null check (octet_length(digest) = 32),  -- SHA-256 of their leaves
  constraint lost_ranges_pkey primary key (epoch, first, last),
  constraint lost_ranges_in_order check (last >= first)
);
create trigger lost_ranges_append_only before update or delete or truncate on lost_ranges
  for each statement execute function refuse_change();
