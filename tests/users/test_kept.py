"""{% kept %}: what is the same for everybody is rendered once, and nobody's data stays behind in it."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client
from django.utils import translation

from users.models import User


def test_it_is_rendered_once_for_each_value_that_it_names() -> None:
    part = Template("{% load kept %}{% kept role=user.role %}{{ role }} {% now 'u' %}{% endkept %}")
    first = part.render(Context({"user": {"role": "manager"}}))
    assert part.render(Context({"user": {"role": "manager"}})) == first
    assert part.render(Context({"user": {"role": "marketing"}})).startswith("marketing ")


def test_nothing_but_the_named_values_is_seen_inside() -> None:
    part = Template("{% load kept %}{% kept role=user.role %}[{{ user.name }}{{ secret }}{{ role }}]{% endkept %}")
    assert part.render(Context({"user": {"role": "manager", "name": "Alice"}, "secret": "x"})) == "[manager]"


def test_each_language_has_its_own() -> None:
    part = Template("{% load i18n kept %}{% kept %}{% get_current_language as code %}{{ code }}{% endkept %}")
    said = []
    for language in ("en", "de"):
        with translation.override(language):
            said.append(part.render(Context()))
    assert said == ["en", "de"]


def test_values_are_given_by_name() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kept %}{% kept user %}{% endkept %}")


def test_the_navigation_is_that_of_the_role_and_the_page(alice: User, ada: User, carmen: User, client: Client) -> None:
    for _twice in range(2):
        for user, settings, queue in ((alice, False, True), (ada, True, True), (carmen, False, False)):
            client.force_login(user)
            text = client.get("/accounts/").content.decode()
            navigation = text[text.index('<nav class="side"') : text.index("</nav>")]
            assert ("Hand-off queue" in navigation, 'data-key="g s"' in navigation) == (queue, settings), user.username
            assert navigation.count('aria-current="page"') == 1
            assert user.name in navigation
