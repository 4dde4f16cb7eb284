-- Whoever proposed a verdict on what followed from a phantom may take it back: refuse it, never confirm it.
alter table phantom_answers
  drop constraint phantom_answers_by_another,
  add constraint phantom_answers_by_another check (decided_by <> proposed_by or not is_confirmed);
