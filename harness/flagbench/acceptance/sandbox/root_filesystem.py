"""A read-only root file system with the files that Python needs and no others of the machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from flagbench.acceptance.sandbox import linux_calls, namespaces

# The directory of a child's files: the same on every machine, so that messages are the same too.
WORK = "/srv/project"
# The places of applications, each a separate disk, which only the fork server sees.
PLACES = "/places"
# A file of the root that no wall but Landlock hides: it shows whether Landlock stands.
CANARY = "/etc/canary"
# The invented names of the user and the group.
NAMES = ("/etc/passwd", "/etc/group")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

# linux/mount.h
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4

_OLD = "/.old"
_PARENT_BYTES = 64 * 1024 * 1024


def change(readable: Mapping[str, str]) -> None:
    """Enter a mount namespace whose root holds these paths, devices and an empty `WORK`.

    `readable` maps a path to its target when links are followed; none may lie beneath another.
    Raises `OSError`.
    """
    import seccompy  # noqa: PLC0415  installed on Linux alone

    namespaces.enter_new("mount")
    linux_calls.mount("none", "/", "", _REC | _PRIVATE)
    # Any directory will do; its content stays visible under the old root.
    stage = "/tmp"  # noqa: S108  a mount point, in a separate namespace
    linux_calls.mount("tmpfs", stage, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
    Path(stage + _OLD).mkdir()
    pivot = seccompy.syscall_nr("pivot_root")
    linux_calls.check(
        linux_calls.libc().syscall(pivot, stage.encode(), (stage + _OLD).encode()), "pivot_root"
    )
    os.chdir("/")
    for path, real in readable.items():
        _bind(path, real, _ATTR_RDONLY | _ATTR_NOSUID | _ATTR_NODEV)
    for path in DEVICES:
        _bind(path, path, _ATTR_RDONLY | _ATTR_NOSUID)
    _write_system_files()
    for path in (WORK, PLACES):
        Path(path).mkdir(parents=True)
    linux_calls.detach(_OLD)
    Path(_OLD).rmdir()
    linux_calls.mount("none", "/", "", _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    mount_disk(PLACES, _PARENT_BYTES, 4096)
    mount_disk(WORK, _PARENT_BYTES, 4096)
    os.chdir(WORK)


def enter_own(place: str) -> None:
    """Enter a mount namespace where `WORK` is this place, after the root was changed."""
    namespaces.enter_new("mount")
    linux_calls.mount(place, WORK, "", _BIND)
    linux_calls.detach(PLACES)
    os.chdir(WORK)


def mount_disk(path: str, disk_bytes: int, disk_files: int) -> None:
    """Mount an empty file system. Raises `OSError`."""
    options = f"size={disk_bytes},nr_inodes={disk_files},mode=700"
    linux_calls.mount("tmpfs", path, "tmpfs", _NOSUID | _NODEV, options)


def _bind(path: str, real: str, attributes: int) -> None:
    """Bind-mount `real` of the old root at `path`; a missing one is skipped."""
    source = Path(_OLD + real)
    if not source.exists():
        return
    target = Path(path)
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux_calls.mount(str(source), path, "", _BIND | _REC)
    linux_calls.set_mount_attributes(path, attributes)


def _write_system_files() -> None:
    """Write the files that the C library needs: the user's name and the address of localhost."""
    user, group = os.geteuid(), os.getegid()
    files = {
        "/etc/passwd": f"user:x:{user}:{group}::{WORK}:/bin/false\n",
        "/etc/group": f"user:x:{group}:\n",
        "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
        CANARY: "alive\n",
    }
    Path("/etc").mkdir(exist_ok=True)
    for path, text in files.items():
        Path(path).write_text(text, encoding="utf-8")
