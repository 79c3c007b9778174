"""Contenders (d), (e) and (f): stops by curl, as somebody would at a shell who has the URLs."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LOOP: Final = "curl loop (d)"
XARGS: Final = "xargs -P16 curl -m5 (e)"
PARALLEL: Final = "curl --parallel (f)"
_CURL: Final = "curl --silent --max-time 5 --request POST --data '{}' --header 'Content-Type: application/json'"
_SHELLS: Final = {
    LOOP: f'while read -r url; do {_CURL} --cacert ca.pem "$url"; done < urls; true',
    XARGS: f"xargs --max-args 1 --max-procs 16 {_CURL} --cacert ca.pem < urls; true",
    PARALLEL: "curl --parallel --config urls.curl 2> progress; true",
}


async def stop_by_shell(name: str, folder: Path, urls: Sequence[str]) -> float:
    """Stop all, and return the moment at which it was begun."""
    (folder / "urls").write_text("\n".join(urls) + "\n")
    options = 'request = "POST"\nheader = "Content-Type: application/json"\ndata = "{}"\nmax-time = 5\nsilent'
    blocks = [f'url = "{each}"\n{options}\ncacert = "{folder}/ca.pem"' for each in urls]
    (folder / "urls.curl").write_text("\nnext\n".join(blocks) + "\n")
    began = time.monotonic()
    process = await asyncio.create_subprocess_shell(
        _SHELLS[name], cwd=folder, env={"PATH": os.environ["PATH"]}, stdout=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0
    return began
