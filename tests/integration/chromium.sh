#!/bin/sh
# Installs Chromium for the browser's tests where there is none, this is Debian or a relative of
# it, and we may. Where not, those tests are skipped and say why.
set -eu

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || exit 0
echo "installing Chromium for the browser's tests" >&2
export DEBIAN_FRONTEND=noninteractive
{
    apt-get update -qq &&
        apt-get install -qq --yes --no-install-recommends chromium
} >/dev/null 2>&1 || echo "Chromium could not be installed; its tests are skipped" >&2
