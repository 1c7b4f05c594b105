"""Holding processes to a share of a core, as if each ran on a small machine of its own: the kernel's processor quota.

For root on a kernel with the first version of control groups; `is_there` tells.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup/cpu")
PERIOD_US = 10_000


def is_there() -> bool:
    """Whether a quota can be set here."""
    return (GROUPS / "cpu.cfs_quota_us").exists() and os.access(GROUPS, os.W_OK)


@contextmanager
def quotas(share: float) -> Iterator[Callable[[int], None]]:
    """Give a function that holds a process to a share of a core; they have to end before the block does."""
    made: list[Path] = []

    def hold(pid: int) -> None:
        group = GROUPS / f"elearn-bench-{pid}"
        group.mkdir()
        made.append(group)
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD_US * share)))
        (group / "cgroup.procs").write_text(str(pid))

    try:
        yield hold
    finally:
        for group in made:
            group.rmdir()
