import type { Socket } from 'node:net';
import { after, before, beforeEach } from 'node:test';
import { Backend, closedPort, echo } from '../applications/backend.ts';
import { realHello } from '../clients/client-hello.ts';
import { startRouter } from '../routers/router.ts';
import type { RunningRouter } from '../routers/router.ts';
import { metricValue } from '../tools/metric.ts';
import { waitUntil } from '../tools/wait-until.ts';
import { TestGateway } from './gateway.ts';
import { passthroughPolicy, rawClient, SecureApplication, tcpFiles } from './passthrough.ts';

const LIMIT_MS = 20_000;

/**
 * The set of `passthroughPolicy` with everything behind it, for all tests of a file. Before each test the backend
 * echoes, nothing is open, and the access lines are forgotten.
 */
export class PassthroughScene {
  /** What the backend does with a connection. */
  serve: (socket: Socket) => void = echo;
  readonly #stack = new AsyncDisposableStack();
  #parts: Parts | undefined;

  /** Call it where a test file begins. */
  static forFile(): PassthroughScene {
    const scene = new PassthroughScene();
    before(() => scene.#start());
    beforeEach(() => scene.#reset());
    after(() => scene.#stack.disposeAsync());
    return scene;
  }

  get router(): RunningRouter {
    return this.#parts!.router;
  }

  get gateway(): TestGateway {
    return this.#parts!.gateway;
  }

  /** Behind `secure.pass.test`. */
  get secure(): SecureApplication {
    return this.#parts!.secure;
  }

  /** Behind `raw.pass.test` and the others that are not secure. */
  get backend(): Backend {
    return this.#parts!.backend;
  }

  /** A ClientHello for `raw.pass.test`. */
  get hello(): Buffer {
    return this.#parts!.hello;
  }

  /** A TCP connection to the gateway. */
  client(): Promise<Socket> {
    return rawClient(this.gateway.port);
  }

  gauge(name: string): number {
    return metricValue(this.gateway.gateway.metrics.render(), name);
  }

  nothingIsOpen(): Promise<void> {
    const open = () =>
      this.gauge('fairlead_passthrough_connections') + this.gauge('fairlead_lanes');
    return waitUntil('no connection and no lane', () => open() === 0, LIMIT_MS);
  }

  async #start(): Promise<void> {
    const secure = this.#stack.use(await SecureApplication.start('secure.pass.test'));
    const backend = this.#stack.use(await Backend.start((socket) => this.serve(socket)));
    const connectors = {
      'secure:1': secure.address,
      'raw:1': backend.address,
      'refused:1': { host: '127.0.0.1', port: await closedPort() },
    };
    const tcpListeners = ['raw:1', 'secure:1'];
    const router = this.#stack.use(await startRouter({ connectors, tcpListeners }));
    const gateway = this.#stack.use(
      await TestGateway.start({
        links: [router.link],
        policy: passthroughPolicy(router),
        files: tcpFiles(router),
      }),
    );
    this.#parts = { secure, backend, router, gateway, hello: await realHello('raw.pass.test') };
  }

  async #reset(): Promise<void> {
    this.serve = echo;
    for (const socket of this.backend.connections) socket.destroy();
    this.backend.connections.length = 0;
    await this.nothingIsOpen();
    this.gateway.records.length = 0;
  }
}

interface Parts {
  readonly router: RunningRouter;
  readonly gateway: TestGateway;
  readonly secure: SecureApplication;
  readonly backend: Backend;
  readonly hello: Buffer;
}
