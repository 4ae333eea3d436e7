#!/bin/sh
# Throw-away certificates for this example: one authority, the routers' pair, the gateway's client pair, and
# the gateway's server pair. Needs openssl 3.
set -eu
cd "$(dirname "$0")"
mkdir -p certificates/gateway
cd certificates
curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30'

# shellcheck disable=SC2086
openssl req -x509 $curve -keyout ca.key -out ca.crt -subj '/CN=skupper-site-ca' 2>/dev/null

issue() { # file, common name, subject alternative names, extended key usage
  # shellcheck disable=SC2086
  openssl req -x509 $curve -CA ca.crt -CAkey ca.key -keyout "$1.key" -out "$1.crt" -subj "/CN=$2" \
    -addext "subjectAltName=$3" -addext "extendedKeyUsage=$4" \
    -addext 'basicConstraints=critical,CA:FALSE' 2>/dev/null
}
issue router router 'DNS:router-a,DNS:router-a2,DNS:router-e,DNS:localhost,IP:127.0.0.1' serverAuth,clientAuth
issue client fairlead DNS:fairlead clientAuth
issue gateway/tls localhost DNS:localhost serverAuth
# The router image and the gateway run as users of their own.
chmod 0644 ./*.key gateway/*.key
