import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldNames, type FieldTrait } from '../../../../src/core/fields/fields.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { clientFields } from '../../../../src/forward/client-fields.ts';
import { requestTrailers } from '../../../../src/forward/request-trailers.ts';
import { scanFields } from '../../../../src/listener/http/field-scan.ts';
import { framedFields } from '../../../../src/listener/http/response-fields.ts';
import { checkHttp2Head, checkTrailers } from '../../../../src/listener/http2/http2-head.ts';
import { checkIdentityNames } from '../../../../src/policy/checks/check-headers.ts';
import { whyNotRuled } from '../../../../src/policy/checks/ruled-names.ts';
import type { FieldAct, FieldDirection } from '../../../../src/policy/checks/ruled-names.ts';
import type { SourceNode } from '../../../../src/policy/source/source.ts';
import { ownResponseFields } from '../../../../src/respond/own-response.ts';
import { clientResponseFields } from '../../../../src/respond/response-headers.ts';
import { clientTrailers } from '../../../../src/respond/response-trailers.ts';

/**
 * What happens to a field in each place; `-` where it passes like any other. It is the same over lanes and over
 * tcp (test/integration/gateway/guarded-names.test.ts). Over HTTP/1.1 and HTTP/2 it differs in one column, http2.
 *
 * alike:     a request with a look-alike of the name (`_` for `-`) is refused
 * nominated: a request whose Connection names it is refused
 * http2:     an HTTP/2 head or trailer with it is malformed (TE: unless it says `trailers`)
 * request:   the application does not get the client's
 * trailer:   nor in a trailer
 * identity:  a policy cannot set it under headers.identity
 * response:  the client does not get the application's
 * late:      nor in a trailer
 * page:      nor a plugin's on a page of the gateway
 * listener:  the listener writes it, whatever it is handed
 * set:       a policy cannot set or add it under headers.request
 * remove:    nor remove it there
 * set-r:     a policy cannot set or add it under headers.response
 * remove-r:  nor remove it there
 */
