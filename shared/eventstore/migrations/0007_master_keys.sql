-- Which master key a private key is encrypted under, so that the master key can be changed. Null: from before it was said.
alter table sealed_keys add column master text check (master ~ '^[0-9a-f]{16}$');
create index on sealed_keys (master);
