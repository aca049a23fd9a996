"""The product's addresses, and the floor's."""

from django.urls import path

from leadqual.urls import urlpatterns as product
from tests.bench import floors

urlpatterns = [
    *product,
    path("floor/page/", floors.page),
    path("floor/list/", floors.listing),
    path("floor/write/", floors.write),
]
