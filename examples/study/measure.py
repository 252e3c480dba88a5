"""Runs programs side by side and measures what they take."""

import os
import subprocess
import threading
import time


def memory(pid):
    """Proportional set size in MB: pages that several processes share count once in the sum
    over all of them. None where the system does not tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


class Watch(threading.Thread):
    """Keeps the largest memory of a group of processes and this one together."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.pids = [os.getpid()] + [process.pid for process in processes]
        self.peak = 0
        self.over = threading.Event()

    def run(self):
        while True:
            self.peak = max(self.peak, sum(memory(pid) or 0 for pid in self.pids))
            if self.over.wait(0.2):
                return


def run(commands, outputs):
    """Runs them at once, each one's standard output into its file. Returns seconds, MB and
    whether all succeeded; ends the others when one fails."""
    start = time.monotonic()
    files = [open(output, "wb") for output in outputs]
    processes = [subprocess.Popen(command, stdout=file)
                 for command, file in zip(commands, files)]
    watch = Watch(processes)
    watch.start()
    try:
        while any(process.poll() is None for process in processes):
            if any(process.poll() for process in processes):
                break
            time.sleep(0.05)
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        good = [process.wait() == 0 for process in processes]
        watch.over.set()
        watch.join()
        for file in files:
            file.close()
    return time.monotonic() - start, watch.peak, all(good)
