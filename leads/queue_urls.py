"""The addresses of the hand-off queue; leads/urls.py mounts them, so that they are leads:queue and so on."""

from django.urls import path

from leads import queue_verbs as verbs
from leads import queue_views as views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/refresh/", views.refresh, name="queue-refresh"),
    path("queue/<int:pk>/", views.detail, name="handoff"),
    path("queue/<int:pk>/accept/", verbs.accept, name="handoff-accept"),
    path("queue/<int:pk>/reject/", verbs.reject, name="handoff-reject"),
    path("queue/<int:pk>/recycle/", verbs.recycle, name="handoff-recycle"),
    path("queue/<int:pk>/release/", verbs.release, name="handoff-release"),
    path("queue/<int:pk>/return/", verbs.give_back, name="handoff-return"),
    path("queue/<int:pk>/comment/", views.comment, name="handoff-comment"),
    path("queue/<int:pk>/reassign/", verbs.reassign, name="handoff-reassign"),
    path("leads/<int:pk>/offer/", verbs.offer_by_hand, name="offer"),
]
