import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { DEFAULTS } from './defaults.ts';
import { mapping, path, size, text, wait, wholeNumber } from './scalars.ts';

const LINK = 'must be the path of a link file, a list of them, or { host, port, ca, cert, key }';

const explicitLink = mapping('An entry router, field by field.', {
  host: text('Host of the router.', 'must be a host name or address'),
  port: wholeNumber('Port of an edge or normal listener.', 1, 65_535),
  ca: path('Certificates in PEM that the router may present.'),
  cert: path("The gateway's client certificate in PEM."),
  key: path('Its private key in PEM.'),
  serverName: text('Name to expect in the certificate. Default: host.').optional(),
});

const link = z.union([path('Link file, folder with credentials, or connect.json.'), explicitLink], {
  error: LINK,
});

export const network = mapping('How the gateway joins the Skupper network.', {
  link: z
    .union([link, z.array(link, { error: LINK }).min(1, { error: LINK })], { error: LINK })
    .meta({
      description:
        'Output of "skupper link generate", a folder with ca.crt, tls.crt and tls.key, a connect.json, or explicit fields; a list for several entry routers.',
    }),
  connections: wholeNumber(
    'AMQP connections per entry router.',
    1,
    32,
    DEFAULTS.routerConnections,
  ).optional(),
  creditWait: wait(
    'A service without a consumer for this long is unavailable.',
    DEADLINES.laneCreditMs,
  ).optional(),
  openWait: wait('From opening a stream to its answer.', DEADLINES.laneOpenMs).optional(),
  backoff: mapping('Pause between attempts to connect: a random time between these two.', {
    min: wait('Shortest pause.', DEADLINES.reconnectMinMs).optional(),
    max: wait('Longest pause.', DEADLINES.reconnectMaxMs).optional(),
  }).optional(),
  unackedLimit: size(
    'Unacknowledged octets per connection, over all streams.',
    DEFAULTS.unackedBytes,
  ).optional(),
}).meta({
  examplesInYaml: [
    `link: secrets/link.yaml # as "skupper link generate" prints it
connections: 4
creditWait: 5s
openWait: 10s
backoff: { min: 200ms, max: 10s }
unackedLimit: 8MiB`,
    `# Two entry routers, one of them field by field.
link:
  - secrets/link.yaml
  - host: router.example.com
    port: 45671
    ca: certs/router-ca.pem
    cert: certs/gateway.crt
    key: certs/gateway.key
    serverName: router.internal`,
  ],
});
