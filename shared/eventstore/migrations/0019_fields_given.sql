-- Which fields a reader was given when it was last told all keys: {"identity.people": ["name"]} of the feeds of which it is
-- not given all. With others it is told all keys anew.
alter table key_readers add column given text not null default '{}';
