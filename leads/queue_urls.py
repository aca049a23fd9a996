"""The addresses of the hand-off queue; leads/urls.py mounts them, so that they are leads:queue and so on."""

from django.urls import path

from leads import queue_views as views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/refresh/", views.refresh, name="queue-refresh"),
    path("queue/<int:pk>/", views.detail, name="handoff"),
    path("queue/<int:pk>/accept/", views.accept, name="handoff-accept"),
    path("queue/<int:pk>/reject/", views.reject, name="handoff-reject"),
    path("queue/<int:pk>/recycle/", views.recycle, name="handoff-recycle"),
    path("queue/<int:pk>/release/", views.release, name="handoff-release"),
    path("queue/<int:pk>/return/", views.give_back, name="handoff-return"),
    path("queue/<int:pk>/comment/", views.comment, name="handoff-comment"),
    path("queue/<int:pk>/reassign/", views.reassign, name="handoff-reassign"),
    path("leads/<int:pk>/offer/", views.offer_by_hand, name="offer"),
]
