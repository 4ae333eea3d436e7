import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { startFrameApplication } from '../../support/applications/frame-application.ts';
import type { FieldPairs } from '../../support/applications/frame-application.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { FLAG, FRAME, frame, literals } from '../../support/clients/http2-frames.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

// An application that sends interim responses without end, to a client that reads nothing.

const LINK = `<${'x'.repeat(8_000)}>`;
const HINT = `HTTP/1.1 103 Early Hints\r\nLink: ${LINK}\r\n\r\n`;
/** What the gateway's ceiling of 64, the buffers of kernels and a lane's window take together, and no more. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Far beyond it, and an end for a gateway that takes everything. */
const OFFERED = 8_000;
const HINTS: FieldPairs[] = Array.from({ length: 500 }, () => [
  [':status', '103'],
  ['link', LINK],
]);

let http1: Backend;
let http2: Backend;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  http1 = await Backend.start((socket) => socket.once('data', () => hintWithoutEnd(socket)));
  http2 = await startFrameApplication(() => HINTS);
  router = await startRouter({ connectors: { 'app:1': http1.address, 'h2:1': http2.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services:
  lane: { address: "app:1" }
  tcp: { via: tcp, host: 127.0.0.1, port: ${http1.address.port} }
  lane-h2: { address: "h2:1", protocol: h2 }
  tcp-h2: { via: tcp, host: 127.0.0.1, port: ${http2.address.port}, protocol: h2 }
routes:
${['lane', 'tcp', 'lane-h2', 'tcp-h2']
  .map((name) => `  ${name}: { host: ${hostOf(name)}, service: ${name}, auth: public }`)
  .join('\n')}
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await http1?.stop();
  await http2?.stop();
});

const CLIENTS = {
  'HTTP/1.1': async (host: string) => {
    const client = await secureTo(gateway, { servername: host });
    client.on('error', () => {});
    client.pause();
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return () => client.destroy();
  },
  'HTTP/2': async (host: string) => {
    const client = await secureTo(gateway, { servername: host, ALPNProtocols: ['h2'] });
    client.on('error', () => {});
    client.pause();
    const fields = [
      [':method', 'GET'],
      [':scheme', 'https'],
      [':authority', host],
      [':path', '/'],
    ] as const;
    client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    client.write(frame(FRAME.settings, 0, 0, Buffer.alloc(0)));
    client.write(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, literals(fields)));
    return () => client.destroy();
  },
} as const;

for (const service of ['lane', 'tcp'] as const) {
  for (const [version, ask] of Object.entries(CLIENTS)) {
    test(`an HTTP/1.1 application over ${service} is held or given up: client of ${version}`, async () => {
      gateway.records.length = 0;
      const next = http1.connections.length + 1;
      const leave = await ask(hostOf(service));
      const connection = await http1.connection(next);

      const given = await heldAt(connection);
      leave();
      const record = await gateway.record();

      if (given === undefined) assert.equal(record['fault'], 'upstream_protocol_error');
      else assert.ok(given < MOST_BYTES, `${given} octets were taken`);
    });
  }
}

for (const service of ['lane-h2', 'tcp-h2'] as const) {
  for (const [version, ask] of Object.entries(CLIENTS)) {
    test(`an HTTP/2 application over ${service} is given up after 64: client of ${version}`, async () => {
      gateway.records.length = 0;
      const leave = await ask(hostOf(service));

      const record = await gateway.record();
      leave();

      assert.equal(record['fault'], 'upstream_protocol_error');
    });
  }
}

function hostOf(service: string): string {
  return `${service}.wild.example.test`;
}

function hintWithoutEnd(socket: Socket): void {
  let count = 0;
  const more = (): void => {
    while (count < OFFERED && !socket.destroyed) {
      count += 1;
      if (!socket.write(HINT)) return void socket.once('drain', more);
    }
  };
  more();
}

/**
 * Octets that the application could send, once no more go for half a second. Undefined: the gateway gave up
 * before, and what a router takes from then on is not its doing.
 */
async function heldAt(socket: Socket): Promise<number | undefined> {
  const given = () => socket.bytesWritten - socket.writableLength;
  let [last, sinceMs] = [-1, 0];
  await waitUntil('no octet goes, or the gateway gave up', () => {
    const nowMs = performance.now();
    if (given() !== last) [last, sinceMs] = [given(), nowMs];
    return gateway.records.length > 0 || nowMs - sinceMs > 500;
  });
  return gateway.records.length > 0 ? undefined : last;
}
