"""Addresses of the reports. What is asked of one stands in the query, in the words of the contract."""

from django.urls import path

from reports import views

urlpatterns = [
    path("reports/", views.index, name="reports"),
    path("reports/progress/<int:snapshot_id>/", views.progress, name="report_progress"),
    path("reports/<slug:name>/", views.report, name="report"),
    path("reports/<slug:name>/csv/", views.download, {"form": "csv"}, name="report_csv"),
    path("reports/<slug:name>/json/", views.download, {"form": "json"}, name="report_json"),
    path("reports/<slug:name>/records/", views.records, name="report_records"),
    path("reports/<slug:name>/fresh/", views.fresh, name="report_fresh"),
]
