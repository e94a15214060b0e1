"""Plays the scenes of scenes.py in several processes that meet by gloo; prints what each returned as a JSON list.

    python ranks.py <number of processes>
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import scenes
import torch.distributed as dist

from monai_seg.processes import join


def main(size: int) -> None:
    store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    with tempfile.TemporaryDirectory() as name:
        pids = [os.fork() or _act(rank, size, store.port, Path(name)) for rank in range(size)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        assert not any(codes), codes
        print(json.dumps([json.loads(Path(name, str(rank)).read_text()) for rank in range(size)]))


def _act(rank: int, size: int, port: int, folder: Path) -> int:
    code = 1
    try:
        os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(size), MASTER_ADDR="127.0.0.1",
                          MASTER_PORT=str(port), TORCHELASTIC_USE_AGENT_STORE="True", LOCAL_WORLD_SIZE=str(size))
        join(patience_s=30)
        folder.joinpath(str(rank)).write_text(json.dumps(scenes.play()))
        if size > 1:
            dist.destroy_process_group()
        code = 0
    except BaseException as error:
        sys.__excepthook__(type(error), error, error.__traceback__)
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
