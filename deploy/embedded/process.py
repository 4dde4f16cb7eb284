"""A server as a child process: its log, its end, and no survivors."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import psutil

from deploy.embedded.account import Account
from deploy.embedded.claim import DirectoryClaim, any_alive, kill_all, stop_leftovers
from deploy.embedded.errors import ServerFailed, TooSlow

# The watcher's standard input is a pipe that only this process holds open: when this process dies, however it
# dies, `read` returns and the server is asked to end. PR_SET_PDEATHSIG would tie the server to the *thread*
# that started it, and needs code between fork and exec, which is unsafe beside other threads.
_WATCHER = 'read -r _; kill -s "$1" "$2"'


class ServerProcess:
    """One server program in a session of its own (Ctrl-C reaches the runner only), standing in `directory`.

    `home` holds `<program>.log` and the claim. It ends with the process that started it; where even the
    watcher was killed, the next start on the same `home` finds the old server and stops it first.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        home: Path,
        directory: Path,
        gentle: signal.Signals = signal.SIGTERM,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`command`: program and arguments; `gentle`: the signal that asks it to end; `account`: run as it,
        else as ourselves; `environment`: all its variables, else ours."""
        self.program = Path(command[0]).name
        self.log = home / f"{self.program}.log"
        self._command = [str(part) for part in command]
        self._home = home
        self._directory = directory
        self._gentle = gentle
        self._account = account
        self._environment = environment
        self._claim = DirectoryClaim(home)
        self._child: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    async def start(
        self,
        *,
        prepare: Callable[[], None],
        is_ready: Callable[[], Awaitable[bool]],
        timeout: float,
    ) -> None:
        """Claim `home`, run `prepare` in a thread, start, return when `is_ready` says so.

        ServerFailed: it ended. TooSlow: it was not ready in `timeout` seconds, and is killed. InUse: see there.
        """
        if self.is_running:
            raise ServerFailed(f"{self.program} is running already")
        self._forget()
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._claim.take()
        try:
            await stop_leftovers(self.program, self._directory, self._gentle, timeout)
            await asyncio.to_thread(prepare)
            self._spawn()
            await self._until(is_ready, timeout)
        except BaseException:
            self.kill()
            raise

    async def stop(self, timeout: float = 30.0) -> None:
        """Ask it to end and wait; kill it after `timeout` seconds. Nothing happens when it is not running."""
        if self._child is not None and self.is_running:
            self._child.send_signal(self._gentle)
            deadline = time.monotonic() + timeout
            # polled: an event loop's child watcher would tie us to the loop that started it
            while self.is_running and time.monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to it and its helpers at once; returns when they are gone. May be called at any time."""
        if self._child is not None and self.is_running:
            server = psutil.Process(self._child.pid)
            family = [server, *server.children(recursive=True)]
            kill_all(family)
            self._child.wait()
            while any_alive(family):
                time.sleep(0.001)
        self._forget()

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        if self._child is None or self._child.poll() is None:
            return self._child is not None
        self._dismiss_watcher()  # its number may soon be another process's
        return False

    @property
    def pid(self) -> int:
        """Its process id. ServerFailed: it is not running."""
        if self._child is None or not self.is_running:
            raise ServerFailed(f"{self.program} is not running")
        return self._child.pid

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _spawn(self) -> None:
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env=self._environment,
                start_new_session=True,
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
        finally:
            os.close(log)
        signal_name = self._gentle.name.removeprefix("SIG")
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHER, "watcher", signal_name, str(self._child.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _forget(self) -> None:
        self._dismiss_watcher()
        self._child = None
        self._claim.release()

    def _dismiss_watcher(self) -> None:
        if self._watcher is not None:
            self._watcher.kill()  # before its pipe closes, or it would signal
            self._watcher.communicate()
            self._watcher = None

    async def _until(self, is_ready: Callable[[], Awaitable[bool]], timeout: float) -> None:
        try:
            async with asyncio.timeout(timeout):
                while not await is_ready():
                    if not self.is_running:
                        raise self._failed("ended while starting")
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise self._failed(f"was not ready after {timeout:g} s", TooSlow) from None

    def _failed(self, what: str, kind: type[ServerFailed] = ServerFailed) -> ServerFailed:
        return kind(f"{self.log.stem} {what}; the end of {self.log}:\n{self.log_tail()}")
