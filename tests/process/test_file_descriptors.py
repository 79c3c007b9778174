"""Running out of descriptors, in a process of its own, since a limit is a whole process's."""

import asyncio
import contextlib
import socket
import sys

import pytest

SERVER = """
import asyncio, logging, resource, sys
from bot.process import AcceptErrorHandler, raise_descriptor_limit

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
raise_descriptor_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], flush=True)

async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(AcceptErrorHandler())
    server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    loop.call_exception_handler({"message": "something else", "exception": OSError(24, "Too many open files")})

asyncio.run(main())
"""


async def run(soft: int, hard: int, connections: int) -> tuple[int, str]:
    """Run the server under these limits, with so many connections; give the limit it took and what it logged."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, str(soft), str(hard),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    took, port = int(await process.stdout.readline()), int(await process.stdout.readline())
    said = b""
    with contextlib.ExitStack() as held:
        for _ in range(connections):
            held.enter_context(socket.create_connection(("127.0.0.1", port)))
        if connections:
            while b"could not be taken" not in said:
                said += await process.stderr.readline()
        said += (await process.communicate(b"\n"))[1]
    return took, said.decode()


@pytest.mark.parametrize(("soft", "hard", "took"), [(128, 4096, 4096), (128, 128, 128), (2000, 4096, 4096)])
async def test_the_limit_is_raised_as_far_as_it_may_be(soft: int, hard: int, took: int) -> None:
    """The soft limit becomes the hard one, and one that is too low in spite of it is said."""
    found, log = await run(soft, hard, connections=0)
    assert found == took
    assert ("only 128 files and connections" in log) is (took == 128)


async def test_having_none_left_is_said_once() -> None:
    """While no connection can be taken, the log has one line for it, without a traceback; other errors keep theirs."""
    _, log = await run(64, 64, connections=120)
    assert log.count("a connection could not be taken: Too many open files") == 1
    assert "Traceback" not in log.partition("something else")[0]
    assert log.count("ERROR") == 2
