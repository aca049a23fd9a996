"""A load balancer asks whether this process is alive and ready."""

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection
from django.test import Client


def test_alive_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_the_database_is_migrated(client: Client) -> None:
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_the_app_cannot_change_the_schema() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (settings.APP_ROLE,)
        with pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute("CREATE TABLE made_by_the_app (id int)")
