import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { addressRule } from './address-rule.ts';
import { admin } from './admin.ts';
import { certificate } from './certificate.ts';
import { DEFAULTS } from './defaults.ts';
import {
  addressBlocks,
  byteRate,
  duration,
  listenAddress,
  mapping,
  path,
  rate,
  sizeWithin,
  wait,
  wholeNumber,
} from './scalars.ts';
import { pages } from './pages.ts';
import { GATEWAY_EXAMPLES } from './examples/gateway.ts';
import { shedding } from './shedding.ts';
import { tls } from './tls.ts';
import { sessions, store } from './sessions.ts';
import { inherited } from './inherited.ts';

const client = mapping('Time limits of clients.', {
  handshake: wait(
    'From accept to the end of the TLS handshake; on the plain port, to the first octets.',
    DEADLINES.clientHandshakeMs,
  ).optional(),
  headers: wait(
    'From the first octet of a request to its last field.',
    DEADLINES.clientHeadersMs,
  ).optional(),
  bodyMinRate: byteRate(
    'A request body slower than this is refused.',
    DEFAULTS.bodyMinRate,
  ).optional(),
  bodyTotal: wait('A request body may take this long at most. Default: no limit.').optional(),
  write: wait(
    'A client that reads nothing of a response for this long is dropped.',
    DEADLINES.clientWriteMs,
  ).optional(),
  idle: wait(
    'A connection without a request is closed after this.',
    DEADLINES.clientIdleMs,
  ).optional(),
});

const limits = mapping('Ceilings before authentication.', {
  connections: wholeNumber(
    'Client connections, all together.',
    1,
    1_000_000,
    DEFAULTS.connections,
  ).optional(),
  perClientAddress: mapping('Ceilings for one client address (IPv6 by /64).', {
    connections: wholeNumber(
      'Connections of one address.',
      1,
      1_000_000,
      DEFAULTS.connectionsPerAddress,
    ).optional(),
    rate: rate('Requests of one address. Default: no limit.').optional(),
    handshakes: rate(
      'TLS connections that one address may begin; the next is closed before its handshake. Default: no limit.',
    ).optional(),
  }).optional(),
  // Below, no browser's request fits; above, one connection's heads could hold megabytes.
  headerSize: sizeWithin('Request line and fields together.', {
    least: '1KiB',
    most: '1MiB',
    defaultBytes: DEFAULTS.headerBytes,
  }).optional(),
  // Below, no browser's request fits; above, fields over HTTP/2 meet the bound of the session first (2048).
  headerCount: wholeNumber(
    'Fields of a request; over HTTP/2 all cookies are one.',
    32,
    1024,
    DEFAULTS.headerCount,
  ).optional(),
});

const watch = z
  .union(
    [
      z.literal('off'),
      mapping('When changed files are read.', {
        settle: wait(
          'Files that did not change for this long are read.',
          DEADLINES.watchSettleMs,
        ).optional(),
        poll: wait(
          'Between two looks at the files, for changes that the system tells nothing of.',
          DEADLINES.watchPollMs,
        ).optional(),
      }),
    ],
    { error: 'must be "off" or { settle, poll }' },
  )
  .meta({
    description:
      'Changed policy files, certificates, keys, links and secrets are read by themselves. "off": only on SIGHUP or POST /-/reload.',
  });

const FIELD = 'must be "x-forwarded-for" or "forwarded"';
const TRUSTED = 'must be a list of addresses and blocks, or { from, field }';

const trustedProxies = z
  .union(
    [
      addressBlocks('Addresses of the proxies.'),
      mapping('Whose word counts, and where it stands.', {
        from: addressBlocks('Addresses of the proxies.'),
        field: z.enum(['x-forwarded-for', 'forwarded'], { error: FIELD }).optional().meta({
          description: 'The field that they write.',
          byDefault: DEFAULTS.forwardedBy,
        }),
      }),
    ],
    { error: TRUSTED },
  )
  .meta({
    description:
      'Proxies in front that say who the client is: the first address from the right that is none of theirs. Default: none.',
  });

/** `max-age` is required by RFC 6797 6.1.1; other directives as in 6.1.2 and the preload list. */
const HSTS = /^(off|max-age=\d{1,10}(; ?(includeSubDomains|preload))*)$/;
const HSTS_WANTED = 'must be "off" or a value such as "max-age=31536000; includeSubDomains"';

export const gateway = mapping('The gateway itself: where it listens and what it allows.', {
  listen: mapping('Where clients connect.', {
    https: listenAddress(
      'Port or "address:port" for https. With `plain` and without certificates and passthrough routes there is none by default.',
      DEFAULTS.httpsListen,
    ).optional(),
    http: listenAddress('Port that only redirects to https (308). Default: none.').optional(),
    plain: mapping(
      'For balancers that end TLS: HTTP/1.1 and HTTP/2 without TLS (h2c). The scheme of a request is what X-Forwarded-Proto says; anything but https is redirected.',
      {
        address: listenAddress('Port or "address:port".'),
        from: addressBlocks(
          'Addresses of the balancers. A connection from anywhere else is closed at once.',
        ),
      },
    ).optional(),
    proxyProtocol: mapping('Balancers that say by the PROXY protocol whose connection it is.', {
      from: addressBlocks(
        'Their addresses. A connection from there must begin with a header (version 1 or 2), one from anywhere else must not.',
      ),
    }).optional(),
  }).optional(),
  publicPort: wholeNumber(
    'The https port that clients see. Default: the https port.',
    1,
    65_535,
  ).optional(),
  certificates: z
    .array(certificate, { error: 'must be a list of certificates' })
    .optional()
    .meta({ description: 'Server certificates, chosen by the names in them.' }),
  defaultCertificate: certificate.optional().meta({
    description:
      'For clients whose server name no certificate has, or that name none. Default: the only certificate; of several none.',
  }),
  tls: tls.optional(),
  from: addressRule.optional(),
  trustedProxies: trustedProxies.optional(),
  admin: admin.optional(),
  drain: mapping('How the gateway stops.', {
    delay: duration('From not ready to closing the listeners.', DEADLINES.drainDelayMs).optional(),
    limit: duration(
      'How long requests in flight may still take.',
      DEADLINES.drainLimitMs,
    ).optional(),
  }).optional(),
  shedding: shedding.optional(),
  client: client.optional(),
  hsts: z
    .string({ error: HSTS_WANTED })
    .regex(HSTS, { error: HSTS_WANTED })
    .optional()
    .meta({
      description: `Strict-Transport-Security, or "off". Default "${DEFAULTS.hsts}", but not for localhost and addresses.`,
    }),
  state: path(
    'Folder for what is kept over restarts, such as earlier policies; "off" for none, without a warning. Default: $STATE_DIRECTORY, else none.',
  ).optional(),
  watch: watch.optional(),
  errors: mapping('What refusals tell their clients.', {
    detail: z.enum(['public', 'none'], { error: 'must be "public" or "none"' }).optional().meta({
      description:
        'Whether error pages and problem documents have the reason of a refusal, with its detail, and what to do. It helps clients, and whoever probes. Default none.',
    }),
  }).optional(),
  pages: pages.optional(),
  store: store.optional(),
  sessions: sessions.optional(),
  limits: limits.optional(),
  defaults: inherited.optional(),
}).meta({ examplesInYaml: GATEWAY_EXAMPLES });
