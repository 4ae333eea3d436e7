import assert from 'node:assert/strict';
import type { ClientHttp2Session } from 'node:http2';
import type { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { http1 } from '../../support/clients/bulk-client.ts';
import {
  bytesBefore,
  FRAMINGS,
  POINTS,
  startCutApplication,
  type CutApplication,
  type Framing,
  type Point,
} from '../../support/applications/cut-application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const RECOVERY_LIMIT_MS = 5_000;
const POINT_NAMES: Readonly<Record<Point, string>> = {
  start: 'start',
  middle: 'middle',
  nearly: 'very end',
};

let application: CutApplication;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await startCutApplication();
  router = await startRouter({ connectors: { 'app:1': application.backend.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "app:1" } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.backend.stop();
});

for (const point of Object.keys(POINTS) as Point[]) {
  test(`a router killed at the ${POINT_NAMES[point]} of downloads is an error to every client`, async () => {
    gateway.records.length = 0;
    const session = await http2To(gateway);
    const downloads = FRAMINGS.flatMap((framing) => [
      new Download(`HTTP/1.1 ${framing}`, { framing, point }, overHttp1),
      new Download(`HTTP/2 ${framing}`, { framing, point }, (path) => overHttp2(session, path)),
    ]);
    await Promise.all(downloads.map((download) => download.reached()));

    await router.kill();
    const outcomes = await Promise.all(downloads.map((download) => download.outcome));
    const whileDown = await ask();
    const readiness = await readyz();
    await router.restart();
    const recoveryMs = await recovered();
    session.destroy();

    for (const outcome of outcomes) assert.match(outcome, /: error /);
    assert.equal(whileDown.status, 503);
    assert.match(whileDown.retryAfter ?? '', /^[1-9]\d*$/);
    assert.equal(readiness.status, 503);
    assert.match(readiness.text, /no router connection is open/);
    console.log(`${point}: recovered ${recoveryMs.toFixed(0)} ms after the router's return`);
    assert.ok(recoveryMs < RECOVERY_LIMIT_MS);
    assertRecords(downloads.length);
  });
}

test('a router killed before the response head is a 502, and nothing is sent twice', async () => {
  const pending = gateway.request('/silent', { method: 'POST', body: 'x' });
  await waitUntil('the request is with the application', () => requestsOf('/silent') === 1);

  await router.kill();
  const response = await pending;
  await response.body.dump();
  await router.restart();
  await recovered();

  assert.equal(response.statusCode, 502);
  assert.equal(requestsOf('/silent'), 1);
});

/** One download that stands still at its point, and what its client sees in the end. */
class Download {
  readonly #name: string;
  readonly #wanted: number;
  #received = 0;
  readonly outcome: Promise<string>;

  constructor(
    name: string,
    at: { readonly framing: Framing; readonly point: Point },
    open: (path: string) => Promise<Readable>,
  ) {
    this.#name = name;
    this.#wanted = bytesBefore(at.framing, at.point);
    this.outcome = this.#run(open(`/${at.framing}/${at.point}`));
  }

  reached(): Promise<void> {
    return waitUntil(
      `${this.#name} is at its point`,
      () => this.#received === this.#wanted,
      15_000,
    );
  }

  async #run(opening: Promise<Readable>): Promise<string> {
    try {
      for await (const chunk of (await opening) as AsyncIterable<Buffer>) {
        this.#received += chunk.length;
      }
      return `${this.#name}: clean end`;
    } catch (error) {
      return `${this.#name}: error ${String(error)}`;
    }
  }
}

function overHttp1(path: string): Promise<Readable> {
  return http1(gateway, path);
}

async function overHttp2(session: ClientHttp2Session, path: string): Promise<Readable> {
  return session.request({ ':path': path, ':authority': 'app.example.test' });
}

async function ask() {
  const response = await gateway.request('/whole');
  await response.body.dump();
  const retryAfter = response.headers['retry-after'] as string | undefined;
  return { status: response.statusCode, retryAfter };
}

async function readyz() {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminPort}/readyz`);
  return { status: response.status, text: await response.text() };
}

/** Milliseconds until a request succeeds, with nobody's help. */
async function recovered(): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const { status } = await ask();
    const elapsedMs = performance.now() - startedMs;
    if (status === 200) return elapsedMs;
    if (elapsedMs > RECOVERY_LIMIT_MS) throw new Error(`still ${status} after ${elapsedMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One line each: the cut downloads, not complete, with the fault that cut them. */
function assertRecords(cut: number): void {
  const lines = gateway.records.filter((line) => line['url.path'] !== '/whole');
  assert.equal(lines.length, cut);
  for (const line of lines) {
    assert.equal(line['complete'], false);
    assert.equal(line['fault'], 'upstream_reset');
  }
  const text = gateway.gateway.metrics.render();
  assert.equal(metricValue(text, 'http_server_active_requests'), 0);
}

function requestsOf(path: string): number {
  return application.paths.filter((one) => one === path).length;
}
