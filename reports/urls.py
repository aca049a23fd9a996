"""Addresses of the reports. What is asked of one stands in the query, in the words of the contract."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("reports/", views.index, name="index"),
    path("reports/progress/<int:snapshot_id>/", views.progress, name="progress"),
    path("reports/<slug:name>/", views.report, name="report"),
    path("reports/<slug:name>/csv/", views.download, {"form": "csv"}, name="csv"),
    path("reports/<slug:name>/json/", views.download, {"form": "json"}, name="json"),
    path("reports/<slug:name>/records/", views.records, name="records"),
    path("reports/<slug:name>/fresh/", views.fresh, name="fresh"),
]
