/** What the reference shows below the keys of `gateway`; each is checked as a part of a whole set. */
export const GATEWAY_EXAMPLES = [
  `listen:
  https: 443
  http: '0.0.0.0:80' # only redirects to https
  proxyProtocol: { from: [10.0.0.0/8] } # a TCP balancer in front
  plain: { address: 8080, from: [10.0.0.7] } # a balancer that ends TLS
publicPort: 443
certificates: [certs/app, { cert: certs/api.crt, key: certs/api.key }]
defaultCertificate: certs/app
tls:
  min: TLSv1.3
  ciphers: [TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256]
  groups: [X25519MLKEM768, X25519]
  alpn: [http/1.1] # no HTTP/2
from: { allow: [192.0.2.0/24, '2001:db8::/32'], deny: [192.0.2.7] }
trustedProxies: { from: [10.0.0.0/8], field: forwarded } # an HTTP balancer in front
admin:
  listen: '0.0.0.0:9090'
  health: '0.0.0.0:8081'
  metrics: true
  certificate: { cert: certs/api.crt, key: certs/api.key }
  auth: { clientCa: certs/admins-ca.pem }
  hosts: [fairlead.example.internal]
drain: { delay: 10s, limit: 1m }
client: { handshake: 5s, headers: 5s, bodyMinRate: 1KiB/s, bodyTotal: 10m, write: 30s, idle: 60s }
hsts: max-age=63072000; includeSubDomains
state: /var/lib/fairlead
watch: { settle: 1s, poll: 30s }
errors: { detail: public }
pages:
  brand: { name: Example, logo: pages/logo.svg, colours: { accent: '#0b5d66' } }
  support: https://help.example.com
  templates: { forbidden: pages/forbidden.html, default: pages/other.html }
store:
  redis: rediss://redis.example.com:6380
  ca: certs/redis-ca.pem
  user: fairlead
  password: '\${file:secrets/redis}'
  prefix: 'edge:'
  whenDown: closed # of limits: local-share, open or closed
  timeout: 100ms # of a look at a limit
  replicas: 3
sessions: { store: cookie, idle: 1h, absolute: 8h, keys: ['\${file:secrets/session-key}'] }
shedding: { eventLoopDelay: 200ms, memory: 85%, queue: 5000 }
limits:
  connections: 20000
  perClientAddress: { connections: 100, rate: 200/s, handshakes: 50/s }
  headerSize: 64KiB
  headerCount: 200
defaults:
  auth: api
  require: { claims: { email_verified: true } }
  body: 20MiB
  websocket: false
  timeout: { connect: 2s, response: 30s, idle: 2m, stream: 2h, total: 10m }
  headers:
    identity: { x-user: identity.subject }
    preset: web # or off
    request: { set: { x-client: '{request.client.ip}' }, add: { x-way: fairlead }, remove: [x-debug] }
    response: { set: { x-request-id: '{request.id}' }, add: { x-way: fairlead }, remove: [server] }
  forwardHeaders: [X-Original-URL]
  path: { encodedSlash: keep, parameters: keep, emptySegments: keep }
  cors: { origins: ['https://www.example.com'], methods: [PUT], headers: [x-trace], credentials: true, maxAge: 1h }
  responseHead: 32KiB`,
  `# The same keys in other forms.
listen: { https: '[::1]:8443' }
certificates: [certs/app]
defaultCertificate: { cert: certs/api.crt, key: certs/api.key }
trustedProxies: [10.0.0.0/8] # X-Forwarded-For
admin:
  listen: '0.0.0.0:9090'
  certificate: certs/app
  auth: { tokens: ['\${file:secrets/admin-token}'] }
store:
  sentinel:
    master: main
    nodes: ['rediss://sentinel-1.example.com:26379', 'rediss://sentinel-2.example.com:26379']
    password: '\${file:secrets/sentinel}'
hsts: off
watch: off
tls: { max: TLSv1.2 }`,
  `# Sessions and limits in a cluster.
certificates: [certs/app, { cert: certs/api.crt, key: certs/api.key }]
store: { cluster: ['rediss://redis-1.example.com:6380', 'rediss://redis-2.example.com:6380'] }`,
] as const;
