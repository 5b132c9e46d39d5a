"""What is left to a child of the kernel: no back door, no privilege, no higher limit."""

import os
import textwrap
from pathlib import Path

import pytest
from attacks import fault, run

from flagbench.acceptance.sandbox.sandbox import Sandbox

# Each with harmless arguments.
CALLS = """
    ptrace process_vm_readv pidfd_open pidfd_getfd mount umount2 pivot_root chroot unshare setns
    bpf keyctl add_key perf_event_open userfaultfd io_uring_setup kexec_load init_module
    open_by_handle_at fsopen mount_setattr open_tree move_mount shmget msgget semget mq_open
    execve execveat swapon reboot syslog setpriority personality
""".split()  # noqa: SIM905  a table reads best as one


@pytest.mark.parametrize("name", CALLS)
def test_call(tier: Sandbox, name: str) -> None:
    """The kernel's back doors are closed."""
    import seccompy

    code = f"""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        result = [libc.syscall({seccompy.syscall_nr(name)}, 0, 0, 0, 0, 0), ctypes.get_errno()]
    """
    if "seccomp" not in tier.isolation.standing:
        pytest.skip("this machine lacks seccomp")
    assert run(tier, textwrap.dedent(code)) == [-1, 1]


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("libc.syscall(0x40000000 + 39)", 38),  # getpid by its x32 number
        ("libc.syscall(9999)", 38),
        ("libc.prctl(1, 0)", 1),  # forget the parent
        ("libc.prctl(4, 1)", 1),  # dump a core
        ("libc.fcntl(1, 8, 2)", 1),  # have the kernel send a signal to another process
        ("libc.fcntl(1, 10, 9)", 1),
        ("libc.ioctl(1, 0x8901, 0)", 1),
        (
            "libc.syscall(ctypes.c_long(157), ctypes.c_long(1 + (1 << 32)), 0)",
            1,
        ),  # the same, hidden
        ("libc.syscall(56, 0x10000000 | 17, 0)", 1),  # a process in a new user namespace
        ("libc.syscall(56, 0x100 | 17, 0)", 1),  # a process that shares memory
        ("libc.prlimit(2, 7, 0, 0)", 1),
        ("libc.kill(-1, 0)", 1),
    ],
)
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86-64")
def test_call_in_disguise(tier: Sandbox, call: str, number: int) -> None:
    """So they are when called by another number, or with more bits than the kernel looks at."""
    code = f"""
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        pid = os.getpid()
        told = {call}
        if os.getpid() != pid: os._exit(0)
        result = [told, ctypes.get_errno()]
    """
    assert run(tier, textwrap.dedent(code)) == [-1, number]


def test_no_privileges(tier: Sandbox) -> None:
    """No capability is left, not even in the bounding set, and none can be gained."""
    code = """
        import ctypes, struct
        libc = ctypes.CDLL(None)
        sets = ctypes.create_string_buffer(24)
        libc.capget(struct.pack("Ii", 0x20080522, 0), sets)
        bounding = [libc.prctl(23, one) for one in range(41)]
        gains_none = libc.prctl(39, 0, 0, 0, 0)
        result = [struct.unpack("6I", sets.raw), 1 in bounding, gains_none]
    """
    capabilities, is_bounded, gains_none = run(tier, textwrap.dedent(code))
    assert capabilities == [0] * 6
    assert gains_none == 1
    if os.geteuid() == 0:
        assert is_bounded is False


def test_limits_stay(tier: Sandbox) -> None:
    """A limit that was set cannot be raised, nor can it be for another process."""
    code = """
        import resource
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
            try: resource.setrlimit(kind, (-1, -1))
            except ValueError: continue
            raise AssertionError(kind)
        result = resource.getrlimit(resource.RLIMIT_CORE)[1]
    """
    assert run(tier, textwrap.dedent(code)) == 0


def test_no_core(tier: Sandbox) -> None:
    """A child that crashes leaves no core, not even to a program that would collect it."""
    assert run(tier, "import ctypes; result = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)") == 0


def test_one_thread(tier: Sandbox) -> None:
    """Children are forked from a single thread."""
    assert tier._server.threads == 1


def test_file_of_others(tier: Sandbox, tmp_path: Path) -> None:
    """Mode, time and length of a file outside stay as they are, also where it is in sight."""
    file = tmp_path / "file"
    file.write_text("text", encoding="utf-8")
    before = file.stat()
    code = f"""
        import contextlib, os
        for change in (
            lambda: os.chmod({str(file)!r}, 0),
            lambda: os.utime({str(file)!r}, (0, 0)),
            lambda: os.chown({str(file)!r}, 1, 1),
            lambda: os.truncate({str(file)!r}, 0),
            lambda: os.open({str(file)!r}, os.O_RDONLY | os.O_TRUNC),
            lambda: os.setxattr({str(file)!r}, "user.a", b"b"),
            lambda: os.link({str(file)!r}, "link"),
            lambda: os.rename({str(file)!r}, "renamed"),
            lambda: os.remove({str(file)!r}),
        ):
            with contextlib.suppress(OSError):
                change()
    """
    run(tier, textwrap.dedent(code))
    assert file.stat() == before
    assert file.read_text(encoding="utf-8") == "text"


def test_package_of_others(tier: Sandbox) -> None:
    """So does a package's file that a child has opened to read. The change would do no harm."""
    before = Path(pytest.__file__).stat()
    mode = before.st_mode ^ 0o100
    code = f"import os; os.fchmod(os.open({pytest.__file__!r}, os.O_RDONLY), {mode})"
    assert fault(tier, code).startswith(("nothing", "Raised: OSError"))
    assert Path(pytest.__file__).stat() == before
