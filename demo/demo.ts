// The demo behind `npm start`: all of Fairlead on one machine, started part by part.
//   run-demo.ts    what `fairlead demo` calls: starts, waits for a signal, stops (stop-signal.ts, steps.ts, ports.ts)
//   demo-folder.ts, demo-certificates.ts, policy-set.ts   what the gateway reads; certificates.ts issues for tests, too
//   router/        a router: real ones where skrouterd is found, else the stand-in
//   login/         a token issuer with a login page        backend.ts   the application
//   demo-gateway.ts, wait-for-answer.ts, commands.ts      the gateway, and the commands that are printed
import picocolors from 'picocolors';
import { systemClock } from '../src/app/system-clock.ts';
import { createLog, directDestination } from '../src/record/record.ts';
import { startBackend } from './backend.ts';
import { demoCommands } from './commands.ts';
import { makeDemoCertificates } from './demo-certificates.ts';
import type { DemoCertificates } from './demo-certificates.ts';
import { DemoFolder } from './demo-folder.ts';
import { DemoGateway } from './demo-gateway.ts';
import { Issuer } from './login/issuer.ts';
import { policySet } from './policy-set.ts';
import { startRouter } from './router/start-router.ts';
import type { DemoRouter } from './router/demo-router.ts';
import type { DemoOptions } from '../src/cli/cli.ts';
import { Steps } from './steps.ts';
import { waitForAnswer } from './wait-for-answer.ts';

/** The name that every machine resolves to itself. */
const HOST = 'localhost';
/** The application's, and its routing key. */
const NAME = 'hello';
const AUDIENCE = 'https://hello.example';
const USER = { id: 'alice', claims: { org: 'acme', plan: 'free' } };
/** Alice in a browser; her tenant is that of her token. */
const PERSON = { name: USER.id, password: 'wonderland' };
/** Of the policy's provider for people. */
const LOGIN = 'corp';
/** Asks until all is ready, as a tenant of its own: the user's limits stay untouched. */
const PROBE = { id: 'demo-probe', claims: { org: 'demo', plan: 'gold' } };

