#!/bin/sh
# Start the service on PORT.
set -eu

: "${SECRET_KEY:?must be set}"
: "${API_USERS:?must be set}"

exec gunicorn --bind "0.0.0.0:${PORT:-8000}" core.main:app
