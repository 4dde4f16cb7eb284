-- Who stands at a self-service machine and proved it, for minutes. One a machine: the next person's takes its place.
create table kiosk_tickets (
  kiosk  uuid        primary key,
  ticket bytea       not null,   -- SHA-256 of what the machine holds
  holder uuid        not null,   -- a person of the register
  proof  text        not null,   -- 'code', 'card'
  until  timestamptz not null
);
create index kiosk_tickets_until on kiosk_tickets (until);
