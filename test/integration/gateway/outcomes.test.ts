import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createSecure, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Backend, closedPort } from '../../support/applications/backend.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { type AccessLine, TestGateway } from '../../support/gateway/gateway.ts';
import {
  type OutcomeApplication,
  startOutcomeApplication,
} from '../../support/applications/outcome-application.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/**
 * What becomes of a request, whichever way in it takes and whichever version its client speaks: the same
 * code, the same retries, and the same word about whether the application failed.
 */
const WAYS = ['lane', 'tcp'] as const;
const VERSIONS = ['1.1', '2'] as const;
type Way = (typeof WAYS)[number];
type Version = (typeof VERSIONS)[number];

interface Event {
  readonly what: string;
  readonly path: string;
  readonly method?: string;
  /** Where it leads. Default: to the application that does as its path says. */
  readonly to?: 'nobody' | 'closer' | 'stranger';
  /** Default: both. */
  readonly ways?: readonly Way[];
  /** Requests `/` first, so that a connection is kept alive. */
  readonly isReused?: boolean;
  /** The client leaves when the application has its request, or when it has the head. */
  readonly leaves?: 'before head' | 'after head';
  readonly service?: string;
  readonly fault: string | undefined;
  readonly status: number | undefined;
  readonly retries?: number;
  readonly isCounted?: boolean;
}

const EVENTS: readonly Event[] = [
  {
    what: 'the client leaves before the head',
    path: '/silent',
    leaves: 'before head',
    fault: 'client_gone',
    status: undefined,
  },
  {
    what: 'the client leaves after the head',
    path: '/begun',
    leaves: 'after head',
    fault: 'client_gone',
    status: 200,
  },
  {
    what: 'the connector cannot reach the application',
    path: '/',
    to: 'nobody',
    ways: ['lane'],
    fault: 'upstream_connect_failed',
    status: 502,
    retries: 1,
    isCounted: true,
  },
  {
    // What a tcpListener does when its connector cannot reach the application.
    what: 'the connection is closed as it opens',
    path: '/',
    to: 'closer',
    ways: ['tcp'],
    fault: 'upstream_reset',
    status: 502,
    isCounted: true,
  },
  {
    what: 'the router of the tcpListener is gone',
    path: '/',
    to: 'nobody',
    ways: ['tcp'],
    fault: 'upstream_connect_failed',
    status: 502,
    retries: 1,
  },
  {
    what: 'the certificate is not trusted',
    path: '/',
    to: 'stranger',
    fault: 'upstream_tls_failed',
    status: 502,
    isCounted: true,
  },
  {
    what: 'a new connection is reset before the head',
    path: '/reset',
    fault: 'upstream_reset',
    status: 502,
    isCounted: true,
  },
  {
    what: 'a new connection is ended before the head',
    path: '/end',
    fault: 'upstream_reset',
    status: 502,
    isCounted: true,
  },
  {
    what: 'a kept-alive connection is reset before the head',
    path: '/again',
    isReused: true,
    fault: undefined,
    status: 200,
    retries: 1,
  },
  {
    what: 'a kept-alive connection is reset before the head of a QUERY',
    path: '/again',
    method: 'QUERY',
    isReused: true,
    fault: undefined,
    status: 200,
    retries: 1,
  },
  {
    what: 'a kept-alive connection is reset before the head of a POST',
    path: '/again',
    method: 'POST',
    isReused: true,
    fault: 'upstream_reset',
    status: 502,
  },
  {
    what: 'the connection is reset in the body',
    path: '/cut',
    fault: 'upstream_reset',
    status: 200,
  },
  { what: 'the answer is no HTTP', path: '/babble', fault: 'upstream_protocol_error', status: 502 },
  {
    what: 'the answer is too late',
    path: '/silent',
    service: 'timeout: { response: 150ms }',
    fault: 'upstream_response_timeout',
    status: 504,
  },
  {
    what: 'the exchange takes too long',
    path: '/silent/total',
    fault: 'exchange_timeout',
    status: 504,
  },
];

/** Two in a row close a service, and nothing opens it again within a test. */
const OUTLIER = 'outlier: { failures: 2, min: 60s, max: 60s }';

let application: OutcomeApplication;
let secure: Server;
let closer: Backend;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await startOutcomeApplication();
  const stranger = await makeCa('a stranger');
  const { certPem, keyPem } = await issue(stranger, { names: ['secure', '127.0.0.1'] });
  secure = createSecure({ cert: certPem, key: keyPem }, () => {});
  secure.on('tlsClientError', () => {});
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const { port } = secure.address() as AddressInfo;
  closer = await Backend.start((socket) => socket.destroy());
  const targets = {
    app: application.address,
    nobody: { host: '127.0.0.1', port: await closedPort() },
    closer: closer.address,
    stranger: { host: '127.0.0.1', port },
  };
  router = await startRouter({
    connectors: {
      'app:1': targets.app,
      'nobody:1': targets.nobody,
      'stranger:1': targets.stranger,
    },
  });
  const ca = await makeCa('trusted');
  gateway = await TestGateway.start({
    links: [router.link],
    policy: policy((to) => targets[to].port),
    files: { 'ca.crt': ca.certPem },
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
  secure?.close();
  await closer?.stop();
});