/** The parts of a demo in the order in which they start; they end in the opposite one. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #parts: AsyncDisposableStack;
  readonly #signal: AbortSignal;
  readonly #steps = new Steps((line) => console.log(line));

  /** What is started goes into `parts`, also when a later part fails or the signal comes. */
  constructor(options: DemoOptions, parts: AsyncDisposableStack, signal: AbortSignal) {
    this.#options = options;
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Resolves when the three commands are printed and work. */
  async start(): Promise<void> {
    const folder = await this.#openFolder();
    const certificates = await this.#makeCertificates(folder);
    const backendPort = await this.#startBackend();
    const router = await this.#startRouter({ folder, certificates, backendPort });
    const issuer = await this.#startIssuer();
    await this.#fetchToken(folder, issuer);
    await this.#writePolicy(folder, { certificates, router, issuer });
    const gateway = await this.#startGateway(folder);
    await this.#waitUntilReady({ gateway, certificates, router, issuer });
    this.#printCommands(folder, gateway);
  }

  async #openFolder(): Promise<DemoFolder> {
    const { dir, keep } = this.#options;
    const folder = await this.#step(
      'folder',
      () => DemoFolder.open(dir),
      ({ root }) => root,
    );
    return this.#parts.adopt(folder, () => leave(folder, keep));
  }

  #makeCertificates(folder: DemoFolder): Promise<DemoCertificates> {
    return this.#step(
      'certificates',
      async () => {
        const certificates = await makeDemoCertificates([HOST]);
        folder.write('ca.crt', certificates.web.ca);
        return certificates;
      },
      () => `clients trust ${folder.path('ca.crt')}`,
    );
  }

  async #startBackend(): Promise<number> {
    const { port } = await this.#part(
      'application',
      () => startBackend(NAME),
      (backend) => `"${NAME}" at http://127.0.0.1:${backend.port}`,
    );
    return port;
  }

  #startRouter(parts: {
    readonly folder: DemoFolder;
    readonly certificates: DemoCertificates;
    readonly backendPort: number;
  }): Promise<DemoRouter> {
    return this.#part(
      'router',
      () => startRouter({ ...parts, clock: systemClock, routingKey: NAME }),
      ({ what, port }) => `${what}, at amqps://127.0.0.1:${port}`,
    );
  }

  #startIssuer(): Promise<Issuer> {
    return this.#part(
      'issuer',
      () =>
        Issuer.start({
          audience: AUDIENCE,
          clients: [USER, PROBE],
          login: {
            people: [PERSON],
            origin: `https://${HOST}:${this.#options.port}`,
            provider: LOGIN,
          },
        }),
      ({ url }) => `oidc-provider at ${url}`,
    );
  }

  #fetchToken(folder: DemoFolder, issuer: Issuer): Promise<void> {
    return this.#step(
      'token',
      async () => folder.write('token', await issuer.token(USER.id)),
      () => `of ${USER.id}, tenant ${USER.claims.org}, in ${folder.path('token')}`,
    );
  }

  #writePolicy(
    folder: DemoFolder,
    { certificates, router, issuer }: Pick<Started, 'certificates' | 'router' | 'issuer'>,
  ): Promise<void> {
    const files = policySet({
      certificates,
      host: HOST,
      httpsPort: this.#options.port,
      routerPort: router.port,
      routingKey: NAME,
      issuer: issuer.url,
      audience: issuer.audience,
      loginClient: issuer.loginClient,
    });
    return this.#step(
      'policy',
      async () => {
        for (const [name, text] of Object.entries(files)) folder.write(`policies/${name}`, text);
      },
      () => `${folder.path('policies')} (YAML, to read and to copy from)`,
    );
  }

  #startGateway(folder: DemoFolder): Promise<DemoGateway> {
    const log = createLog({
      level: this.#options.log,
      format: 'pretty',
      destination: directDestination(2),
    });
    return this.#part(
      'gateway',
      async () => {
        const accessFile = folder.claim('access.log');
        const directory = folder.path('policies');
        const { version } = this.#options;
        const gateway = await DemoGateway.start({ directory, accessFile, log, version });
        folder.markServing(gateway.port);
        return gateway;
      },
      ({ port, adminPort }) =>
        `https://${HOST}:${port}, health and metrics at http://127.0.0.1:${adminPort}`,
    );
  }

  #waitUntilReady({ gateway, certificates, router, issuer }: Started): Promise<void> {
    return this.#step(
      'ready',
      async () =>
        waitForAnswer({
          host: HOST,
          port: gateway.port,
          path: '/ready',
          ca: certificates.web.ca,
          token: await issuer.token(PROBE.id),
          signal: this.#signal,
          failure: () => router.failure(),
        }),
      () => 'the application answered through gateway and network',
    );
  }

  #printCommands(folder: DemoFolder, gateway: DemoGateway): void {
    const commands = demoCommands({
      host: HOST,
      port: gateway.port,
      caFile: folder.path('ca.crt'),
      tokenFile: folder.path('token'),
      env: process.env,
    });
    console.log('\nPaste these into another terminal:');
    for (const [at, { title, text }] of commands.entries()) {
      console.log(`\n${picocolors.bold(`${at + 1}. ${title}`)}\n${text}`);
    }
    const { name, password } = PERSON;
    console.log(
      `\n${picocolors.bold('4. a login, in a browser')} (which warns of the demo's own certificate)\n` +
        `open https://${HOST}:${gateway.port}/ and log in as ${name} with the password ${password}`,
    );
    console.log(`\n${endingWords(folder, this.#options.keep)}`);
  }

  async #part<T extends AsyncDisposable>(
    name: string,
    start: () => Promise<T>,
    tell: (part: T) => string,
  ): Promise<T> {
    return this.#parts.use(await this.#step(name, start, tell));
  }

  async #step<T>(name: string, work: () => Promise<T>, tell: (result: T) => string): Promise<T> {
    this.#signal.throwIfAborted();
    return this.#steps.run(name, work, tell);
  }
}

interface Started {
  readonly certificates: DemoCertificates;
  readonly router: DemoRouter;
  readonly issuer: Issuer;
  readonly gateway: DemoGateway;
}

/** What is removed at the end is not worth a name. */
function endingWords(folder: DemoFolder, keep: boolean): string {
  if (!keep)
    return 'Ctrl-C stops all, and removes the folder; with --keep it stays, with an access log.';
  return `Access lines are in ${folder.path('access.log')}. Ctrl-C stops all, and the folder stays (--keep).`;
}

function leave(folder: DemoFolder, keep: boolean): void {
  if (keep) {
    folder.release();
    console.log(`Stopped. ${folder.root} is kept.`);
  } else if (folder.remove()) console.log(`Stopped. ${folder.root} is removed.`);
  else console.log(`Stopped. ${folder.root} keeps only what the demo did not write.`);
}
