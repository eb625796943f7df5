# What is typed often. `just` lists it; each recipe is a command that can be typed without just, too.

default:
    @just --list

# wsctl and the function
build:
    cargo build --workspace

# The tests that need neither pip nor npm, no browser and no database: under two minutes after the build
quick:
    WSCTL_INPUTS=20000 cargo test --workspace --lib --bins --test files --test strict -- --skip sandbox::install

# All tests, or some of them: `just test --test converges drift`
test *arguments:
    cargo test --workspace {{arguments}}

# What has to be clean before a change is merged
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Everything that CI runs
ci:
    .ci/run

# Make the generated documents anew
reference:
    cargo run --quiet -- schema --markdown > target/reference.md
    mv target/reference.md docs/stack-toml.md
    cargo run --quiet -- permissions --markdown > target/permissions.md
    mv target/permissions.md docs/permissions.md

# In how many lines and files each field of stack.toml stands
places:
    cargo test --test files places -- --nocapture

# wsctl beside a boto3 script and Terraform, if that is installed: requests, time and memory
bench:
    cargo build --profile dist
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet --require-hashes -r tests/support/moto.txt
    target/bench/bin/python benches/compare.py target/dist/wsctl --charts docs
    target/bench/bin/python benches/large.py target/dist/wsctl

# The function beside the same in Node.js: starts, answers, memory
bench-function:
    cargo build -p users-handler --profile handler
    HANDLER_BOOTSTRAP={{justfile_directory()}}/target/handler/bootstrap cargo bench -p users-handler --bench handler

# The workshop's stack in the local AWS, and its end
sandbox:
    cargo run -- apply --sandbox

sandbox-stop:
    cargo run -- sandbox stop

# Licences, sources and advisories of what is linked (cargo install --locked cargo-deny)
deny:
    cargo deny check

# Whether the oldest Rust that Cargo.toml names still builds it (rustup)
oldest:
    rustup run --install "$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)" cargo check --workspace --all-targets --locked
