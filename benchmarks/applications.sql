-- tables
create table applications (
  application text primary key,
  item        text not null,
  division    text not null,
  submitted   timestamptz not null
);

-- submitted
insert into {schema}.applications (application, item, division, submitted) values ($1, $2, $3, $4);
