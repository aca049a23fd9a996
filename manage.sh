#!/bin/sh
# manage.py in the environment, and against the servers, of `make run`; starts them if they are down.
cd "$(dirname "$0")" && exec "${PYTHON:-python3}" -m launch manage "$@"
