-- tables
create table said (
  teller  text not null,
  stream  text not null,
  version int  not null,
  owner   text not null,
  text    text not null,
  primary key (teller, stream, version)
);

-- said
insert into {schema}.said (teller, stream, version, owner, text) values ($1, $2, $3, $4, $5);

-- forgotten
update {schema}.said set text = '' where teller = $1 and owner = $2;
