"""Runs the desk: ``python -m portal --host 127.0.0.1 --port 8090``."""

from __future__ import annotations

import argparse
import logging

import uvicorn

from pipeline.settings import load
from portal import app, config


def main() -> None:
    """Serve until told to stop. Requests are in the audit trail, not in a log: addresses may hold file names."""
    parser = argparse.ArgumentParser(prog="python -m portal")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = config.load()
    uvicorn.run(
        app.create(load(), settings),
        host=asked.host,
        port=asked.port,
        access_log=False,
        log_level="warning",
        proxy_headers=bool(settings.proxy),
        forwarded_allow_ips=settings.proxy or None,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
