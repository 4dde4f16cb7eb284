-- tables
create table people (
  person    uuid primary key,
  name      text not null,
  id_number text not null
);
create index on people (id_number);

-- registered
insert into {schema}.people (person, name, id_number) values ($1, $2, $3);

-- corrected
update {schema}.people set name = $2, id_number = $3 where person = $1;

-- annulled
delete from {schema}.people where person = $1;

-- forgotten
update {schema}.people set name = '', id_number = '' where person = $1;