for (const [index, event] of EVENTS.entries()) {
  for (const way of event.ways ?? WAYS) {
    for (const version of VERSIONS) {
      test(`${event.what}: ${way}, client over HTTP/${version}`, async () => {
        const host = hostOf(index, way, version);

        const lines: AccessLine[] = [];
        for (let i = 0; i < 2; i += 1) lines.push(await happens(event, host, version));
        const next = await lineOf(host, () =>
          send(version, host, event.to === undefined ? '/' : event.path),
        );

        const [line] = lines;
        const isClosed = String(next['fault_detail']).includes('times in a row');
        assert.deepEqual(
          {
            status: line!['http.response.status_code'],
            fault: line!['fault'],
            retries: line!['retries'] ?? 0,
            isClosed,
          },
          {
            status: event.status,
            fault: event.fault,
            retries: mayHaveComeTooLate(line!) ? (line!['retries'] ?? 0) : (event.retries ?? 0),
            isClosed: event.isCounted ?? false,
          },
          JSON.stringify([lines, next]),
        );
      });
    }
  }
}

/** No retry begins later than a second after its request, and a busy machine may need so long. */
function mayHaveComeTooLate(line: AccessLine): boolean {
  return Number(line['duration_ms']) > 1000;
}

async function happens(event: Event, host: string, version: Version): Promise<AccessLine> {
  if (event.isReused) await lineOf(host, () => send(version, host, '/'));
  return lineOf(host, () => send(version, host, event.path, event));
}

/** The access line of what `act` does. */
async function lineOf(host: string, act: () => Promise<void>): Promise<AccessLine> {
  const lines = () => gateway.records.filter((line) => line['server.address'] === host);
  const count = lines().length;
  await act();
  await waitUntil('the access line', () => lines().length > count);
  return lines()[count]!;
}

/** One request on a connection of its own; resolves when its end is seen, or the client has left. */
async function send(
  version: Version,
  host: string,
  path: string,
  { method = 'GET', leaves }: { readonly method?: string; readonly leaves?: Event['leaves'] } = {},
): Promise<void> {
  const count = application.seen.length;
  const arrived = () => waitUntil('the request arrives', () => application.seen.length > count);
  if (version === '2') {
    const session = await http2To(gateway, host);
    const fields = { ':method': method, ':path': path, ':authority': host };
    const stream = session.request(fields, { endStream: true });
    stream.on('error', () => {});
    stream.resume();
    const head = once(stream, 'response').catch(() => {});
    if (path === '/cut') void head.then(() => application.cut());
    if (leaves === undefined) await new Promise((resolve) => stream.once('close', resolve));
    else await (leaves === 'before head' ? arrived() : head);
    session.destroy();
    return;
  }
  using client = await rawTo(gateway, { servername: host });
  const length = method === 'GET' ? '' : 'Content-Length: 0\r\n';
  client.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${length}Connection: close\r\n\r\n`);
  if (path === '/cut') {
    await waitUntil('the head', () => client.received.includes('\r\n\r\n'));
    application.cut();
  }
  if (leaves === undefined)
    await waitUntil('the answer ends', () => client.isClosed || client.isEnded);
  else if (leaves === 'before head') await arrived();
  else await waitUntil('the head', () => client.received.includes('\r\n\r\n'));
  client.socket.destroy();
}

function hostOf(index: number, way: Way, version: Version): string {
  return `e${index}-${way}-${version === '2' ? 'h2' : 'h1'}.wild.example.test`;
}

/** A service and a route for each case, so that none sees what another has counted. */
function policy(portOf: (to: 'app' | NonNullable<Event['to']>) => number): string {
  const cases = EVENTS.flatMap((event, index) =>
    (event.ways ?? WAYS).flatMap((way) =>
      VERSIONS.map((version) => ({ event, way, host: hostOf(index, way, version) })),
    ),
  );
  const services = cases.map(({ event, way, host }) => {
    const to = event.to ?? 'app';
    const place =
      way === 'lane' ? `address: "${to}:1"` : `via: tcp, host: 127.0.0.1, port: ${portOf(to)}`;
    const parts = [
      place,
      OUTLIER,
      event.service,
      to === 'stranger' ? 'tls: { ca: ca.crt }' : undefined,
    ];
    return `  ${nameOf(host)}: { ${parts.filter((part) => part !== undefined).join(', ')} }`;
  });
  const routes = cases.map(
    ({ host }) =>
      `  ${nameOf(host)}: { host: ${host}, service: ${nameOf(host)}, auth: public, paths: { /silent/total: { timeout: { total: 150ms } }, /**: {} } }`,
  );
  return `services:\n${services.join('\n')}\nroutes:\n${routes.join('\n')}\n`;
}

function nameOf(host: string): string {
  return host.split('.', 1)[0]!;
}
