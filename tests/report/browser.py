"""Chromium without a window, driven through chromedriver by plain HTTP as the W3C's WebDriver protocol says."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-dev-shm-usage", "--hide-scrollbars"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key under which the protocol names an element
KEYS = {"Tab": "\ue004", "ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Enter": "\ue007"}


class Browser:
    """A session with an empty profile in ``profile``; it logs each request and each line of the console."""

    def __init__(self, profile: Path, dark: bool = False) -> None:
        assert CHROMIUM is not None and DRIVER is not None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = open(profile / "chromedriver.log", "wb")  # noqa: SIM115 (closed in close)
        self._process = subprocess.Popen([DRIVER, f"--port={self.port}"], stdout=self._log, stderr=self._log)
        options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={profile / 'profile'}",
                                                *(["--force-dark-mode"] if dark else [])]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.session = ""
        try:
            self._wait_until_it_listens()
            self.session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
            self._command("POST", "/url", {"url": "about:blank"})
            self.requests()  # those of the browser's own first page
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the session and the driver."""
        if self.session:
            self._command("DELETE", "")
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def open(self, page: Path) -> None:
        """Show a page, and wait as a reader would: until it is drawn and its keys are heard."""
        self._command("POST", "/url", {"url": page.absolute().as_uri()})
        self.devtools("Emulation.setFocusEmulationEnabled", enabled=True)
        self.run("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what the body of a JavaScript function gives."""
        return self._command("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """Click as a hand does: it fails where something else lies over the element."""
        self._command("POST", f"/element/{self._find(selector)}/click", {})

    def press(self, *keys: str) -> None:
        """Press keys, given as letters or by their names in `KEYS`."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def resize(self, width: int, height: int) -> None:
        """Give the page this size; a window cannot be as narrow as a phone."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 600)

    def devtools(self, command: str, **parameters: Any) -> Any:
        return self._command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path: Path, full: bool = False) -> None:
        """Write what is seen, or the whole page, as the PNG ``path``."""
        if full:
            self.resize(*self.run("return [innerWidth, document.documentElement.scrollHeight]"))
        path.write_bytes(base64.b64decode(self._command("GET", "/screenshot")))

    def console(self) -> list[str]:
        """Return the lines of the console since the last call."""
        return [entry["message"] for entry in self._command("POST", "/se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the last call, without the pictures in the page itself."""
        events = [json.loads(entry["message"])["message"]
                  for entry in self._command("POST", "/se/log", {"type": "performance"})]
        asked = [event["params"]["request"]["url"] for event in events
                 if event["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith("data:")]

    def _find(self, selector: str) -> str:
        return self._command("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def _command(self, method: str, path: str, body: Any = None) -> Any:
        return self._send(method, f"/session/{self.session}{path}", body)

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                         headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def _wait_until_it_listens(self) -> None:
        for _ in range(600):
            assert self._process.poll() is None, "chromedriver ended"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("chromedriver does not listen")
