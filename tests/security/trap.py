"""Runs a command where the only way out is a trap: python -m tests.security.trap OUT.json COMMAND...

Started by ``unshare --net --mount``: a network of its own whose default route ends in a device that swallows what it is
given, and whose names are asked for behind it. Every packet that leaves loopback is an attempt to reach somebody.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

DEVICE, OURS, NAMES = "trap", "198.51.100.2/24", "203.0.113.53"
_MAKE, _PLAIN_PACKETS = 0x400454CA, 0x0001 | 0x1000
"""ioctl TUNSETIFF; IFF_TUN and IFF_NO_PI: packets as they are"""


def set_trap() -> int:
    """Make the device and the route to it; what comes by is read from the descriptor."""
    trap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(trap, _MAKE, struct.pack("16sH", DEVICE.encode(), _PLAIN_PACKETS))
    with tempfile.NamedTemporaryFile("w", delete=False) as names:
        names.write(f"nameserver {NAMES}\noptions timeout:1 attempts:1\n")
    os.chmod(names.name, 0o644)
    subprocess.run(["mount", "--bind", names.name, "/etc/resolv.conf"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path(f"/proc/sys/net/ipv6/conf/{DEVICE}/disable_ipv6").write_text("1")  # the kernel itself would speak
    subprocess.run(["ip", "address", "add", OURS, "dev", DEVICE], check=True)
    subprocess.run(["ip", "link", "set", DEVICE, "up"], check=True)
    subprocess.run(["ip", "route", "add", "default", "dev", DEVICE], check=True)
    return trap


def whom(packet: bytes) -> str:
    """Address and port a packet is for."""
    if packet[0] >> 4 != 4:
        return "an address of IPv6"
    length = (packet[0] & 0x0F) * 4
    return f"{socket.inet_ntoa(packet[16:20])}:{int.from_bytes(packet[length + 2 : length + 4], 'big')}"


def main(out: Path, command: list[str]) -> int:
    """Run the command; writes how often whom it tried to reach."""
    trap, met = set_trap(), Counter()

    def watch() -> None:
        while True:
            met[whom(os.read(trap, 65535))] += 1

    threading.Thread(target=watch, daemon=True).start()
    done = subprocess.run(command, check=False)
    out.write_text(json.dumps(met))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
