# One image for the web server, the workers and the scheduler; compose.yaml says which of them a container is.
FROM python:3.12-slim-bookworm AS packages
WORKDIR /app
COPY requirements/server.txt requirements/
RUN python -m venv /app/.venv \
 && /app/.venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/server.txt

FROM python:3.12-slim-bookworm
# Nobody: owns neither the program nor its packages, and can write one folder alone.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin her2tracker \
 && install -d -o her2tracker -g her2tracker /srv/her2tracker
WORKDIR /app
COPY --from=packages /app/.venv /app/.venv
COPY manage.py pyproject.toml ./
COPY her2tracker her2tracker
COPY scheduling scheduling
COPY monitoring monitoring
COPY templates templates
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HER2TRACKER_STATE=/srv/her2tracker
# Values for this step alone: the settings refuse to load without them, and none is kept in the image.
RUN HER2TRACKER_SECRET_KEY=build HER2TRACKER_HOSTS=build HER2TRACKER_PUBLIC_URL=https://build \
    HER2TRACKER_SMTP_HOST=build HER2TRACKER_MAIL_FROM=build@build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --noinput --verbosity 0 --skip-checks
USER her2tracker
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["python", "-m", "her2tracker.health_check", "http://127.0.0.1:8000/health/"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "sync", "--preload", "--timeout", "60", \
     "--graceful-timeout", "20", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-", \
     "--access-logformat", "%(t)s \"%(m)s %(U)s\" %(s)s %(B)s bytes %(D)s us", "her2tracker.wsgi:application"]
