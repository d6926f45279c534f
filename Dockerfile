# One image for every role of Teken; the command says which.
FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends softhsm2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --uid 10001 teken \
    && install -d -o teken -g teken -m 0700 /var/lib/teken /var/lib/eoffice

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY LICENSE LICENSE
COPY signer signer
COPY ca ca
COPY verifier verifier
COPY hsm_config hsm_config
COPY store store
COPY api api
COPY clients/sdk/src clients/sdk/src
COPY clients/eoffice clients/eoffice
RUN python -m compileall -q signer ca verifier hsm_config store api clients

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app:/app/clients:/app/clients/sdk/src
USER teken
ENTRYPOINT ["python", "-m", "api"]
CMD ["--help"]
