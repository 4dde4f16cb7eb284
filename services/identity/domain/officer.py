"""All posts of one person, whatever logins they have. Found by a pseudonym of the ID number; nothing else is kept.

A post is entered here before the login bears it, so that two appointments of one person cannot miss each other. Whoever
repeats after a crash in between goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from services.identity.domain.appointing_rules import AppointingRules, Post
from services.identity.domain.events import OfficerPostEnded, OfficerPostGiven
from shared.contracts.errors import Refused
from shared.contracts.event import Event
from shared.eventstore.aggregate import Aggregate

MOST_POSTS = 50  # of one person: kiosks, in the end


@dataclass(frozen=True, slots=True)
class Officer:
    posts: Mapping[UUID, Post] = field(default_factory=lambda: MappingProxyType({}))  # by staff id


@dataclass(frozen=True, slots=True)
class GivePost:
    """A new one, or another in place of what the login served as before."""

    post: Post
    by: UUID | None  # the administrator's staff id; None: the department itself
    rules: AppointingRules
    now: datetime


@dataclass(frozen=True, slots=True)
class EndPost:
    staff: UUID
    now: datetime


Command = GivePost | EndPost


def decide(state: Officer, command: Command) -> Sequence[Event]:
    match command:
        case GivePost():
            return give(state, command)
        case EndPost(staff=staff) if staff in state.posts:
            return [OfficerPostEnded(staff=staff, ended_at=command.now)]
        case EndPost():
            return []


def give(state: Officer, command: GivePost) -> Sequence[Event]:
    post = command.post
    if command.by in state.posts:
        raise not_oneself()
    others = [other for other in state.posts.values() if other.staff != post.staff]
    command.rules.check_beside(post, others)
    if len(others) >= MOST_POSTS:
        raise too_many_posts()
    if state.posts.get(post.staff) == post:
        return []
    return [
        OfficerPostGiven(
            staff=post.staff,
            roles=post.roles,
            division=post.division,
            department=post.department,
            given_at=command.now,
        )
    ]


def evolve(state: Officer, event: Event) -> Officer:
    match event:
        case OfficerPostGiven():
            post = Post(event.staff, event.roles, event.division, event.department)
            return Officer({**state.posts, event.staff: post})
        case OfficerPostEnded():
            return Officer({staff: post for staff, post in state.posts.items() if staff != event.staff})
        case _:
            return state


OFFICER: Aggregate[Officer, Command] = Aggregate("officer", Officer(), decide, evolve)


def not_oneself() -> Refused:
    return Refused(
        "not_oneself",
        "不能任命、调整或者免去本人的职务，也不能为本人重置密码，请由其他管理员办理。",
        "You cannot appoint, move or dismiss yourself, nor give yourself a new password, under any login; please ask "
        "another administrator.",
    )


def too_many_posts() -> Refused:
    return Refused(
        "too_many_posts",
        f"一人最多担任{MOST_POSTS}个职务，请另行任命一人。",
        f"One person has at most {MOST_POSTS} posts; please appoint somebody else.",
    )
