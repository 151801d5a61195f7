"""The two desks (``python -m portal``) as one more process of the stack; it listens on loopback."""

import http.client
import importlib.metadata
import sys

from pipeline.settings import CHECKOUT
from stack.ports import LOOPBACK
from stack.state import State
from stack.supervisor import Service, clean_environment

NAME = "portal"
PORTS = ("portal",)
READY_SECONDS = 60.0


def version() -> str:
    """Version of the server it runs on, as the lock pins it."""
    return importlib.metadata.version("uvicorn")


def url(port: int) -> str:
    """Where people find the desk."""
    return f"http://{LOOPBACK}:{port}"


def service(state: State, port: int, *, listen: str = LOOPBACK) -> Service:
    """How the desk is started; what an operator set about it (``FLYOVER_PORTAL_…``) comes with the environment."""
    return Service(
        name=NAME,
        argv=[sys.executable, "-m", "portal", "--host", listen, "--port", str(port)],
        env={**clean_environment(), "FLYOVER_STATE": str(state.root), "PYTHONPATH": str(CHECKOUT)},
        cwd=CHECKOUT,
        version=version(),
        port=port,
        grace_seconds=15.0,
    )


def answers(port: int) -> bool:
    """Whether the desk answers."""
    link = http.client.HTTPConnection(LOOPBACK, port, timeout=3)
    try:
        link.request("GET", "/health")
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
