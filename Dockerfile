# One image for web, worker and beat; docker-compose.yml says which of them a container is.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=leadqual.settings STATIC_ROOT=/srv/static
WORKDIR /srv/leadqual

COPY requirements/base.txt requirements/
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/base.txt

COPY . .
# Collecting reads the code only: it needs no secret and no database, so neither is left in the image.
RUN python manage.py collectstatic --noinput --verbosity 0 \
    && useradd --system --home-dir /srv leadqual \
    && install --directory --owner leadqual /srv/beat

USER leadqual
EXPOSE 8000
