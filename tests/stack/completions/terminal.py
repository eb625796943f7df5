"""A shell at a terminal: what it shows once something was typed at its prompt.

Arguments: what is expected, what is typed, what sets the shell up, and the shell with its arguments. Ends with 1 where
what is expected was not shown within a minute."""

import os
import pty
import select
import sys
import time

expected, typed, set_up, *shell = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(shell[0], shell)


def shown(words, until):
    """Everything from now on, up to these words."""
    seen = b""
    while words not in seen and time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if ready:
            try:  # without the bell, which says that more could follow
                seen += os.read(terminal, 65536).replace(b"\a", b"")
            except OSError:
                break
    return seen


until = time.monotonic() + 60
# The prompt is put together, so that the line which says it is not taken for it.
os.write(terminal, f"{set_up}; PS1='REA''DY> '\n".encode())
shown(b"READY> ", until)
os.write(terminal, typed.encode() + b"\t")
seen = shown(expected.encode(), until)
os.kill(child, 9)
print(seen.decode("utf-8", "replace"))
sys.exit(0 if expected.encode() in seen else 1)
