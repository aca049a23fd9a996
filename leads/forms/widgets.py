"""Selects and boxes written in one go: a page of questions has hundreds of options, and a template for each is slow."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


class PlainSelect(forms.Select):
    """A select of plain choices, without groups."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, mark_safe(" selected") if str(key) == chosen else "", label) for key, label in self.choices),
        )
        given = flatatt(self.build_attrs({**self.attrs, "name": name}, dict(attrs or {})))
        return format_html("<select{}>{}</select>", given, options)


class PlainChecks(forms.CheckboxSelectMultiple):
    """A box for each choice."""

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = {str(each) for each in value or []}
        prefix = (attrs or {}).get("id", name)
        boxes = format_html_join(
            "",
            '<div><label for="{0}_{1}"><input type="checkbox" name="{2}" value="{3}" id="{0}_{1}"{4}> {5}</label></div>',
            (
                (prefix, index, name, key, mark_safe(" checked") if str(key) in chosen else "", label)
                for index, (key, label) in enumerate(self.choices)
            ),
        )
        return format_html("<div>{}</div>", boxes)
