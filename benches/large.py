"""Measures what APIs of 9, 90 and 900 routes take of wsctl: seconds of the processor, and memory at most.

    target/bench/bin/python benches/large.py target/dist/wsctl
"""

import argparse
import os
import pathlib
import shutil
import tempfile

from compare import FUNCTION, program, run, sandbox

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


def count(text):
    routes = int(text)
    if routes < 3 or routes % 3:
        raise argparse.ArgumentTypeError(f"{routes} is no multiple of three: each path has three methods")
    return routes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wsctl", type=program, help="the program, as built for a release")
    parser.add_argument("routes", type=count, nargs="*", default=[9, 90, 900], help="how many: 9 90 900")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        with sandbox(args.wsctl, root) as environment:
            environment = {**os.environ, **environment}
            print("| routes | " + " | ".join(PHASES) + " |\n" + "|---" * (len(PHASES) + 1) + "|")
            for routes in args.routes:
                own = root / str(routes)
                shutil.copytree(FUNCTION, own / "function")
                (own / "stack.toml").write_text(stack(routes))
                figures = []
                for phase, words in PHASES.items():
                    _, used = run(f"{routes} routes, {phase}", [args.wsctl, *words], own, environment)
                    figures.append(f"{used.ru_utime + used.ru_stime:.2f} s, {used.ru_maxrss / 1024:.0f} MiB")
                print(f"| {routes} | " + " | ".join(figures) + " |", flush=True)


if __name__ == "__main__":
    main()
