#!/bin/sh
# Starts JupyterLab in the background, on loopback only, and prints the address to open once it answers.
# PORT: port on the instance (default: 8888). SMALL=1: a file server in its place, where there is no GPU.
set -eu
port=${PORT:-8888}
token=$(head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n')
mkdir -p notebooks
if [ -n "${SMALL:-}" ]; then
  setsid nohup python3 -m http.server "$port" --bind 127.0.0.1 --directory notebooks >notebook.log 2>&1 </dev/null &
else
  [ -d jupyter ] || { python3 -m venv jupyter && jupyter/bin/pip install --quiet jupyterlab; }
  setsid nohup jupyter/bin/jupyter lab --no-browser --ip 127.0.0.1 --port "$port" --notebook-dir notebooks \
    --IdentityProvider.token "$token" >notebook.log 2>&1 </dev/null &
fi
tries=0
until python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/')" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 120 ] || { cat notebook.log >&2; exit 1; }
  sleep 0.5
done
echo "http://127.0.0.1:$port/?token=$token"
