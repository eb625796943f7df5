"""Runs MiniStack for one stack. process.rs starts it, with its settings in the environment."""

import asyncio
import fcntl
import json
import logging
import os
import signal
import threading
import time


def hold(path):
    """Locks the file as long as this process lives, and says in it who that is."""
    file = open(path, "a+")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.truncate(0)
    json.dump({"pid": os.getpid(), "started": started(), "port": int(os.environ["GATEWAY_PORT"])}, file)
    file.flush()
    return file


def started():
    """When this process was started, in the machine's ticks; only Linux tells. Pids are used again."""
    try:
        with open("/proc/self/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except OSError:
        return None


def text_of(path):
    with open(path) as file:
        return file.read()


def end():
    """Ends this process together with the functions it runs."""
    os.killpg(0, signal.SIGKILL)


def end_with_starter():
    """Ends once the process at the other end of standard input is gone, however it went."""
    while os.read(0, 1):
        pass
    end()


def end_with_folder(path):
    """Ends some seconds after the stack's folder is gone: no command could reach it any more."""
    missed = 0
    while missed < 2:
        time.sleep(2)
        missed = 0 if os.path.isdir(path) else missed + 1
    end()


def save_after_writes(module):
    """MiniStack saves its state only when it ends in peace; this saves a moment after each write. All of it is saved,
    which takes longer the more there is, so the moment grows with it: a tenth of the time at most goes to saving."""
    serve, saves, moment = module.app, set(), 0.1

    def save():
        nonlocal moment
        saves.clear()
        began = time.monotonic()
        module.save_all(module._build_persistence_save_dict())
        moment = max(0.1, 9 * (time.monotonic() - began))

    async def app(scope, receive, send):
        await serve(scope, receive, send)
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS") and not saves:
            saves.add(asyncio.get_running_loop().call_later(moment, save))

    module.app = app
    logging.getLogger("persistence").setLevel(logging.WARNING)


if __name__ == "__main__":
    os.setpgid(0, 0)  # a group of its own, that end() may end
    held = hold(os.environ.pop("WSCTL_PROCESS_FILE"))
    key = text_of(os.environ.pop("WSCTL_KEY_FILE"))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal ends the shell, not the sandbox
    if os.environ.pop("WSCTL_TETHERED", ""):
        threading.Thread(target=end_with_starter, daemon=True).start()
    threading.Thread(target=end_with_folder, args=[os.environ.pop("WSCTL_STACK_FOLDER")], daemon=True).start()
    try:
        import ministack.app

        keep_to_ourselves(key)
        amend()
        save_after_writes(ministack.app)
        guard(ministack.app, key)
        ministack.app.main()
    except Exception:
        logging.exception("MiniStack failed")
    finally:
        end()
