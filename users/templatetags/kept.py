"""{% load kept %}: parts of a page that are the same for everybody, such as its head and its navigation."""

from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


class KeptNode(template.Node):
    """Keeps what it rendered by language and the values named. Those come from the code: never what somebody typed."""

    def __init__(self, nodelist: NodeList, named: dict[str, FilterExpression]) -> None:
        self.nodelist, self.named = nodelist, named
        self.kept: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: expression.resolve(context) for name, expression in self.named.items()}
        key = (get_language(), *values.values())
        if key not in self.kept:
            # Inside there is nothing but these values, so that nobody's data can stay behind.
            self.kept[key] = self.nodelist.render(context.new(values))
        return self.kept[key]


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """{% kept role=user.role %}...{% endkept %}: rendered once a process for each language and each value named.

    Raises TemplateSyntaxError for anything but name=value.
    """
    _name, *bits = token.split_contents()
    named = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"{{% kept %}} takes name=value only, not {bits[0]!r}")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, named)
