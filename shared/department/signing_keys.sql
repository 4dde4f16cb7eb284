-- tables
create table signing_keys (
  kid          text primary key,
  public_key   text,          -- Ed25519, base64url without padding; null when only its retirement is known
  published_at timestamptz,
  retired_at   timestamptz    -- tokens issued after this moment are not to be trusted
);

-- published
insert into {schema}.signing_keys (kid, public_key, published_at) values ($1, $2, $3)
on conflict (kid) do update set public_key = excluded.public_key, published_at = excluded.published_at

-- retired
insert into {schema}.signing_keys (kid, retired_at) values ($1, $2)
on conflict (kid) do update set retired_at = least(signing_keys.retired_at, excluded.retired_at)
