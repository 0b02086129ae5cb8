# The serving image: the base install with the model inside, no torch, nothing running as root.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv venv
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ru_stance.py ./
COPY models models
COPY service service
COPY training/*.py training/
RUN --mount=type=cache,target=/root/.cache/pip \
    venv/bin/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt .

FROM python:3.13-slim
WORKDIR /app
COPY --from=build /app/venv venv
# Listening on all addresses of the container is refused until RU_STANCE_ALLOW_OPEN=true says that it is wanted.
ENV PATH=/app/venv/bin:$PATH RU_STANCE_HOST=0.0.0.0 RU_STANCE_PORT=8000
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['RU_STANCE_PORT'] + '/readyz', timeout=4)"]
CMD ["ru-stance", "serve"]
