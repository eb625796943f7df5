"""What a released archive is made of, for release.sh.

bill: reads what `cargo metadata` prints, and prints a CycloneDX 1.5 bill of the crates in the program.
statement: prints an in-toto statement with SLSA provenance of an archive. It is not signed: whoever publishes it does that.
"""

import hashlib
import json
import os
import sys

PROGRAM = "wsctl"


def bill(metadata):
    packages = {it["id"]: it for it in metadata["packages"]}
    nodes = {it["id"]: it for it in metadata["resolve"]["nodes"]}
    [root] = [it["id"] for it in metadata["packages"] if it["name"] == PROGRAM]
    reached, open_ids = {root}, [root]
    while open_ids:
        for dependency in nodes[open_ids.pop()]["deps"]:
            # What only tests need is not in the program.
            is_built = any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
            if is_built and dependency["pkg"] not in reached:
                reached.add(dependency["pkg"])
                open_ids.append(dependency["pkg"])
    found = sorted((packages[it] for it in reached - {root}), key=lambda it: (it["name"], it["version"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", **component(packages[root])}},
        "components": [{"type": "library", **component(it)} for it in found],
    }


def component(package):
    name, version = package["name"], package["version"]
    found = {"name": name, "version": version, "bom-ref": f"{name}@{version}"}
    # The workspace's own are nowhere else.
    if package["source"]:
        found["purl"] = f"pkg:cargo/{name}@{version}"
    if package["license"]:
        found["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    return found


def statement(archive, target, compiler, commit):
    with open(archive, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": os.path.basename(archive), "digest": {"sha256": digest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:wsctl:scripts/release.sh:1",
                "externalParameters": {"target": target},
                "internalParameters": {"compiler": compiler},
                "resolvedDependencies": [{"name": "wsctl", "digest": {"gitCommit": commit}}],
            },
            "runDetails": {"builder": {"id": os.environ.get("BUILDER_ID", "urn:wsctl:by-hand")}},
        },
    }


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    made = bill(json.load(sys.stdin)) if task == "bill" else statement(*arguments)
    json.dump(made, sys.stdout, indent=2)
    print()
