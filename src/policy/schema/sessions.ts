import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { isLoopbackHost } from '../../core/network-addresses.ts';
import { DEFAULTS } from './defaults.ts';
import { needs } from './claim-condition.ts';
import { whenDown } from './limits.ts';
import { mapping, path, text, wait, wholeNumber } from './scalars.ts';

const URL_WANTED = 'must be a rediss:// URL, or a redis:// URL of a loopback address';
const PREFIX = /^[!-~]{1,64}$/;
const PREFIX_WANTED = 'must be 1 to 64 printable ASCII characters without spaces';

/** Tokens of everybody who is logged in pass here: never in the clear between machines. */
function isSafeUrl(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || url.hostname === '') return false;
  return url.protocol === 'rediss:' || (url.protocol === 'redis:' && isLoopbackHost(url.hostname));
}

const SERVER_WANTED =
  'must be rediss://host:port, or redis:// of a loopback address, without a name, a password or a path';
const SERVERS_WANTED = 'must be a list of 1 to 64 URLs, all rediss:// or all redis://';

/** Servers of a cluster name others, for which user and password must hold as well. */
function isServer(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || !isSafeUrl(value)) return false;
  return (
    url.username === '' && url.password === '' && (url.pathname === '' || url.pathname === '/')
  );
}

/** Never shown: it may hold the password for which it is refused. */
const server = z
  .string({ error: SERVER_WANTED })
  .refine(isServer, { error: SERVER_WANTED })
  .meta({ writeOnly: true, format: 'uri' });

const servers = (description: string) =>
  z
    .array(server, { error: SERVERS_WANTED })
    .min(1, { error: SERVERS_WANTED })
    .max(64, { error: SERVERS_WANTED })
    .refine((urls) => new Set(urls.map((url) => URL.parse(url)?.protocol)).size <= 1, {
      error: SERVERS_WANTED,
    })
    .meta({ description });

const sentinel = mapping(
  'A Redis master that Sentinel watches; at a failover its successor is used.',
  {
    master: text("Sentinel's name of the master."),
    nodes: servers('URLs of Sentinels: rediss://host:port, redis:// on the loopback only.'),
    password: text('Password of Sentinels.').meta({ writeOnly: true }).optional(),
  },
);

export const store = mapping(
  'Where sessions, and data that replicas share, are stored: one of redis, cluster and sentinel. Default: memory.',
  {
    redis: z
      .string({ error: URL_WANTED })
      .refine(isSafeUrl, { error: URL_WANTED })
      .optional()
      .meta({
        description: 'URL of a Redis server: rediss://host:port, redis:// on the loopback only.',
        writeOnly: true,
        format: 'uri',
      }),
    cluster: servers(
      'URLs of some servers of a Redis Cluster: rediss://host:port, redis:// on the loopback only. They name the others.',
    ).optional(),
    sentinel: sentinel.optional(),
    ca: path("Authorities of the servers' certificates. Default: the system's.").optional(),
    user: text('Name to log in with. Default: the one in the URL.').optional(),
    password: text('Password to log in with.').meta({ writeOnly: true }).optional(),
    prefix: z
      .string({ error: PREFIX_WANTED })
      .regex(PREFIX, { error: PREFIX_WANTED })
      .optional()
      .meta({ description: 'Prefix of every key.', byDefault: DEFAULTS.storePrefix }),
    whenDown: whenDown('What limits do while Redis is away.')
      .optional()
      .meta({ byDefault: DEFAULTS.whenDown }),
    timeout: wait(
      'A request waits this long at most for its limits; then "whenDown" decides.',
      DEADLINES.limitStoreMs,
    ).optional(),
    replicas: wholeNumber(
      'Gateways that share this store: with "local-share" each admits its part of a rate while Redis is away.',
      1,
      1_000,
    )
      .optional()
      .meta({ byDefault: DEFAULTS.replicas }),
  },
).refine(
  ({ redis, cluster, sentinel: watched }) =>
    [redis, cluster, watched].filter((place) => place !== undefined).length === 1,
  needs('must have exactly one of redis, cluster, sentinel'),
);

export type StoreInput = z.output<typeof store>;

const KEYS_WANTED = 'must be a list of secrets, the newest first';
const KEY_WANTED = 'must be a secret of at least 32 characters';
const MODES = ['server', 'cookie'] as const;

export const sessions = mapping('Sessions of people who logged in.', {
  store: z
    .enum(MODES, { error: `must be one of ${MODES.join(', ')}` })
    .optional()
    .meta({
      description:
        'server: kept in the store, the cookie holds an id. cookie: kept encrypted in the cookie, without back-channel logout.',
      byDefault: DEFAULTS.sessionStore,
    }),
  idle: wait(
    'A session ends after this long without a request.',
    DEADLINES.sessionIdleMs,
  ).optional(),
  absolute: wait(
    'A session ends after this long, even when it is in use.',
    DEADLINES.sessionAbsoluteMs,
  ).optional(),
  keys: z
    .array(z.string({ error: KEY_WANTED }).min(32, { error: KEY_WANTED }), { error: KEYS_WANTED })
    .min(1, { error: KEYS_WANTED })
    .max(8, { error: 'must have at most 8 keys' })
    .optional()
    .meta({
      description: 'For "store: cookie": secrets, the newest first; the others still open cookies.',
      writeOnly: true,
    }),
}).refine(({ store, keys }) => store !== 'cookie' || keys !== undefined, {
  path: ['store'],
  error: 'must have "keys" beside it to be cookie',
});
