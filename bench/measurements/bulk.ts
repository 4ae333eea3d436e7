// npm run measure: 100 MB up and down at full speed and at 1 MB/s through a gateway in its own process,
// over the stand-in or SKROUTERD. Prints times, digests and the peak resident set; takes two minutes.
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { startBulkApplication } from '../../test/support/applications/bulk-application.ts';
import { http1, http1Client, http2Client } from '../../test/support/clients/bulk-client.ts';
import { GatewayProcess, runFairlead } from '../../test/support/gateway/gateway-process.ts';
import {
  digesting,
  paced,
  pseudoRandom,
  pseudoRandomDigest,
  slowSink,
  type Digest,
} from '../../test/support/tools/pseudo-random.ts';
import { startRouter } from '../../test/support/routers/router.ts';

const BYTES = 100_000_000;
const SLOW_BYTES_PER_SECOND = 1_000_000;
const RSS_LIMIT_BYTES = 200_000_000;

await runFairlead('check', '.');
await using application = await startBulkApplication();
await using router = await startRouter({ connectors: { 'bulk:1': application.address } });
await using gateway = await GatewayProcess.start({
  links: [router.link],
  policy: `
services: { bulk: { address: "bulk:1" } }
routes:
  bulk: { host: app.example.test, service: bulk, auth: public, body: 200MiB }
`,
});
console.log(`before any request: ${megabytes(gateway.peakRssBytes)}`);

for (const [name, client] of [
  ['HTTP/1.1', http1Client(gateway)],
  ['HTTP/2', http2Client(gateway)],
] as const) {
  await measured(`${name} up at full speed`, 1, () => client.up(pseudoRandom(1, BYTES), BYTES));
  await measured(`${name} down at full speed`, 2, () => client.down(`/down?seed=2&bytes=${BYTES}`));
}
await Promise.all([
  measured('HTTP/1.1 up at 1 MB/s', 3, slowUpload),
  measured('HTTP/1.1 down at 1 MB/s', 4, slowDownload),
]);

const peak = gateway.peakRssBytes;
console.log(`peak of all: ${megabytes(peak)}, allowed ${megabytes(RSS_LIMIT_BYTES)}`);
process.exitCode = peak < RSS_LIMIT_BYTES ? 0 : 1;

async function measured(name: string, seed: number, transfer: () => Promise<Digest>) {
  const startedMs = performance.now();
  const { sha256, bytes } = await transfer();
  const seconds = (performance.now() - startedMs) / 1000;
  const isExact = bytes === BYTES && sha256 === (await pseudoRandomDigest(seed, BYTES));
  if (!isExact) throw new Error(`${name}: ${bytes} octets arrived, digest ${sha256} is wrong`);
  const rate = (BYTES / 1e6 / seconds).toFixed(1);
  console.log(`${name}: exact, ${rate} MB/s, peak RSS so far ${megabytes(gateway.peakRssBytes)}`);
}

async function slowUpload(): Promise<Digest> {
  const body = Readable.from(paced(pseudoRandom(3, BYTES), SLOW_BYTES_PER_SECOND));
  return (await json(
    await http1(gateway, '/up', { method: 'POST', bytes: BYTES, body }),
  )) as Digest;
}

async function slowDownload(): Promise<Digest> {
  const source = await http1(gateway, `/down?seed=4&bytes=${BYTES}`);
  const hashing = digesting();
  await pipeline(
    source,
    hashing.through,
    slowSink(SLOW_BYTES_PER_SECOND, () => {}),
  );
  return hashing.digest();
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
