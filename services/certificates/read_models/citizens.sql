-- tables
create table citizens (
  citizen uuid primary key,
  phone   text not null
);

-- registered
insert into {schema}.citizens (citizen, phone) values ($1, $2)
on conflict (citizen) do update set phone = excluded.phone;

-- forgotten
update {schema}.citizens set phone = '' where citizen = $1;
