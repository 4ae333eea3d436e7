import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter } from '../../support/routers/router.ts';

const STREAMS = 500;
/** A session takes a hundred streams; fewer leave room for a slow opening. */
const STREAMS_PER_SESSION = 50;

test('500 streams at the same time on one router connection all get their own answer', async () => {
  const barrier = new Barrier(STREAMS);
  await using application = await Application.start((request, response) => {
    barrier.arrive(request.headers['x-nonce'] as string, response);
  });
  await using router = await startRouter({ connectors: { 'app:1': application.address } });
  await using gateway = await TestGateway.start({
    links: [router.link],
    // No wait is what is tested: on a busy machine five hundred openings take longer than one may.
    network: 'connections: 1\ncreditWait: 60s\nopenWait: 60s',
    policy: `
services: { app: { address: "app:1", timeout: { connect: 60s } } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  const sessions = await Promise.all(
    Array.from({ length: STREAMS / STREAMS_PER_SESSION }, () => http2To(gateway)),
  );
  let lanesAtBarrier = 0;
  barrier.onFull = () => {
    lanesAtBarrier = metricValue(gateway.gateway.metrics.render(), 'fairlead_lanes');
  };

  const exchanges = Array.from({ length: STREAMS }, async (_, index) => {
    const nonce = randomBytes(16).toString('hex');
    const answer = await ask(sessions[index % sessions.length]!, nonce);
    // The others would wait for this one at the barrier, and nobody would be told why.
    assert.equal(answer, nonce);
    return answer;
  });
  const outcomes = await Promise.all(exchanges);
  for (const session of sessions) session.destroy();

  assert.equal(new Set(outcomes).size, STREAMS);
  assert.equal(lanesAtBarrier, STREAMS);
  assert.equal(metricValue(gateway.gateway.metrics.render(), 'fairlead_router_connections'), 1);
});

function ask(session: ClientHttp2Session, nonce: string): Promise<string> {
  const stream = session.request({
    ':path': '/',
    ':authority': 'app.example.test',
    'x-nonce': nonce,
  });
  return text(stream);
}

/** Answers nobody until everybody is there, then each with what it sent. */
class Barrier {
  readonly #size: number;
  readonly #waiting: { readonly nonce: string; readonly response: ServerResponse }[] = [];
  onFull: () => void = () => {};

  constructor(size: number) {
    this.#size = size;
  }

  arrive(nonce: string, response: ServerResponse): void {
    this.#waiting.push({ nonce, response });
    if (this.#waiting.length < this.#size) return;
    this.onFull();
    for (const one of this.#waiting) one.response.end(one.nonce);
  }
}
