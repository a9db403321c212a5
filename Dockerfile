# syntax=docker/dockerfile:1
# Python as the lock files were made for and the tests run on. Its digest is pinned by adding
# "@sha256:..." as `docker buildx imagetools inspect python:3.11.14-slim-bookworm` shows it.
FROM python:3.11.14-slim-bookworm AS python

FROM python AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_PYTHON=/opt/matome/bin/python
WORKDIR /src
# Only what pip checks by its hash, and nothing that would have to be compiled.
COPY requirements.txt ./
RUN python -m venv --without-pip /opt/matome \
    && pip install --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot ./bot
COPY adapters ./adapters
COPY storage ./storage
RUN pip install --no-deps --no-index --no-build-isolation . \
    && pip uninstall --yes setuptools

FROM python
# git and ssh fetch archives; tini reaps what a git that was killed leaves behind. Debian keeps
# only its newest versions, so none is named. The bytecode of Python's own library is not in its
# image and could not be kept where the image is read-only: each start would take 0.4 s longer.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git openssh-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin matome \
    && install --directory --owner=matome --group=matome --mode=0700 /data \
    && python -m compileall -q -j 0 /usr/local/lib/python3.11
COPY --from=build /opt/matome /opt/matome
ENV PATH=/opt/matome/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    MATOME_DATA=/data \
    MATOME_HTTP=:8080
LABEL org.opencontainers.image.title="matome" \
      org.opencontainers.image.description="A chat bot for an archive of Japanese tech-news digests" \
      org.opencontainers.image.licenses="MIT"
# By number, so that Kubernetes sees that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['MATOME_HTTP'].rpartition(':')[2]), timeout=5); c.request('GET', '/livez'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["tini", "--", "matome"]
CMD ["run"]
