-- The log as a Merkle tree (RFC 9162 §2.1): its leaves are log.leaf, leaf 0 at position 1. Of the nodes above them only
-- those of every eighth level are kept, one row for 256 events; what lies between is made again from 256 of the level
-- below when a proof asks for it.
create table ledger_nodes (
  level smallint not null check (level > 0 and level % 8 = 0),
  index bigint   not null check (index >= 0),   -- over the leaves from index * 2^level on
  hash  bytea    not null check (octet_length(hash) = 32),
  constraint ledger_nodes_pkey primary key (level, index)
);

-- A neighbour is witnessed in eras. The first begins by itself; a later one when an operator here has looked into what
-- cannot be, and found it honest: a restored backup, a new key. Then it is witnessed anew from its first event on, and
-- what earlier eras hold stays as evidence.
create table witness_eras (
  department text        not null,
  era        int         not null check (era > 1),
  begun_by   text        not null,
  reason     text        not null check (char_length(reason) between 3 and 500 and reason !~ '[[:cntrl:]]'),  -- public
  begun_at   timestamptz not null default clock_timestamp(),
  constraint witness_eras_pkey primary key (department, era)   -- two at once cannot both end one era
);

-- The key that each neighbour's heads are verified with: the first one seen in the era.
create table witnessed_keys (
  department text        not null,
  era        int         not null check (era > 0),
  key        text        not null,
  pinned_at  timestamptz not null default clock_timestamp(),
  constraint witnessed_keys_pkey primary key (department, era)
);

-- What this department has witnessed of its neighbours' ledgers: heads they signed, and the leaves those stand for.
-- A row follows the one before it in its era; it is stored only if the leaves come to the signed root.
create table witnessed (
  department   text        not null,
  era          int         not null,
  after        bigint      not null check (after >= 0),       -- size of the tree before
  size         bigint      not null,
  note         text        not null,                          -- the head as it was signed
  leaves       bytea       not null check (octet_length(leaves) > 0),
  frontier     bytea       not null,                          -- with it the next leaves come to the next root
  witnessed_at timestamptz not null default clock_timestamp(),
  follows      bigint      generated always as (nullif(after, 0)) stored,
  constraint witnessed_pkey primary key (department, era, after),  -- two at once cannot both follow one row
  constraint witnessed_size_key unique (department, era, size),
  constraint witnessed_key_fkey foreign key (department, era) references witnessed_keys,
  -- whoever has not noticed a new era cannot go on in it where he stood in the one before
  constraint witnessed_follows_fkey foreign key (department, era, follows) references witnessed (department, era, size),
  constraint witnessed_leaves_are_whole check (octet_length(leaves) = (size - after) * 32)
);
alter table witnessed alter column leaves set storage external;  -- hashes do not compress

-- What cannot be if a neighbour keeps to one history. A row stays; it stands while its era is the present one.
create table witness_alarms (
  department text        not null,
  era        int         not null check (era > 0),
  kind       text        not null check (kind in ('key', 'signature', 'shrunk', 'forked', 'leaves')),
  size       bigint      not null,   -- how much of the neighbour's ledger was witnessed then
  told       text        not null,   -- what it said, for evidence
  raised_at  timestamptz not null default clock_timestamp(),
  constraint witness_alarms_pkey primary key (department, era, kind, size)
);

create trigger ledger_nodes_append_only before update or delete or truncate on ledger_nodes
  for each statement execute function refuse_change();
create trigger witness_eras_append_only before update or delete or truncate on witness_eras
  for each statement execute function refuse_change();
create trigger witnessed_keys_append_only before update or delete or truncate on witnessed_keys
  for each statement execute function refuse_change();
create trigger witnessed_append_only before update or delete or truncate on witnessed
  for each statement execute function refuse_change();
create trigger witness_alarms_append_only before update or delete or truncate on witness_alarms
  for each statement execute function refuse_change();
