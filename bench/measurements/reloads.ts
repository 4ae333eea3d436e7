// npm run measure reloads: 1000 reloads, each with another policy, under traffic: failed requests, and the heap after
// each hundred. Over via: tcp. Two minutes, at most five.
import { Application } from '../../test/support/applications/application.ts';
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { waitUntil } from '../../test/support/tools/wait-until.ts';
import { writeFiles } from '../../test/support/policy/policy-set.ts';

const RELOADS = 1000;
const CLIENTS = 4;
const LIMIT_MS = 300_000;
const EVERY = 100;

const TELLS_HEAP = `
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  process.stderr.write('heap ' + (process.memoryUsage().heapUsed / 1024 ** 2).toFixed(1) + '\\n');
});
`;

await using application = await Application.start();
const { host, port } = application.address;
const policy = (n: number): string => `
services: { app: { via: tcp, host: ${host}, port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: public, body: ${1000 + (n % 500)}KiB } }
`;
await using gateway = await GatewayProcess.start({
  policy: policy(0),
  gateway: 'watch: off',
  imports: [`data:text/javascript,${encodeURIComponent(TELLS_HEAP)}`],
});

const statuses: Record<string, number> = {};
const stopping = new AbortController();
const traffic = Promise.all(Array.from({ length: CLIENTS }, client));
const startedMs = performance.now();
let [taken, done] = [0, 0];
while (done < RELOADS && performance.now() - startedMs < LIMIT_MS) {
  done += 1;
  await writeFiles(gateway.directory, { 'policy.yaml': policy(done) });
  const answer = await fetch(`http://127.0.0.1:${gateway.adminPort}/-/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  if (answer.ok) taken += 1;
  await answer.body?.cancel();
  if (done % EVERY === 0) console.log(`${done} reloads: ${await heapMiB()} MiB of heap in use`);
}
stopping.abort();
await traffic;
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
console.log(
  `${taken} of ${done} reloads taken in ${seconds} s; requests ${JSON.stringify(statuses)}`,
);
const failed = Object.keys(statuses).some((status) => status !== '200');
process.exitCode = taken === RELOADS && !failed ? 0 : 1;

async function client(): Promise<void> {
  while (!stopping.signal.aborted) {
    const status = await gateway
      .request('/')
      .then(async (response) => {
        await response.body.dump();
        return String(response.statusCode);
      })
      .catch((error: Error) => error.message);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}

/** After a full collection: what is left is what is kept. */
async function heapMiB(): Promise<string> {
  const before = heaps().length;
  gateway.child.kill('SIGUSR2');
  await waitUntil('the heap is told', () => heaps().length > before);
  return heaps().at(-1)!;
}

function heaps(): readonly string[] {
  return Array.from(gateway.errors.matchAll(/^heap (\S+)$/gm), ([, mib]) => mib!);
}
