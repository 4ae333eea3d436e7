import assert from 'node:assert/strict';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import type { Application } from '../../support/applications/application.ts';
import { startBulkApplication } from '../../support/applications/bulk-application.ts';
import {
  http1,
  http1Client,
  http2Client,
  type BulkClient,
} from '../../support/clients/bulk-client.ts';
import { GatewayProcess, runFairlead } from '../../support/gateway/gateway-process.ts';
import {
  paced,
  pseudoRandom,
  pseudoRandomDigest,
  slowSink,
} from '../../support/tools/pseudo-random.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';

const LARGE_BYTES = 100_000_000;
const SLOW_BYTES_PER_SECOND = 1_000_000;
/** Long enough for every buffer on the way to be full and stay so; `npm run measure` takes it all. */
const SLOW_MS = 5_000;
/** Beside what it took to start, which grows with the program: buffers, and a heap that is not collected yet. */
const GROWTH_LIMIT_BYTES = 80_000_000;

const POLICY = `
services: { bulk: { address: "bulk:1" } }
routes:
  bulk: { host: app.example.test, service: bulk, auth: public, body: 200MiB }
`;

let application: Application;
let router: RunningRouter;

before(async () => {
  application = await startBulkApplication();
  router = await startRouter({ connectors: { 'bulk:1': application.address } });
  // Any command that ends fills the cache of compiled modules, as a build would.
  await runFairlead('check', '.');
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

const CLIENTS = [
  ['HTTP/1.1', http1Client],
  ['HTTP/2', http2Client],
] as const;

for (const [name, client] of CLIENTS) {
  test(`100 MB up and 100 MB down over ${name} are the same octets at the other end`, async () => {
    await using gateway = await startGateway();
    const started = gateway.peakRssBytes;

    const { up, down } = await transferLarge(client(gateway));

    assert.deepEqual(up, { sha256: await pseudoRandomDigest(1, LARGE_BYTES), bytes: LARGE_BYTES });
    assert.deepEqual(down, {
      sha256: await pseudoRandomDigest(2, LARGE_BYTES),
      bytes: LARGE_BYTES,
    });
    assertSmall(gateway, started);
  });
}

test('clients at 1 MB/s, up and down, beside a full-speed one cost no memory', async () => {
  await using gateway = await startGateway();
  const started = gateway.peakRssBytes;
  const slow = slowTransfers(gateway);

  const fast = await http1Client(gateway).down(`/down?seed=5&bytes=${LARGE_BYTES}`);
  const { uploaded, downloaded } = await slow;

  assert.equal(fast.bytes, LARGE_BYTES);
  for (const bytes of [uploaded, downloaded]) {
    const expected = (SLOW_MS / 1000) * SLOW_BYTES_PER_SECOND;
    assert.ok(bytes > expected * 0.7 && bytes < expected * 1.5, `${bytes} octets at 1 MB/s`);
  }
  assertSmall(gateway, started);
});

/** A process for each test: a peak belongs to what that test did. */
function startGateway(): Promise<GatewayProcess> {
  return GatewayProcess.start({ links: [router.link], policy: POLICY });
}

async function transferLarge(client: BulkClient) {
  const up = await client.up(pseudoRandom(1, LARGE_BYTES), LARGE_BYTES);
  const down = await client.down(`/down?seed=2&bytes=${LARGE_BYTES}`);
  return { up, down };
}

/** Both directions for a while, then given up: the rest of 100 MB would only repeat it. */
async function slowTransfers(gateway: GatewayProcess) {
  const signal = AbortSignal.timeout(SLOW_MS);
  let [uploaded, downloaded] = [0, 0];
  const upload = http1(gateway, '/up', {
    method: 'POST',
    bytes: LARGE_BYTES,
    body: Readable.from(counted(), { signal }),
  });
  async function* counted() {
    for await (const chunk of paced(pseudoRandom(3, LARGE_BYTES), SLOW_BYTES_PER_SECOND)) {
      uploaded += chunk.length;
      yield chunk;
    }
  }
  const source = await http1(gateway, `/down?seed=4&bytes=${LARGE_BYTES}`);
  const sink: Writable = slowSink(SLOW_BYTES_PER_SECOND, (bytes) => (downloaded += bytes));
  const download = pipeline(source, sink, { signal });
  await Promise.allSettled([upload, download]);
  return { uploaded, downloaded };
}

/** A body that was kept would be 100 MB. */
function assertSmall(gateway: GatewayProcess, startedBytes: number): void {
  const peak = gateway.peakRssBytes;
  const told = `${megabytes(startedBytes)} at the start, ${megabytes(peak)} at most`;
  console.log(`resident set of the gateway: ${told}`);
  assert.ok(startedBytes > 0 && peak - startedBytes < GROWTH_LIMIT_BYTES, told);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
