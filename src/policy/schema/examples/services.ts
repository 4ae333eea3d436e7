/** What the reference shows below the keys of a service; each is checked as a part of a whole set. */
export const SERVICES_EXAMPLE = `web:
  address: web-v2 # the routing key, where it is not the name
  balance: request
  hostHeader: service
  maxConnections: 200
  responseHead: 32KiB
  timeout: { connect: 2s, response: 30s, idle: 2m, stream: 2h, total: 10m }
  outlier: { failures: 3, min: 2s, max: 1m }
  retry: { ratio: 0.2, within: 500ms }
failover: { addresses: { priority: [web-east, web-west] } }
canary: { addresses: { weighted: { web-v2: 90, web-v3: 10 }, sticky: { header: x-customer } } }
carts: { addresses: { weighted: { carts-1: 1, carts-2: 1 }, sticky: session }, retry: off }
billing: # TLS end to end: the network carries ciphertext
  protocol: auto
  tls:
    ca: certs/billing-ca.pem
    serverName: billing.internal
    cert: certs/gateway.crt
    key: certs/gateway.key
grpc: { protocol: h2, alpn: h2 } # the far connector does the TLS
legacy: # a tcpListener of a router
  via: tcp
  host: router.example.internal
  port: 9443
  tls: { ca: certs/billing-ca.pem, cert: certs/gateway.crt, key: certs/gateway.key }
local: # beside the gateway
  url: 'http://127.0.0.1:3000'
  health: { path: /healthz, every: 5s, timeout: 1s, unhealthy: 2, healthy: 1 }
partner: https://partner.example.net # a URL alone
old: { url: 'http://old.example.internal', insecure: true } # warns W314: anybody on the way can read it`;