const TABLE = `
name                       alike nominated http2 request trailer identity response late page listener set remove set-r remove-r
X-Plain                    -     -         -     -       -       -        -        -    -    -        -   -      -     -
Connection                 -     -         x     x       x       x        x        x    x    x        x   x      x     x
Keep-Alive                 x     -         x     x       x       x        x        x    x    x        x   x      x     x
Proxy-Connection           x     -         x     x       x       x        x        x    x    x        x   x      x     x
Upgrade                    -     -         x     x       x       x        x        x    x    x        x   x      x     x
Transfer-Encoding          x     x         x     x       x       x        x        x    x    x        x   x      x     x
TE                         -     -         x     x       x       x        x        x    x    -        x   x      x     x
Trailer                    -     -         -     x       x       x        x        x    x    -        x   x      x     x
HTTP2-Settings             x     -         -     x       x       x        x        x    x    -        x   x      x     x
Expect                     -     -         -     x       x       x        x        x    x    -        x   x      x     x
Proxy-Authenticate         x     -         -     x       x       x        x        x    x    -        x   x      x     x
Proxy-Authentication-Info  x     -         -     x       x       x        x        x    x    -        x   x      x     x
Proxy-Authorization        x     -         -     x       x       x        x        x    x    -        x   x      x     x
Content-Length             x     x         -     x       x       x        x        x    x    x        x   x      x     x
Host                       -     x         -     x       x       x        x        x    x    x        x   x      x     x
Forwarded                  -     -         -     x       x       x        -        -    -    -        x   x      -     -
Via                        -     -         -     x       x       x        -        x    x    -        x   x      x     x
X-Forwarded-For            x     -         -     x       x       x        -        -    -    -        x   x      -     -
X-Forwarded-Host           x     -         -     x       x       x        -        -    -    -        x   x      -     -
X-Forwarded-Port           x     -         -     x       x       x        -        -    -    -        x   x      -     -
X-Forwarded-Proto          x     -         -     x       x       x        -        -    -    -        x   x      -     -
X-Forwarded-*              x     -         -     x       x       -        -        -    -    -        x   x      -     -
X-Real-IP                  x     -         -     x       x       -        -        -    -    -        x   x      -     -
Client-Cert                x     -         -     x       x       x        -        -    -    -        x   x      -     -
Client-Cert-Chain          x     -         -     x       x       x        -        -    -    -        x   x      -     -
Fairlead-*                 x     -         -     x       x       -        x        x    x    -        x   x      x     x
Authorization              -     x         -     -       x       -        -        x    -    -        x   -      -     -
Cookie                     -     x         -     -       x       x        -        x    -    -        x   -      x     -
Set-Cookie                 -     -         -     -       -       x        -        x    x    -        x   -      x     -
WWW-Authenticate           -     -         -     -       -       -        -        x    -    -        -   -      -     -
Proxy                      -     -         -     x       x       -        -        -    -    -        -   -      -     -
X-HTTP-Method              -     -         -     x       x       -        -        -    -    -        -   -      -     -
X-HTTP-Method-Override     -     -         -     x       x       -        -        -    -    -        -   -      -     -
X-Method-Override          -     -         -     x       x       -        -        -    -    -        -   -      -     -
X-Original-URL             -     -         -     x       x       -        -        -    -    -        -   -      -     -
X-Rewrite-URL              -     -         -     x       x       -        -        -    -    -        -   -      -     -
Content-Disposition        -     -         -     -       x       x        -        x    -    -        -   -      -     -
Content-Encoding           -     -         -     -       x       x        -        x    -    -        x   x      x     x
Content-Location           -     -         -     -       x       x        -        x    -    -        -   -      -     -
Content-Range              -     -         -     -       x       x        -        x    -    -        x   x      x     x
Content-Type               -     -         -     -       x       x        -        x    -    -        -   -      -     -
Cache-Control              -     -         -     -       x       x        -        x    x    -        -   -      -     -
Pragma                     -     -         -     -       x       x        -        x    x    -        -   -      -     -
Max-Forwards               -     -         -     -       x       x        -        x    -    -        -   -      -     -
Range                      -     -         -     -       x       x        -        x    -    -        -   -      -     -
If-*                       -     -         -     -       x       x        -        x    -    -        -   -      -     -
Age                        -     -         -     -       -       -        -        x    -    -        -   -      -     -
Date                       -     -         -     -       -       -        -        x    x    -        x   x      x     x
Expires                    -     -         -     -       -       -        -        x    x    -        -   -      -     -
Location                   -     -         -     -       -       -        -        x    -    -        x   x      x     x
Retry-After                -     -         -     -       -       -        -        x    -    -        -   -      -     -
Vary                       -     -         -     -       -       -        -        x    -    -        -   -      -     -
Warning                    -     -         -     -       -       -        -        x    -    -        -   -      -     -
Content-Security-Policy    -     -         -     -       -       -        -        x    -    -        -   -      -     -
Cross-Origin-*             -     -         -     -       -       -        -        x    -    -        -   -      -     -
Access-Control-*           -     -         -     -       -       -        -        x    -    -        -   -      x     -
Referrer-Policy            -     -         -     -       -       -        -        -    x    -        -   -      -     -
X-Content-Type-Options     -     -         -     -       -       -        -        -    x    -        -   -      -     -
CDN-Cache-Control          -     -         -     -       -       -        -        x    -    -        -   -      -     -
Surrogate-Control          -     -         -     -       -       -        -        x    -    -        -   -      -     -
Alt-Svc                    -     -         -     -       -       -        x        x    x    -        -   -      x     x
Strict-Transport-Security  -     -         -     -       -       -        x        x    x    -        -   -      x     x
Sec-WebSocket-*            -     -         -     -       -       -        -        -    -    -        x   x      x     x
Grpc-Status                -     -         -     -       -       -        -        -    -    -        x   x      x     x
RateLimit                  -     -         -     -       -       -        x        x    -    -        -   -      x     x
RateLimit-Policy           -     -         -     -       -       -        x        x    -    -        -   -      x     x
`;

const [, header, ...rows] = TABLE.split('\n').filter((line, i) => i === 0 || line !== '');
const PLACES = header!.split(/ +/).slice(1) as Place[];
const EXPECTED = new Map(rows.map((row) => [row.split(/ +/)[0]!, row.split(/ +/).slice(1)]));

