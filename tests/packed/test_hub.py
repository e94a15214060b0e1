"""A folder as hub, and the same folder served on this machine."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from monai_seg.bundle.hub import pull, push
from monai_seg.bundle.hub.index import newest
from monai_seg.bundle.packing import Packed
from monai_seg.errors import InputError


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; knows ranges where ``ranges`` is set, and breaks off once after ``cut`` bytes of a zip."""

    ranges, cut = True, 0
    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        type(self).asked.append(self.headers.get("Range"))
        if not path.is_file():
            self.send_error(404)
            return
        data, start = path.read_bytes(), 0
        if self.ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        end = len(data)
        if self.cut and path.suffix == ".zip":
            end, type(self).cut = start + self.cut, 0
        self.wfile.write(data[start:end])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def packed(handed: dict) -> Packed:
    return handed["siim"].packed


@pytest.fixture
def hub(packed: Packed, tmp_path: Path) -> Path:
    push(packed.path, tmp_path / "hub")
    return tmp_path / "hub"


@pytest.fixture
def address(hub: Path) -> Iterator[str]:
    Server.ranges, Server.cut = True, 0
    Server.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=str(hub))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_what_was_pushed_is_pulled_from_the_folder_and_from_its_address(
    packed: Packed, hub: Path, address: str, tmp_path: Path
):
    for number, place in enumerate((str(hub), address)):
        for bundle in ("siim", "siim@0.1.0"):
            path = pull(bundle, place, tmp_path / str(number))
            assert path.name == "siim-0.1.0.zip" and path.read_bytes() == packed.path.read_bytes()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_fetch_that_broke_off_goes_on(packed: Packed, address: str, tmp_path: Path, ranges: bool):
    Server.ranges, Server.cut = ranges, 5000
    with pytest.raises(InputError, match=r"broke off after 5,000 of [\d,]+ bytes.*pull again to go on"):
        pull("siim", address, tmp_path)
    assert not (tmp_path / "siim-0.1.0.zip").exists()
    assert pull("siim", address, tmp_path).read_bytes() == packed.path.read_bytes()
    assert Server.asked[-1] == "bytes=5000-"
    assert [path.name for path in tmp_path.glob(".*.part")] == []


def test_a_damaged_zip_is_not_kept(hub: Path, address: str, tmp_path: Path):
    path = hub / "siim" / "siim-0.1.0.zip"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for place in (str(hub), address):
        with pytest.raises(InputError, match="has not the hash that the hub lists"):
            pull("siim", place, tmp_path / "out")
        assert list((tmp_path / "out").iterdir()) == []


def test_what_is_not_there_is_told_in_a_line(hub: Path, address: str, tmp_path: Path):
    for place in (str(hub), address):
        with pytest.raises(InputError, match="no bundle liver in it"):
            pull("liver", place, tmp_path)
        with pytest.raises(InputError, match=r"has no version 3.0.0; choose one of 0.1.0"):
            pull("siim@3.0.0", place, tmp_path)
    with pytest.raises(InputError, match="cannot be reached"):
        pull("siim", "http://127.0.0.1:9", tmp_path)
    with pytest.raises(InputError, match="ftp is no way to reach a hub"):
        pull("siim", "ftp://example.org", tmp_path)
    with pytest.raises(InputError, match="is no name of a bundle"):
        pull("../siim", str(hub), tmp_path)


def test_a_version_is_never_replaced(packed: Packed, hub: Path):
    before = (hub / "siim" / "index.json").read_bytes()
    push(packed.path, hub)
    assert (hub / "siim" / "index.json").read_bytes() == before
    index = json.loads(before)
    index["versions"]["0.1.0"]["sha256"] = "0" * 64
    (hub / "siim" / "index.json").write_text(json.dumps(index))
    with pytest.raises(InputError, match=r"siim@0.1.0 is in the hub already, with other content"):
        push(packed.path, hub)


def test_what_would_be_refused_is_not_pushed(packed: Packed, tmp_path: Path):
    data = bytearray(packed.path.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "siim.zip").write_bytes(data)
    with pytest.raises(InputError, match="is refused"):
        push(tmp_path / "siim.zip", tmp_path / "hub")
    assert not (tmp_path / "hub").exists()


def test_another_file_of_that_name_is_not_replaced(hub: Path, tmp_path: Path):
    (tmp_path / "siim-0.1.0.zip").write_bytes(b"mine")
    with pytest.raises(InputError, match="is another file than the hub's"):
        pull("siim", str(hub), tmp_path)
    assert (tmp_path / "siim-0.1.0.zip").read_bytes() == b"mine"


def test_newest_goes_by_numbers():
    assert newest(dict.fromkeys(["0.9.0", "0.10.0", "0.10.0rc1", "0.2.11"])) == "0.10.0"
