# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
# PyTorch's CPU wheels: without them a Linux install brings gigabytes of GPU libraries.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
WORKDIR /src
COPY constraints.txt ./
RUN /opt/venv/bin/pip install --constraint constraints.txt --extra-index-url "$TORCH_INDEX" torch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY qa_service qa_service
RUN /opt/venv/bin/pip install --constraint constraints.txt .

FROM python:3.11-slim-bookworm
# libgomp: OpenMP, which torch and FAISS need; its version is the distribution's.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin qa \
    && install --directory --owner=qa /data/corpus /data/index
COPY --from=build /opt/venv /opt/venv
COPY --chown=qa corpus /data/corpus
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HOME=/tmp/huggingface \
    QA_CORPUS_DIR=/data/corpus \
    QA_INDEX_DIR=/data/index \
    QA_HOST=0.0.0.0 \
    QA_PORT=8000
USER 10001
EXPOSE 8000
VOLUME ["/data/index"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=180s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["qa-service", "serve"]
