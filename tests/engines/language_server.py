"""The YAML language server of VS Code's extension and Neovim, installed by npm and used over LSP."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import marked
from .kept import cache_folder
from .missing import Unavailable

PACKAGE, VERSION = "yaml-language-server", "1.19.2"  # the last version for Node.js 18
_SERVER = Path("node_modules", PACKAGE, "bin", PACKAGE)


@functools.cache
def server() -> list[str]:
    """The command that starts the server. Raises Unavailable."""
    marked.use("editors")
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Unavailable("there is no Node.js with npm")
    kept = cache_folder() / f"{PACKAGE}-{VERSION}"
    if not (kept / _SERVER).is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{PACKAGE}-", dir=kept.parent))
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(command, cwd=made, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                raise Unavailable(f"{PACKAGE} cannot be installed: {done.stderr.strip()[-300:]}")
            if not kept.exists():  # another session may have installed it meanwhile
                made.rename(kept)
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{PACKAGE} was not installed in 300 s") from None
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return [node, str(kept / _SERVER), "--stdio"]


class Editor:
    """An editor with one open folder, as seen by the server."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, settings: dict[str, Any]) -> None:
        self.process, self.folder, self.settings = process, folder, settings
        self.number = 0
        self.published: dict[str, list[dict[str, Any]]] = {}
        root = folder.as_uri()
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}},
        }
        self.request(
            "initialize",
            processId=None,
            rootUri=root,
            capabilities=capabilities,
            workspaceFolders=[{"uri": root, "name": folder.name}],
        )
        self.notify("initialized")
        self.notify("workspace/didChangeConfiguration", settings=settings)
        self.configured = False
        while not self.configured:
            self._answer(self._read())

    def open(self, name: str, text: str) -> str:
        """Open a file and give its address."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        uri = (self.folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)
        return uri

    def complete(self, uri: str, line: int, column: int) -> list[str]:
        """The labels of the completions at a place; lines and columns count from 0."""
        found = self.request(
            "textDocument/completion", textDocument={"uri": uri}, position={"line": line, "character": column}
        )
        return [item["label"] for item in found["items"]]

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """The server's diagnostics for a file, after its first answer."""
        while uri not in self.published:
            self._answer(self._read())
        return self.published[uri]

    def hover(self, uri: str, line: int, column: int) -> str:
        found = self.request(
            "textDocument/hover", textDocument={"uri": uri}, position={"line": line, "character": column}
        )
        return json.dumps(found, ensure_ascii=False)

    def request(self, method: str, **params: Any) -> Any:
        self.number += 1
        number = self.number
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._answer(message)

    def notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def _answer(self, message: dict[str, Any]) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            sections = [item.get("section", "") for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": [self.settings.get(section) for section in sections]})
            self.configured |= "yaml" in sections
        elif "id" in message and "method" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline().strip()) or not length:
            assert self.process.poll() is None or line, "the language server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(stream.read(length))
        return message


@contextmanager
def editor(folder: Path, settings: dict[str, Any] | None = None) -> Iterator[Editor]:
    """A running server with `folder` open. `settings` are those of the editor. Raises Unavailable."""
    command = server()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield Editor(process, folder, {"yaml": {}, "http": {}, "[yaml]": {}, **(settings or {})})
        finally:
            process.kill()
