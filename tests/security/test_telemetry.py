"""Nothing calls home: the whole demo, in a network without a way out, tries to reach nobody."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from pipeline.settings import CHECKOUT
from tests import evidence

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.getuid() != 0 or not (shutil.which("unshare") and shutil.which("ip") and os.path.exists("/dev/net/tun")),
        reason="a network of one's own needs root, unshare and ip",
    ),
]
SEVERAL_MINUTES = 1800


def attempts(folder, command, env=None):
    out = folder / "met.json"
    isolated = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.security.trap", str(out), *command]
    done = subprocess.run(
        isolated, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=SEVERAL_MINUTES, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return json.loads(out.read_text())


def test_the_trap_catches_a_connection_and_a_name(tmp_path):
    calls = (
        "import socket; s = socket.socket(); s.settimeout(1)\n"
        "for call in (lambda: s.connect(('192.0.2.7', 443)), lambda: socket.getaddrinfo('telemetry.example', 443)):\n"
        "    try: call()\n"
        "    except OSError: pass\n"
    )
    met = attempts(tmp_path, [sys.executable, "-c", calls])
    assert met["192.0.2.7:443"]
    assert met["203.0.113.53:53"]


def test_the_whole_demo_reaches_for_nobody(tmp_path):
    env = {**os.environ, "FLYOVER_STATE": str(tmp_path / "state")}
    flyover = f"{sys.executable} -m cli.main"
    both = f"{flyover} demo --learners 1000 && {flyover} down --erase --yes"
    met = attempts(tmp_path, ["bash", "-c", both], env)
    evidence.tell(f"telemetry: the demo in a network without a way out tried {sum(met.values())} times to leave it")
    assert met == {}
