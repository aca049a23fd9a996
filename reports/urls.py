from django.urls import path

from reports import views

urlpatterns = [
    path("reports/<slug:name>/records/", views.records, name="report_records"),
]
