import { dirname } from 'node:path';
import { Application } from '../../test/support/applications/application.ts';
import { TestIssuer } from '../../test/support/auth/issuer.ts';
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { startRouter } from '../../test/support/routers/router.ts';
import { waitUntil } from '../../test/support/tools/wait-until.ts';

/**
 * The files of ours that one request crosses: those with a function that runs between the moment before the client
 * connects and the access line. The request is the first of its gateway: HTTP/1.1 over TLS, with a token that was
 * not seen before, over a lane that is opened for it. `--list` names the files.
 */

/** Runs in the gateway: a line with the files that were crossed since the signal before. */
const PROBE = `
import { Session } from 'node:inspector';
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const root = new URL('file://' + process.cwd() + '/').href;
process.on('SIGUSR2', () => session.post('Profiler.takePreciseCoverage', (_, { result }) => {
  const crossed = result
    .filter(({ url }) => url.startsWith(root) && !url.includes('/node_modules/'))
    .filter(({ functions }) => functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0].count > 0))
    .map(({ url }) => url.slice(root.length));
  console.log(JSON.stringify({ crossed }));
}));
`;

await using application = await Application.start();
await using router = await startRouter({ connectors: { 'app:1': application.address } });
await using issuer = await TestIssuer.start();
await using gateway = await GatewayProcess.start({
  imports: [`data:text/javascript,${encodeURIComponent(PROBE)}`],
  links: [router.link],
  files: { 'keys.json': JSON.stringify({ keys: [issuer.key.jwk] }) },
  policy: `
services:
  app: { address: "app:1" }
providers:
  machines: { plugin: jwt, issuer: "${issuer.url}", audience: app, jwks: { file: keys.json } }
routes:
  app: { host: app.example.test, service: app, auth: machines }
`,
});
const token = await issuer.sign({ sub: 'robot', aud: 'app' }, Date.now());

await crossed(1);
const response = await gateway.request('/', { headers: { authorization: `Bearer ${token}` } });
await response.body.dump();
await waitUntil('the access line', () =>
  gateway.accessLines.some(({ kind }) => kind === 'exchange'),
);
const files = await crossed(2);

if (response.statusCode !== 200)
  throw new Error(`the request was answered with ${response.statusCode}`);
if (process.argv.includes('--list')) console.log(files.toSorted().join('\n'));
console.log(`${files.length} files in ${new Set(files.map(dirname)).size} folders`);

/** The files of the n-th signal. */
async function crossed(count: number): Promise<readonly string[]> {
  const told = () => gateway.accessLines.filter((line) => 'crossed' in line);
  gateway.child.kill('SIGUSR2');
  await waitUntil(`coverage ${count}`, () => told().length >= count);
  return told()[count - 1]!['crossed'] as readonly string[];
}
