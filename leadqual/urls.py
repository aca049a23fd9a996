"""The addresses of the product. Each room that shows pages names its own below its prefix."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from leadqual import health
from opportunities.home_views import home
from users import sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home, name="home"),
    # The product sends no mail, so what allauth would send mail for is not there (users/sign_in.py).
    path("auth/password/reset/", sign_in.ask_for_a_link),
    path("auth/password/reset/done/", sign_in.ask_for_a_link),
    re_path("auth/(email|confirm-email)/", sign_in.no_mail),
    path("auth/", include("allauth.urls")),
    path("api/v1/", include("leadqual.api_urls")),
    path("", include("users.urls")),
    path("", include("accounts.urls")),
    path("", include("scoring.urls")),
    path("", include("leads.urls")),
    path("", include("opportunities.urls")),
    path("", include("reports.urls")),
]
# Named here for Django: what failed because the database was away is a 503, what was too much is a 413.
handler500 = "leadqual.failures.server_error"
handler400 = "leadqual.failures.bad_request"
