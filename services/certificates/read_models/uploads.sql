-- tables
create table uploads (
  uploaded_by uuid        not null,
  sha256      text        not null,
  size        bigint      not null,
  stored_at   timestamptz not null,
  swept_at    timestamptz,             -- null: it may be named
  primary key (uploaded_by, sha256)
);
create index on uploads (stored_at) where swept_at is null;
create index on uploads (swept_at) where swept_at is not null;
create table upload_uses (
  sha256  text not null,               -- an application of this citizen names it
  citizen uuid not null,
  primary key (sha256, citizen)
);

-- stored
insert into {schema}.uploads (uploaded_by, sha256, size, stored_at) values ($1, $2, $3, $4)
on conflict (uploaded_by, sha256) do update set stored_at = excluded.stored_at, swept_at = null;

-- swept
update {schema}.uploads set swept_at = $3 where uploaded_by = $1 and sha256 = $2;

-- used
insert into {schema}.upload_uses (sha256, citizen) values ($1, $2) on conflict (sha256, citizen) do nothing;

-- forgotten
delete from {schema}.upload_uses where citizen = $1;
