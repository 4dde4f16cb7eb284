"""All posts of one person."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.identity.appointing_file import RULES
from services.identity.domain.appointing_rules import Post
from services.identity.domain.events import OfficerPostEnded, OfficerPostGiven, StaffPersonNamed
from services.identity.domain.officer import MOST_POSTS, OFFICER, EndPost, GivePost
from services.identity.domain.staff import STAFF, DismissStaff, GivePassword, MoveStaff, NamePerson, Serving
from shared.contracts.errors import Invalid, Refused
from shared.contracts.identity import Role, StaffAppointed
from tests.services.identity.examples import LI_ID, NAMESAKE, NOW, TAYUANZHUANG, WANG_ID, ZHENGDING, decided, state
from tests.services.identity.test_staff import APPOINTED, DISMISSED

OTHER = UUID(int=7)
OFFICER_ID = UUID(int=8)
REVIEWER = Post(WANG_ID, frozenset({Role.reviewer}), TAYUANZHUANG)
GIVEN = OfficerPostGiven(staff=WANG_ID, roles=REVIEWER.roles, division=TAYUANZHUANG, department=None, given_at=NOW)
GIVE = GivePost(REVIEWER, LI_ID, RULES, NOW)
ADMINISTRATOR = Post(OTHER, frozenset({Role.administrator}), ZHENGDING)
NAMED = StaffPersonNamed(officer=OFFICER_ID)
MOVE = MoveStaff(frozenset({Role.leader}), TAYUANZHUANG, None, None, OFFICER_ID, LI_ID, NOW)


def test_a_person_is_given_a_post() -> None:
    assert decided(OFFICER, [], GIVE) == [GIVEN]


def test_the_same_post_again_says_nothing() -> None:
    assert decided(OFFICER, [GIVEN], GIVE) == []


def test_nobody_is_given_a_post_by_another_login_of_their_own() -> None:
    with pytest.raises(Refused) as refusal:
        decided(OFFICER, [GIVEN], GivePost(ADMINISTRATOR, WANG_ID, RULES, NOW))
    assert refusal.value.code == "not_oneself"


def test_roles_are_kept_apart_over_all_logins() -> None:
    with pytest.raises(Refused) as refusal:
        decided(OFFICER, [GIVEN], GivePost(ADMINISTRATOR, LI_ID, RULES, NOW))
    assert refusal.value.code == "not_together"


def test_a_post_that_ended_keeps_nothing_apart() -> None:
    ended = decided(OFFICER, [GIVEN], EndPost(WANG_ID, NOW))
    assert ended == [OfficerPostEnded(staff=WANG_ID, ended_at=NOW)]
    assert decided(OFFICER, [GIVEN, *ended], GivePost(ADMINISTRATOR, LI_ID, RULES, NOW))


def test_a_move_takes_the_place_of_what_the_login_was() -> None:
    moved = GivePost(replace(ADMINISTRATOR, staff=WANG_ID), LI_ID, RULES, NOW)
    posts = state(OFFICER, GIVEN, *decided(OFFICER, [GIVEN], moved)).posts
    assert list(posts.values()) == [moved.post]


def test_staff_are_moved_in_one_act_and_keep_their_password() -> None:
    moved = decided(STAFF, [*APPOINTED, NAMED], MOVE)
    assert [type(one) for one in moved] == [StaffAppointed]
    after = state(STAFF, *APPOINTED, NAMED, *moved)
    assert isinstance(after, Serving)
    assert (after.roles, after.division, after.password_hash) == (MOVE.roles, TAYUANZHUANG, "a hash")


def test_who_was_appointed_before_persons_were_named_is_named_by_a_move() -> None:
    assert decided(STAFF, APPOINTED, MOVE)[-1] == NAMED
    assert decided(STAFF, APPOINTED, NamePerson(OFFICER_ID)) == [NAMED]
    assert decided(STAFF, [*APPOINTED, NAMED], NamePerson(OTHER)) == []


def test_moving_to_where_one_serves_says_nothing() -> None:
    same = replace(MOVE, roles=frozenset({Role.registrar}), division=ZHENGDING)
    assert decided(STAFF, [*APPOINTED, NAMED], same) == []


@pytest.mark.parametrize(
    ("given", "command", "code"),
    [
        ([NAMED], replace(MOVE, by=WANG_ID), "not_oneself"),
        ([NAMED], replace(MOVE, officer=OTHER), "another_person"),
        ([NAMED, DISMISSED], MOVE, "serves_no_longer"),
        ([NAMED], DismissStaff(LI_ID, NOW, OFFICER_ID), "not_oneself"),
        ([NAMED], GivePassword(LI_ID, "made", NOW, OFFICER_ID), "not_oneself"),
    ],
)
def test_what_the_bearer_of_a_login_keeps_from_it(
    given: list[StaffPersonNamed], command: MoveStaff | DismissStaff | GivePassword, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        decided(STAFF, [*APPOINTED, *given], command)
    assert refusal.value.code == code


def test_nobody_is_moved_to_no_role() -> None:
    with pytest.raises(Invalid):
        decided(STAFF, [*APPOINTED, NAMED], replace(MOVE, roles=frozenset()))


def test_one_person_may_review_in_two_villages_far_apart() -> None:
    elsewhere = Post(OTHER, frozenset({Role.reviewer}), NAMESAKE)
    assert decided(OFFICER, [GIVEN], GivePost(elsewhere, LI_ID, RULES, NOW))


def test_one_person_has_so_many_posts_and_no_more() -> None:
    kiosks = [Post(UUID(int=100 + n), frozenset({Role.kiosk}), TAYUANZHUANG) for n in range(MOST_POSTS + 1)]
    given = [event for one in kiosks[:-1] for event in decided(OFFICER, [], GivePost(one, LI_ID, RULES, NOW))]
    with pytest.raises(Refused) as refusal:
        decided(OFFICER, given, GivePost(kiosks[-1], LI_ID, RULES, NOW))
    assert refusal.value.code == "too_many_posts"
    assert decided(OFFICER, given, GivePost(kiosks[0], LI_ID, RULES, NOW)) == []
