-- What of a to-do list cannot be done now, so that it rests longer each time and operators see it. No facts: lost, it costs
-- a try too early.
create table stuck (
  list     text        not null,   -- 'certificates to issue'
  id       uuid        not null,
  at       timestamptz not null,   -- with id its place in the list; put there anew, it is due at once
  problem  text        not null,   -- without any value
  attempts int         not null check (attempts > 0),
  since    timestamptz not null,   -- when it was first met by this problem
  try_at   timestamptz not null,
  constraint stuck_pkey primary key (list, id)
);
create index stuck_since on stuck (since, id);
