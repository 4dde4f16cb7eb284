-- What somebody may do only so often, counted in windows of time. A key is a keyed hash; where strangers choose it, it is
-- cut so short that all possible keys are few: the table is bounded by its keys. No facts: lost, somebody may try again.
create table counts (
  kind  text        not null,   -- 'sign-in account'
  key   bytea       not null,
  count int         not null check (count >= 0),
  until timestamptz not null,   -- the end of the window; afterwards it counts from nothing
  constraint counts_pkey primary key (kind, key)
);
create index counts_until on counts (until);

-- Codes sent to phones, for minutes. Phone and code as keyed hashes; how many there can be follows from the limits on asking.
create table codes (
  id      bigint      generated always as identity primary key,
  purpose text        not null,   -- a code is good for it alone
  phone   bytea       not null,
  code    bytea       not null,
  until   timestamptz not null,
  tries   int         not null default 0,
  used_by bytea                   -- the request that it served
);
create index codes_phone on codes (phone, purpose);
create index codes_until on codes (until);

-- What an embedded gateway would have sent: the newest only, for a day at most.
create table messages (
  id     bigint      generated always as identity primary key,
  phone  text        not null,
  kind   text        not null,
  text   text        not null,
  put_at timestamptz not null
);
create index messages_put_at on messages (put_at);

-- Assertions of identity providers that were used, until they end by themselves.
create table used_assertions (
  id    bytea       primary key,
  until timestamptz not null
);
create index used_assertions_until on used_assertions (until);

-- Accounts that proved a phone and nothing else. A stranger makes them, so they are no events: they are swept, and the
-- limits on opening say how many there can be.
create table phone_accounts (
  id            uuid        primary key,       -- a pseudonym of ID number and phone
  phone_key     bytea       not null,
  phone         text        not null,
  password_hash text        not null,
  opened_at     timestamptz not null,
  ends_at       timestamptz not null,
  nonce         text,                          -- what the next proof of identity must bear
  nonce_until   timestamptz
);
create index phone_accounts_phone on phone_accounts (phone_key, opened_at desc);
create index phone_accounts_ends on phone_accounts (ends_at);
