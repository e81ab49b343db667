"""measure.py COMMAND...: runs a command and prints what it used: wall s, CPU s, peak memory in MiB. Ends as it ended."""
import os
import sys
import time

start = time.perf_counter()
pid = os.fork()
if pid == 0:
    # Only the figures belong on this program's output.
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - start
# Linux counts KiB, macOS bytes.
unit = 1024 if sys.platform != "darwin" else 1024 * 1024
print(f"{wall:.3f} {usage.ru_utime + usage.ru_stime:.3f} {usage.ru_maxrss / unit:.1f}")
sys.exit(os.waitstatus_to_exitcode(status))
