// npm run measure dripping: a thousand clients that drip bodies, then heads, over HTTP/1.1 and HTTP/2, and an
// honest client beside them. Two minutes; loopback only.
import { connect, constants } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Application } from '../../test/support/applications/application.ts';
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { startRouter } from '../../test/support/routers/router.ts';

const CLIENTS = 1_000;
/** Handshakes at a time: the machine has few cores, and the measured thing is what comes after. */
const BATCH = 50;
/** `gateway.client.headers`, and the window of `bodyMinRate`, with a tick of a second before and after. */
const LIMIT_MS = 12_000;
/** An unfinished head over HTTP/2 is noticed one look later, when it is known what it lacks (docs/waits.md). */
const HTTP2_HEAD_LIMIT_MS = 13_000;
/** The client's own clock starts before the gateway has seen an octet, with a thousand others beside it. */
const SLACK_MS = 300;
/** All end within this after they were opened, or the measurement fails. */
const WAIT_MS = 25_000;
const HOST = 'app.example.test';

await using application = await Application.start((request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
});
await using router = await startRouter({ connectors: { 'app:1': application.address } });
await using gateway = await GatewayProcess.start({
  links: [router.link],
  gateway: 'limits: { connections: 5000, perClientAddress: { connections: 5000 } }',
  policy: `
services: { app: { address: "app:1", maxConnections: 1200 } }
routes: { app: { host: ${HOST}, service: app, auth: public } }
`,
});

type Drip = (socket: TLSSocket) => () => void;

const http1 =
  (head: string, octets: string): Drip =>
  (socket) => {
    socket.write(head);
    return () => socket.write(octets);
  };

interface Attack {
  readonly alpn: string;
  readonly begin: Drip;
  /** Default: `LIMIT_MS`. */
  readonly limitMs?: number;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'bodies over HTTP/1.1': {
    alpn: 'http/1.1',
    begin: http1(
      `POST / HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      '1\r\nx\r\n',
    ),
  },
  'heads over HTTP/1.1': {
    alpn: 'http/1.1',
    begin: http1(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n`, 'x: y\r\n'),
  },
  'bodies over HTTP/2': {
    alpn: 'h2',
    begin: (socket) => {
      const session = connect(`https://${HOST}`, { createConnection: () => socket });
      session.on('error', () => {});
      const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
      stream.on('error', () => {});
      // The answer, or the reset: the client goes on as long as it may.
      stream.on('response', () => session.destroy());
      stream.on('close', () => session.destroy());
      return () => void (stream.closed || stream.write('x'));
    },
  },
  'heads over HTTP/2': {
    alpn: 'h2',
    limitMs: HTTP2_HEAD_LIMIT_MS,
    begin: (socket) => {
      const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
      const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
      // HEADERS of stream 1 without END_HEADERS, `:method: GET`; then a CONTINUATION of 16000 octets.
      const headers = [0, 0, 1, 1, constants.NGHTTP2_FLAG_END_STREAM, 0, 0, 0, 1, 0x82];
      const continuation = [0, 0x3e, 0x80, 9, 0, 0, 0, 0, 1];
      socket.write(
        Buffer.concat([
          Buffer.from(preface),
          Buffer.from([...settings, ...headers, ...continuation]),
        ]),
      );
      return () => socket.write(Buffer.from([0]));
    },
  },
};

const alone = await honest(8_000);
console.log(`honest client alone: p99 ${alone.toFixed(1)} ms`);
for (const [name, { alpn, begin, limitMs = LIMIT_MS }] of Object.entries(ATTACKS)) {
  const opened = await openAll(alpn, begin);
  const [beside] = await Promise.all([
    honest(8_000),
    Promise.all(opened.map(({ ended }) => ended)),
  ]);
  const lives = opened.map(({ lifeMs }) => lifeMs()).toSorted((a, b) => a - b);
  const last = lives.at(-1)!;
  console.log(
    `${name}: ${lives.length} dripped, ended after ${seconds(lives[0]!)} to ${seconds(last)} s (limit ${seconds(limitMs)}); ` +
      `honest p99 ${beside.toFixed(1)} ms, ${(beside / alone).toFixed(2)} of alone`,
  );
  if (last >= limitMs + SLACK_MS) process.exitCode = 1;
}

interface Dripping {
  readonly ended: Promise<void>;
  readonly lifeMs: () => number;
}

async function openAll(alpn: string, begin: Drip): Promise<Dripping[]> {
  const all: Dripping[] = [];
  for (let i = 0; i < CLIENTS; i += BATCH) {
    all.push(...(await Promise.all(Array.from({ length: BATCH }, () => open(alpn, begin)))));
  }
  return all;
}

async function open(alpn: string, begin: Drip): Promise<Dripping> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: gateway.port,
    ca: gateway.caPem,
    servername: HOST,
    ALPNProtocols: [alpn],
  });
  await new Promise((resolve, reject) =>
    socket.once('secureConnect', resolve).once('error', reject),
  );
  const startedMs = performance.now();
  let endedMs: number | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    endedMs ??= performance.now();
    clearInterval(timer);
    clearTimeout(late);
    socket.destroy();
    resolve();
  };
  const drip = begin(socket);
  if (alpn === 'http/1.1') socket.on('data', end);
  socket.on('error', end).on('end', end).on('close', end);
  const timer = setInterval(drip, 1_000);
  const late = setTimeout(end, WAIT_MS);
  return { ended: promise, lifeMs: () => (endedMs ?? Infinity) - startedMs };
}

/** One request after the other for a while: the 99th of a hundred times. */
async function honest(forMs: number): Promise<number> {
  const times: number[] = [];
  for (const endMs = performance.now() + forMs; performance.now() < endMs;) {
    const startedMs = performance.now();
    const response = await gateway.request('/');
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    await response.body.dump();
    times.push(performance.now() - startedMs);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
