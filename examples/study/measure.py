"""Runs programs in parallel and measures their time and memory."""

import os
import subprocess
import threading
import time


def memory(pid):
    """Returns the proportional set size in MB: in the sum over all processes, shared pages count
    once. None if the system does not have it."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


class PeakMemory(threading.Thread):
    """Measures the peak memory in MB of a group of processes and this one together."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.pids = [os.getpid()] + [process.pid for process in processes]
        self.peak = 0
        self.stop = threading.Event()

    def run(self):
        while True:
            self.peak = max(self.peak, sum(memory(pid) or 0 for pid in self.pids))
            if self.stop.wait(0.2):
                return


def run(commands, outputs):
    """Runs commands in parallel, with the standard output of each in its file. Returns seconds,
    peak memory in MB, and whether all succeeded; terminates the others when one fails."""
    start = time.monotonic()
    files = [open(output, "wb") for output in outputs]
    processes = [subprocess.Popen(command, stdout=file)
                 for command, file in zip(commands, files)]
    memory_thread = PeakMemory(processes)
    memory_thread.start()
    try:
        while any(process.poll() is None for process in processes):
            if any(process.poll() for process in processes):
                break
            time.sleep(0.05)
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
        succeeded = [process.wait() == 0 for process in processes]
        memory_thread.stop.set()
        memory_thread.join()
        for file in files:
            file.close()
    return time.monotonic() - start, memory_thread.peak, all(succeeded)
