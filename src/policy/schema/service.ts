import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { health } from './health.ts';
import { addresses, ROUTING_KEY } from './addresses.ts';
import { looksLikeUrl, parseServiceUrl } from '../rules/service-url.ts';
import { DEFAULTS } from './defaults.ts';
import { mapping, path, sizeWithin, text, wait, wholeNumber } from './scalars.ts';
import { timeout } from './timeout.ts';

const ROUTING_KEY_WANTED = 'must be a routing key: 1 to 255 printable characters without spaces';

const routingKey = (description: string) =>
  z
    .string({ error: ROUTING_KEY_WANTED })
    .regex(ROUTING_KEY, { error: ROUTING_KEY_WANTED })
    .refine((text) => !looksLikeUrl(text), {
      error: 'must be a routing key, not a URL; a URL goes to "url"',
    })
    .meta({ description });

const URL_WANTED =
  'must be a URL of scheme, host and port alone, such as "http://127.0.0.1:3000" or "https://app.internal"';

const serviceUrl = (description: string) =>
  z
    .string({ error: URL_WANTED })
    .refine((text) => parseServiceUrl(text) !== undefined, { error: URL_WANTED })
    .meta({ description });

/** What a route or path names: an entry of `services`, a routing key, or a URL. */
export const serviceName = (description: string) =>
  z
    .string({ error: ROUTING_KEY_WANTED })
    .regex(ROUTING_KEY, { error: ROUTING_KEY_WANTED })
    .refine((text) => !looksLikeUrl(text) || parseServiceUrl(text) !== undefined, {
      error: URL_WANTED,
    })
    .meta({ description });

// Below, no application's cookies and policies fit; above, no client would take the head.
export const responseHead = (description: string) =>
  sizeWithin(description, {
    least: '1KiB',
    most: '256KiB',
    defaultBytes: DEFAULTS.responseHeadBytes,
  }).optional();

const tls = mapping(
  'TLS to the application inside the stream; with via: tcp, to the tcpListener of a router.',
  {
    ca: path(
      'Certificates in PEM that the peer may present. With a URL it may be left out: then those that the system trusts.',
    ).optional(),
    serverName: text(
      'Name to expect in the certificate. Default: host, or the routing key without its port.',
    ).optional(),
    cert: path("The gateway's client certificate in PEM.").optional(),
    key: path('Its private key in PEM.').optional(),
  },
);

/** More would let the retries of all gateways double the load of a service that is in trouble. */
const RATIO = 'must be a number from 0.01 to 0.5';

const entry = mapping('What differs from the default for one service.', {
  address: routingKey(
    "Routing key in the Skupper network. Default: the service's name.",
  ).optional(),
  addresses: addresses.optional(),
  via: z.enum(['amqp', 'tcp']).optional().meta({
    description: "amqp: a stream over a router connection. tcp: a router's tcpListener.",
    byDefault: 'amqp',
  }),
  host: text('Host of the tcpListener (via: tcp).').optional(),
  port: wholeNumber('Port of the tcpListener (via: tcp).', 1, 65_535).optional(),
  url: serviceUrl(
    'The application itself, beside the gateway and outside of the Skupper network: scheme, host and port.',
  ).optional(),
  insecure: z.literal(true, { error: 'must be true' }).optional().meta({
    description:
      'true: connections without TLS may go to another machine, where anybody on the way can read and change requests.',
  }),
  tls: tls.optional(),
  alpn: z.enum(['http/1.1', 'h2']).optional().meta({
    description:
      'Protocol that the far connector requests in its own TLS to the application (ALPN). Not with tls.',
  }),
  protocol: z.enum(['http1', 'h2', 'auto']).optional().meta({
    description:
      'http1: HTTP/1.1. h2: HTTP/2, as gRPC needs. auto: what the application agrees to in TLS.',
    byDefault: DEFAULTS.protocol,
  }),
  balance: z.enum(['connection', 'request']).optional().meta({
    description:
      'connection: connections are kept, and each leads to one consumer. request: a new one for each request.',
    byDefault: DEFAULTS.balance,
  }),
  hostHeader: z
    .string({ error: 'must be "client", "service" or a literal host' })
    .regex(/^[A-Za-z0-9_.:[\]-]{1,255}$/, {
      error: 'must be "client", "service" or a literal host',
    })
    .optional()
    .meta({
      description: "Host that the application sees: client's, service's, or a literal.",
      byDefault: DEFAULTS.hostHeader,
    }),
  timeout: timeout(
    'Time limits of this service. The ones left out come from `gateway.defaults.timeout`.',
  ),
  outlier: mapping('A service whose connections keep failing gets two attempts at a time.', {
    failures: wholeNumber(
      'Failures in a row before that.',
      1,
      1_000,
      DEFAULTS.outlierFailures,
    ).optional(),
    min: wait('First pause between attempts; it doubles.', DEADLINES.outlierMinMs).optional(),
    max: wait('Longest pause.', DEADLINES.outlierMaxMs).optional(),
  }).optional(),
  health: health.optional(),
  retry: z
    .union(
      [
        z.literal('off'),
        mapping('When a request that reached nobody is sent again.', {
          ratio: z
            .number({ error: RATIO })
            .min(0.01, { error: RATIO })
            .max(0.5, { error: RATIO })
            .optional()
            .meta({
              description: 'Retries for each request of the service, at most.',
              byDefault: DEFAULTS.retryRatio,
            }),
          within: wait(
            'Only this soon after the request began.',
            DEADLINES.upstreamRetryMs,
          ).optional(),
        }),
      ],
      { error: 'must be "off", or a mapping with ratio and within' },
    )
    .optional()
    .meta({
      description:
        'Once, on another connection, and only where the application cannot have seen the request; off: never.',
    }),
  maxConnections: wholeNumber(
    'Most connections to the service.',
    1,
    100_000,
    DEFAULTS.maxConnections,
  ).optional(),
  responseHead: responseHead('Status line and fields of a response together.'),
});

export type ServiceInput = z.output<typeof entry>;

/** A URL alone stands for `{ url }`. */
export const service = z.union(
  [entry, serviceUrl('The URL of the application.').transform((url): ServiceInput => ({ url }))],
  { error: 'must be a mapping of keys or a URL' },
);