const TRAITS: Record<FieldTrait, true> = {
  connection: true,
  hop: true,
  framing: true,
  vouched: true,
  written: true,
  credential: true,
  session: true,
  override: true,
  content: true,
  control: true,
  answer: true,
  replaced: true,
  limit: true,
  cors: true,
  shared: true,
  page: true,
  fixed: true,
};
const NAMES = fieldNames(...(Object.keys(TRAITS) as FieldTrait[]));

const NONE: ReadonlySet<string> = new Set();
const BOUNDS = { guardedNames: NONE, limits: { headerCount: 128 } };

/** True: the field does not pass. */
const STOPPED = {
  alike: (name) =>
    name.includes('-') && isRefusal(scanFields([name.replace('-', '_'), '1'], BOUNDS)),
  nominated: (name) => isRefusal(scanFields(['Connection', name], BOUNDS)),
  http2: (name) => isMalformedHead(name) || checkTrailers([name.toLowerCase(), 'x']) === undefined,
  request: (name) => isGone(name, (fields) => clientFields(fields, RULES)),
  trailer: (name) => isGone(name, (fields) => requestTrailers(fields, NONE)),
  identity: (name) => isRefusedByPolicy(name),
  response: (name) => isGone(name, (fields) => clientResponseFields(fields, RESPONSE)),
  late: (name) => isGone(name, clientTrailers),
  page: (name) => isGone(name, (fields) => ownResponseFields(fields, PAGE)),
  listener: (name) => isGone(name, (fields) => framedFields(200, fields, { length: undefined })),
  set: (name) => isGuarded(name, 'request', 'set') && isGuarded(name, 'request', 'add'),
  remove: (name) => isGuarded(name, 'request', 'remove'),
  'set-r': (name) => isGuarded(name, 'response', 'set') && isGuarded(name, 'response', 'add'),
  'remove-r': (name) => isGuarded(name, 'response', 'remove'),
} satisfies Record<string, (name: string) => boolean>;
type Place = keyof typeof STOPPED;

const RULES = {
  guarded: NONE,
  forwarded: NONE,
  removed: undefined,
  isAuthorizationKept: true,
};
const PAGE = { hsts: undefined, nowMs: 0, setCookies: [] };
const RESPONSE = {
  status: 200,
  receivedVersion: '1.1',
  hsts: undefined,
  rateLimitFields: ['x', 'y'],
  nowMs: 0,
};

function isGone(name: string, pass: (fields: string[]) => readonly string[]): boolean {
  return !pass([name, 'theirs']).includes('theirs');
}

function isGuarded(name: string, direction: FieldDirection, act: FieldAct): boolean {
  return whyNotRuled(name.toLowerCase(), direction, act) !== undefined;
}

function isMalformedHead(name: string): boolean {
  const pseudo = [':method', 'GET', ':scheme', 'https', ':authority', 'a.example', ':path', '/'];
  const checked = checkHttp2Head(
    {
      connection: { remoteAddress: '192.0.2.1' } as never,
      fields: [...pseudo, name.toLowerCase(), name === 'Host' ? 'a.example' : 'x'],
      isEndOfStream: true,
      maxBytes: 1000,
    },
    BOUNDS,
  );
  return isRefusal(checked) && checked.reason?.code === 'http2.field';
}

function isRefusedByPolicy(name: string): boolean {
  const span = {} as never;
  const text = (value: string): SourceNode => ({ kind: 'scalar', value, span }) as never;
  const map = (key: string, node: SourceNode): SourceNode =>
    ({ kind: 'map', entries: new Map([[key, { key: span, node }]]), span }) as never;
  const found: unknown[] = [];
  checkIdentityNames(map(name, text('x')), [], {
    add: (issue: unknown) => found.push(issue),
  } as never);
  return found.length > 0;
}

for (const name of ['X-Plain', ...NAMES]) {
  test(`${name} is stopped in the places of the table and in no other`, () => {
    const concrete = name.replace('*', 'Example');

    const stopped = PLACES.map((place) => (STOPPED[place](concrete) ? 'x' : '-'));

    assert.deepEqual(stopped, EXPECTED.get(name));
  });
}

test('the table has a row for every special field, and no other', () => {
  assert.deepEqual([...EXPECTED.keys()].sort(), ['X-Plain', ...NAMES].sort());
});
