"""Fetch a packed bundle from a hub: a broken fetch goes on, and what comes must have the hash that is listed."""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monai_seg.bundle.hub.index import INDEX, LARGEST_INDEX, file_name, newest, read_index
from monai_seg.bundle.inspect.names import PLAIN
from monai_seg.durable import flush_folder, make_folder
from monai_seg.errors import InputError

BLOCK = 1 << 20
TIMEOUT_S = 30.0


def pull(bundle: str, hub: str, out: str | Path = ".") -> Path:
    """Return the path of the fetched zip, ``<out>/<name>-<version>.zip``.

    Args:
        bundle: ``name`` or ``name@version``; the newest version where none is given.
        hub: a folder, or the http or https address of one.
        out: folder for the zip. A part of it that an earlier fetch left there is gone on with.

    Raises:
        InputError: no such bundle or version, the hub cannot be reached, the fetch broke off, or the hash differs.
    """
    name, at, version = bundle.partition("@")
    if not PLAIN.fullmatch(name) or (at and not PLAIN.fullmatch(version)):
        raise InputError(bundle, "is no name of a bundle", "write siim, or siim@0.1.0")
    source = _Source(hub)
    index = read_index(source.read(f"{name}/{INDEX}", f"no bundle {name} in it"), f"{hub}/{name}/{INDEX}", name)
    versions: dict[str, Any] = index["versions"]
    if not versions or (version and version not in versions):
        raise InputError(f"{hub}/{name}", f"has no version {version or 'at all'}",
                         f"choose one of {', '.join(versions)}" if versions else "push one")
    version = version or newest(versions)
    entry, file = versions[version], file_name(name, version)
    folder = make_folder(out)
    target, part = folder / file, folder / f".{file}.{entry['sha256'][:16]}.part"
    if target.exists():
        if _hash(target) == entry["sha256"]:
            return target
        raise InputError(target, "is there already and is another file than the hub's", "move it away")
    source.fetch(f"{name}/{file}", part, entry["size"])
    if _hash(part) != entry["sha256"]:
        part.unlink()
        raise InputError(f"{hub}/{name}/{file}", "has not the hash that the hub lists: damaged on the way or changed",
                         "fetch it again; if that does not help, tell who keeps the hub")
    os.replace(part, target)
    flush_folder(folder)
    return target


class _Source:
    """A folder or an address to read from."""

    def __init__(self, hub: str) -> None:
        self.hub = hub.rstrip("/") or "/"
        scheme = urlsplit(hub).scheme if "://" in hub else ""
        if scheme not in ("", "http", "https"):
            raise InputError(hub, f"{scheme} is no way to reach a hub", "name a folder, or an http or https address")
        self.is_remote = bool(scheme)

    def read(self, path: str, missing: str) -> bytes:
        """Return a small file's content."""
        if not self.is_remote:
            try:
                return (Path(self.hub) / path).read_bytes()
            except OSError as error:
                raise InputError(self.hub, missing, "name another hub, or push the bundle there") from error
        with self._open(path, 0, missing) as answer:
            return answer.read(LARGEST_INDEX)

    def fetch(self, path: str, part: Path, size: int) -> None:
        """Append to ``part`` until it has ``size`` bytes."""
        done = part.stat().st_size if part.exists() else 0
        if done > size:
            part.unlink()
            done = 0
        if done == size:
            return
        where = f"{self.hub}/{path}"
        try:
            content, done = self._from(path, done)
            with content, open(part, "r+b" if part.exists() else "wb") as file:
                file.truncate(done)
                file.seek(done)
                while done < size and (block := content.read(min(BLOCK, size - done))):
                    file.write(block)
                    done += len(block)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, http.client.HTTPException) as error:
            done = part.stat().st_size if part.exists() else 0
            raise InputError(where, f"broke off after {done:,} of {size:,} bytes ({error})",
                             "pull again to go on from there") from error
        if done < size:
            raise InputError(where, f"broke off after {done:,} of {size:,} bytes", "pull again to go on from there")

    def _from(self, path: str, start: int) -> tuple[Any, int]:
        """Return something to read from, and at which byte it begins."""
        if not self.is_remote:
            content = open(Path(self.hub) / path, "rb")  # noqa: SIM115  (handed to the caller)
            content.seek(start)
            return content, start
        answer = self._open(path, start, "has no such file, though its index lists it")
        follows = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        return answer, start if follows else 0  # a server without ranges begins anew

    def _open(self, path: str, start: int, missing: str) -> Any:
        url = f"{self.hub}/{path}"
        request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            error.close()
            cause = missing if error.code == 404 else f"answers {error.code} {error.reason}"
            raise InputError(url, cause, "name another bundle or hub") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise InputError(url, f"cannot be reached ({reason})", "look at the address and the network") from error


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
