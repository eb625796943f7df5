"""Measures wsctl beside a boto3 script and, where it is installed, Terraform: the same stack, made, looked at, changed
in one value, and removed, each with so much time added to each request.

All of them talk to a sandbox of wsctl's through a proxy that counts and waits. Times are medians, and worth something
only beside each other; counts are exact.

    python3 -m venv target/bench
    target/bench/bin/pip install --require-hashes -r tests/support/moto.txt
    cargo build --profile dist
    target/bench/bin/python benches/compare.py target/dist/wsctl
"""

import argparse
import contextlib
import hmac
import http.client
import http.server
import os
import pathlib
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HERE = pathlib.Path(__file__).resolve().parent
FUNCTION = HERE.parent / "examples/node/function"
PHASES = ("create", "nothing to do", "one value", "destroy")
# What belongs to the request that came, and not to the one that goes on.
OWN = (
    "authorization", "connection", "content-length", "expect", "host", "x-amz-content-sha256", "x-amz-date",
    "x-amz-security-token",
)  # fmt: skip
CALLBACK = ("http://localhost:3000/callback", "http://localhost:3001/callback")


class Proxy(http.server.ThreadingHTTPServer):
    """Hands requests on after a while, signed anew for the sandbox's own address, and counts them.

    It signs for whoever has this run's session token, and for nobody else on the machine.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, environment, latency):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = environment["AWS_ENDPOINT_URL"].removeprefix("http://")
        self.keys = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        self.token = secrets.token_hex(32)
        self.latency, self.count = latency, 0
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def environment(self):
        """What a tool needs to come through it."""
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_address[1]}", "AWS_SESSION_TOKEN": self.token}

    def taken(self):
        with self.lock:
            count, self.count = self.count, 0
        return count


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not hmac.compare_digest(self.headers.get("X-Amz-Security-Token", "").encode(), self.server.token.encode()):
            return self.send_error(403)
        with self.server.lock:
            self.server.count += 1
        time.sleep(self.server.latency)
        _, _, region, service, *_ = self.headers["Authorization"].split("Credential=")[1].split(",")[0].split("/")
        headers = {name: it for name, it in self.headers.items() if name.lower() not in OWN}
        request = AWSRequest(self.command, f"http://{self.server.target}{self.path}", headers, body)
        SigV4Auth(self.server.keys, service, region).add_auth(request)
        onward = http.client.HTTPConnection(self.server.target, timeout=120)
        onward.request(self.command, self.path, body, dict(request.headers.items()))
        answer = onward.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, it in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                self.send_header(name, it)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        onward.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = pass_on

    def log_message(self, *_):
        pass


def run(name, command, folder, environment):
    """How long it took, and what it used; ends all where it fails."""
    started = time.monotonic()
    with open(folder / "log", "a") as log:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
    took = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{name}: exit {child.returncode}\n{(folder / 'log').read_text()[-4000:]}")
    return took, usage


class Tool:
    """One of those that are measured: the command of each phase, in a folder of its own."""

    def __init__(self, name, folder, commands):
        self.name, self.folder, self.commands = name, folder, commands

    def prepare(self, environment):
        pass

    def run(self, phase, environment):
        """How long it took, and how much memory it had at most, in MiB."""
        took, usage = run(f"{self.name}, {phase}", self.commands[phase], self.folder, environment)
        return took, usage.ru_maxrss / 1024


class Wsctl(Tool):
    def __init__(self, folder, program):
        command = [program, "--file", str(folder / "stack.toml")]
        apply, destroy = [*command, "apply", "--yes"], [*command, "destroy", "--yes"]
        super().__init__("wsctl", folder, dict(zip(PHASES, (apply, [*command, "plan"], apply, destroy))))

    def prepare(self, environment):
        shutil.copy(HERE / "stack.toml", self.folder)

    def run(self, phase, environment):
        if phase == "one value":
            file = self.folder / "stack.toml"
            file.write_text(file.read_text().replace(*CALLBACK))
        return super().run(phase, environment)


class Script(Tool):
    def __init__(self, folder):
        command = [sys.executable, str(HERE / "script.py")]
        phases = {"create": "create", "one value": "change", "destroy": "destroy"}
        super().__init__("boto3 script", folder, {phase: [*command, word] for phase, word in phases.items()})


class Terraform(Tool):
    def __init__(self, folder):
        apply = ["terraform", "apply", "-auto-approve", "-no-color"]
        other = [*apply, f"-var=callback={CALLBACK[1]}"]
        destroy = ["terraform", "destroy", "-auto-approve", "-no-color"]
        super().__init__("Terraform", folder, dict(zip(PHASES, (apply, ["terraform", "plan", "-no-color"], other, destroy))))

    def prepare(self, environment):
        shutil.copy(HERE / "main.tf", self.folder)
        with zipfile.ZipFile(self.folder / "function.zip", "w") as archive:
            archive.write(FUNCTION / "index.mjs", "index.mjs")
        for state in self.folder.glob("terraform.tfstate*"):
            state.unlink()
        if not (self.folder / ".terraform").exists():
            done = subprocess.run(
                ["terraform", "init", "-no-color"], cwd=self.folder, env=environment, capture_output=True, text=True
            )
            if done.returncode != 0:
                raise LookupError("terraform init found no provider")


def tools(program, root):
    def folder(name):
        path = root / name
        path.mkdir()
        shutil.copytree(FUNCTION, path / "function")
        return path

    found = [Wsctl(folder("wsctl"), program), Script(folder("script"))]
    if shutil.which("terraform"):
        found.append(Terraform(folder("terraform")))
    return found


def program(path):
    """wsctl, as it was named on the command line."""
    if not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{path} is no program: cargo build --profile dist makes target/dist/wsctl")
    return str(pathlib.Path(path).resolve())


@contextlib.contextmanager
def sandbox(program, folder):
    """One of its own, which ends with the work: the environment for it."""
    (folder / "stack.toml").write_text('[stack]\nname = "sandbox"\nregion = "eu-west-1"\n')
    command = [program, "--file", str(folder / "stack.toml"), "sandbox"]
    subprocess.run([*command, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    exports = subprocess.run([*command, "env"], check=True, capture_output=True, text=True).stdout
    try:
        yield dict(re.findall(r"export (\w+)=(\S+)", exports))
    finally:
        subprocess.run([*command, "reset", "--yes"], stdout=subprocess.DEVNULL)


def measure(tool, proxy, environment, runs):
    """By phase: requests, median seconds, and the most MiB."""
    environment = {**os.environ, **environment, **proxy.environment(), "NO_COLOR": "1"}
    figures = {}
    for _ in range(runs):
        tool.prepare(environment)
        for phase in PHASES:
            if phase in tool.commands:
                proxy.taken()
                took, memory = tool.run(phase, environment)
                figures.setdefault(phase, []).append((proxy.taken(), took, memory))
    return {
        phase: (max(it[0] for it in all), statistics.median(it[1] for it in all), max(it[2] for it in all))
        for phase, all in figures.items()
    }


def table(results):
    """As Markdown, with the ratio to wsctl's time."""
    lines = ["| | " + " | ".join(PHASES) + " | memory |", "|---" * (len(PHASES) + 2) + "|"]
    ours = next(iter(results.values()))
    for name, figures in results.items():
        cells = []
        for phase in PHASES:
            if phase not in figures:
                cells.append("–")
                continue
            count, took, _ = figures[phase]
            ratio = "" if figures is ours else f", × {took / ours[phase][1]:.1f}"
            cells.append(f"{count} / {took:.2f} s{ratio}")
        memory = max(it[2] for it in figures.values())
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {memory:.0f} MiB |")
    return "\n".join(lines)


