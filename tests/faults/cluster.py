"""A stack on three brokers that keep every stream three times."""

import asyncio
import secrets
from pathlib import Path

import nats

from deploy.departments import Department
from deploy.embedded.nats import ClusterPlace, Nats
from deploy.embedded.ports import free_ports
from deploy.runner.kept import Kept
from deploy.runner.stack import Stack, together
from shared.contracts.certificates import APPLICATIONS
from shared.contracts.member import Member, MemberFeed
from shared.eventstore.tasks import end
from shared.messaging.broker import inbox_of
from tests.faults.own_sharing import own_sharing

REPLICAS = 3
FEED = APPLICATIONS  # the leader of whose stream is looked for


class ClusteredStack(Stack):
    """The first node stands where the only broker would."""

    nodes: dict[str, Kept]

    async def lose(self, node: str, seconds: float) -> None:
        """kill -9 it and leave it away for a while."""
        kept = self.nodes[node]
        assert kept._keeper is not None
        await end(kept._keeper)
        kept.server.kill()
        await asyncio.sleep(seconds)
        await kept.start(self._group)

    async def leader(self) -> str:
        """The node that leads a stream."""
        member = Member(self._sharing.jurisdiction, FEED.department)
        url = self.broker_url(member.dashed)
        client = await nats.connect(url.split(","), inbox_prefix=inbox_of(member).encode())
        try:
            cluster = (await client.jetstream().stream_info(MemberFeed(member, FEED).jetstream)).cluster
            assert cluster is not None
            assert cluster.leader is not None
            return cluster.leader
        finally:
            await client.close()

    async def follower(self) -> str:
        """A node that does not."""
        leader = await self.leader()
        return next(name for name in self.nodes if name != leader)

    def _settle(self) -> None:
        super()._settle()
        ports = free_ports(3 * REPLICAS)
        clients, monitors, routes = ports[:REPLICAS], ports[REPLICAS : 2 * REPLICAS], tuple(ports[2 * REPLICAS :])
        clients[0] = self._ports["nats"]
        password = secrets.token_urlsafe()
        self.brokers = [
            Nats(
                self.data_dir / f"nats-{n}",
                clients[n],
                accounts_file=self._accounts_file,
                monitor_port=monitors[n],
                place=ClusterPlace("tongban", f"node-{n}", routes[n], routes, password),
            )
            for n in range(REPLICAS)
        ]
        self.nats = self.brokers[0]
        self.nats_kept = Kept("nats", self.nats, self._tell, self.nats.what_is_lost)
        self.nodes = {"node-0": self.nats_kept}
        for n, broker in enumerate(self.brokers[1:], start=1):
            self.nodes[f"node-{n}"] = Kept(f"node-{n}", broker, self._tell, broker.what_is_lost)

    async def _start_servers(self) -> None:
        others = [kept for kept in self.nodes.values() if kept is not self.nats_kept]
        for kept in others:
            self._exit.push_async_callback(kept.stop)
        await together([super()._start_servers(), *(kept.start(self._group) for kept in others)])

    def broker_url(self, login: str) -> str:
        password = self.secrets.nats_password(login)
        return ",".join(broker.url(login, password) for broker in self.brokers)

    async def _environment(self, department: Department) -> dict[str, str]:
        environment = await super()._environment(department)
        return environment | {"STREAM_REPLICAS": str(REPLICAS)}


def clustered(directory: Path) -> Stack:
    return ClusteredStack(directory, sharing_file=own_sharing(directory), tell=lambda _: None)
