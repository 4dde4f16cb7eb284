-- Feeds and neighbours of other members are known by their jurisdiction, too: 'local.identity.people', 'local.identity'.
-- `tongban.jurisdiction` is this department's own. The own log keeps the names it has: it is one member's.
alter table parked drop constraint parked_is_given;
update inbox set feed = current_setting('tongban.jurisdiction') || '.' || feed;
update parked set feed = current_setting('tongban.jurisdiction') || '.' || feed;
update checkpoints set feed = current_setting('tongban.jurisdiction') || '.' || feed;
update read_model_cursors set source = current_setting('tongban.jurisdiction') || '.' || source where source <> 'log';
update read_model_skipped set feed = current_setting('tongban.jurisdiction') || '.' || feed;
alter table parked add constraint parked_is_given foreign key (feed, sequence) references inbox;

-- The names that heads are signed under change with it. What was witnessed stays as evidence, and each neighbour is
-- witnessed anew in an era of its own.
alter table witness_eras disable trigger witness_eras_append_only;
alter table witnessed_keys disable trigger witnessed_keys_append_only;
alter table witnessed disable trigger witnessed_append_only;
alter table witness_alarms disable trigger witness_alarms_append_only;
alter table witnessed drop constraint witnessed_key_fkey, drop constraint witnessed_follows_fkey;
update witness_eras set department = current_setting('tongban.jurisdiction') || '.' || department;
update witnessed_keys set department = current_setting('tongban.jurisdiction') || '.' || department;
update witnessed set department = current_setting('tongban.jurisdiction') || '.' || department;
update witness_alarms set department = current_setting('tongban.jurisdiction') || '.' || department;
alter table witnessed
  add constraint witnessed_key_fkey foreign key (department, era) references witnessed_keys,
  add constraint witnessed_follows_fkey foreign key (department, era, follows) references witnessed (department, era, size);
alter table witness_eras enable trigger witness_eras_append_only;
alter table witnessed_keys enable trigger witnessed_keys_append_only;
alter table witnessed enable trigger witnessed_append_only;
alter table witness_alarms enable trigger witness_alarms_append_only;
insert into witness_eras (department, era, begun_by, reason)
select department, max(era) + 1, 'migration 0011', '部门名称前增加辖区 / departments are named with their jurisdiction'
from (select department, era from witnessed_keys union select department, era from witness_eras) as held
group by department;