def chart(results, milliseconds):
    """Bars of seconds, a group a phase."""
    most = max(it[1] for figures in results.values() for it in figures.values())
    colours, rows, y = ("#0969da", "#57606a", "#8250df"), [], 30
    for phase in PHASES:
        rows.append(f'<text x="8" y="{y + 12}" font-weight="600">{phase}</text>')
        y += 18
        for colour, (name, figures) in zip(colours, results.items()):
            if phase in figures:
                count, took, _ = figures[phase]
                width = max(1, round(400 * took / most))
                rows.append(f'<text x="8" y="{y + 12}">{name}</text>')
                rows.append(f'<rect x="110" y="{y + 1}" width="{width}" height="14" fill="{colour}"/>')
                rows.append(f'<text x="{116 + width}" y="{y + 12}">{took:.2f} s, {count} requests</text>')
                y += 18
        y += 8
    style = "text{font:12px sans-serif;fill:#1f2328}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}"
    title = f'<text x="8" y="18" font-weight="600">Seconds, with {milliseconds} ms added to each request</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="680" height="{y}" viewBox="0 0 680 {y}">'
        f"<style>{style}</style>{title}{''.join(rows)}</svg>\n"
    )


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsctl", type=program, help="the program, as built for a release")
    parser.add_argument("--latency", type=numbers, default="0,50,150", help="milliseconds to add to each request")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--charts", type=pathlib.Path, help="a folder for a chart of each latency")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        with sandbox(args.wsctl, root) as environment:
            measured = tools(args.wsctl, root)
            for milliseconds in args.latency:
                proxy, results = Proxy(environment, milliseconds / 1000), {}
                for tool in measured:
                    try:
                        results[tool.name] = measure(tool, proxy, environment, args.runs)
                    except LookupError as why:
                        print(f"{tool.name}: {why}", file=sys.stderr)
                proxy.shutdown()
                print(f"\n{milliseconds} ms added to each request\n\n{table(results)}", flush=True)
                if args.charts:
                    (args.charts / f"performance-{milliseconds}.svg").write_text(chart(results, milliseconds))


if __name__ == "__main__":
    main()
