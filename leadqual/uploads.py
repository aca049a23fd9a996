"""No address takes a file: what comes along with a form is thrown away, and never lies on a disk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class NoFiles(FileUploadHandler):
    """Refuses a large body before it is read, and skips the files of a small one.

    Django counts the fields of a form against DATA_UPLOAD_MAX_MEMORY_SIZE, but not its files, which anybody could send
    to the sign-in page until the disk is full.
    """

    def handle_raw_input(self, input_data: Any, meta: Any, content_length: int, *_form: Any) -> None:
        """Raises RequestDataTooBig, which is told as 413."""
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("a form with files is larger than any of ours")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never asked: every file is skipped."""

    def file_complete(self, file_size: int) -> None:
        """Never asked: every file is skipped."""
