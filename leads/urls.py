"""The addresses of leads and of the hand-off queue."""

from leads import queue_urls

app_name = "leads"

urlpatterns = [
    *queue_urls.urlpatterns,
]
