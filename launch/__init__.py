"""From a bare machine with Python 3.11 to a running product: environment, servers, database, processes.

Standard library only, because it runs before the virtual environment exists. `make run`, `make test`, `make bench`,
`make realdata`, `make reset` and `./manage.sh` all come here.

    speech      what the launcher says, and how it refuses
    places      where things lie
    packages    .venv from the locks
    binaries    PostgreSQL and Valkey, wherever this machine has them
    processes   children: started, watched, restarted, stopped in order, reaped after a crash
    servers     the private PostgreSQL and Valkey of this checkout
    databases   roles and databases in it
    product     the processes of the product itself, the same here as in docker-compose.yml
    commands    run, test, manage, bench, realdata, reset
"""
