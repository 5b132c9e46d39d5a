#!/bin/sh
# Start the service on PORT.
set -eu

: "${SECRET_KEY:?must be set}"
: "${API_USERS:?must be set}"

exec uvicorn core.main:app --host 0.0.0.0 --port "${PORT:-8000}"
