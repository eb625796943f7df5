"""Measures what APIs of 9, 90 and 900 routes take of wsctl: seconds of the processor, and memory at most.

    target/bench/bin/python benches/large.py target/dist/wsctl
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from compare import FUNCTION, sandbox

HEAD = """
[stack]
name = "large-{routes}"
region = "eu-west-1"

[user_pool]
name = "large-{routes}"

[functions.all]
name = "large-{routes}"
runtime = "nodejs22.x"
handler = "index.handler"
folder = "function"

[api]
name = "large-{routes}"

[api.cors]
origins = ["https://example.com"]

[api.stage]
name = "dev"

[api.authorizers.people]
name = "people"

[api.routes]
"""
PHASES = {"make": ["apply", "--yes"], "plan": ["plan"], "remove": ["destroy", "--yes"]}


def stack(routes):
    """Three methods on each path, and a preflight."""
    lines = [
        f'"{method} /path{path}" = {{ function = "all", authorizer = "people" }}'
        for path in range(routes // 3)
        for method in ("GET", "POST", "DELETE")
    ]
    return HEAD.format(routes=routes) + "\n".join(lines) + "\n"


def run(command, folder, environment):
    """Seconds of the processor, and MiB at most."""
    with open(folder / "log", "a") as log:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{command}: exit {child.returncode}\n{(folder / 'log').read_text()[-4000:]}")
    return f"{usage.ru_utime + usage.ru_stime:.2f} s, {usage.ru_maxrss / 1024:.0f} MiB"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsctl", help="the program, as built for a release")
    parser.add_argument("--routes", default="9,90,900", help="how many, each a multiple of three")
    args = parser.parse_args()
    program = str(pathlib.Path(args.wsctl).resolve())
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        end, environment = sandbox(program, root)
        environment = {**os.environ, **environment}
        try:
            print("| routes | " + " | ".join(PHASES) + " |\n" + "|---" * (len(PHASES) + 1) + "|")
            for routes in map(int, args.routes.split(",")):
                own = root / str(routes)
                shutil.copytree(FUNCTION, own / "function")
                (own / "stack.toml").write_text(stack(routes))
                figures = [run([program, *words], own, environment) for words in PHASES.values()]
                print(f"| {routes} | " + " | ".join(figures) + " |", flush=True)
        finally:
            subprocess.run([*end, "reset", "--yes"], stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
