"""The listening socket."""

import asyncio
import socket

from blogai.server import bind


async def test_accepted_connections_send_small_answers_at_once() -> None:
    taken = bind("127.0.0.1", 0)
    accepted: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async with await asyncio.start_server(lambda _, writer: accepted.set_result(writer), sock=taken):
        _, ours = await asyncio.open_connection(*taken.getsockname())
        theirs = await accepted
        assert theirs.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for writer in (ours, theirs):
            writer.close()
            await writer.wait_closed()
