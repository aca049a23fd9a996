"""The lists of this room that people may edit (users/editable_lists.py)."""

from django.utils.translation import gettext_lazy

from users.editable_lists import EditableList
from users.models import Attribute
from users.rights import may_administer, who_may_administer

LISTS = (
    EditableList(
        code="fields",
        title=gettext_lazy("Fields of leads and accounts"),
        about=gettext_lazy(
            "What is recorded beyond the columns, such as the technologies in use. Policy rules may name it."
        ),
        model=Attribute,
        fields={
            "label": gettext_lazy("Field"),
            "of": gettext_lazy("Of"),
            "code": gettext_lazy("Code"),
            "kind": gettext_lazy("Kind"),
            "personal": gettext_lazy("Personal data"),
        },
        given_once=("of", "code", "kind"),
        may_edit=may_administer,
        who_may=who_may_administer,
    ),
)
