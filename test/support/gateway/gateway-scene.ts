import { after, before, beforeEach } from 'node:test';
import { Application } from '../applications/application.ts';
import type { Handler } from '../applications/application.ts';
import { startRouter } from '../routers/router.ts';
import type { RunningRouter } from '../routers/router.ts';
import { TestGateway } from './gateway.ts';
import type { TestGatewayOptions } from './gateway.ts';
import { SecureApplication } from './passthrough.ts';

export interface SceneOptions {
  /** What the application answers. Default: the request that it got. */
  readonly handler?: Handler;
  /** Routing keys that lead to the application through a router. Default: there is no router. */
  readonly routingKeys?: readonly string[];
  /** Host of an application that does its own TLS, at the routing key `pass`. */
  readonly passthrough?: string;
  /** Told the port of the application. */
  readonly set: (port: number) => Omit<TestGatewayOptions, 'links'>;
}

/**
 * One application, router and gateway for all tests of a file: started before the first, ended after the last, and the
 * access lines are forgotten before each.
 */
export class GatewayScene {
  #stack = new AsyncDisposableStack();
  #application: Application | undefined;
  #router: RunningRouter | undefined;
  #behind: SecureApplication | undefined;
  #gateway: TestGateway | undefined;

  /** Call it where a test file begins. */
  static forFile(options: SceneOptions): GatewayScene {
    const scene = new GatewayScene();
    before(() => scene.#start(options));
    beforeEach(() => {
      scene.gateway.records.length = 0;
    });
    after(() => scene.#stack.disposeAsync());
    return scene;
  }

  get application(): Application {
    return this.#application!;
  }

  get gateway(): TestGateway {
    return this.#gateway!;
  }

  get router(): RunningRouter {
    return this.#router!;
  }

  /** The one of `passthrough`. */
  get behind(): SecureApplication {
    return this.#behind!;
  }

  async #start({ handler, routingKeys, passthrough, set }: SceneOptions): Promise<void> {
    this.#application = this.#stack.use(await Application.start(handler));
    if (passthrough !== undefined) {
      this.#behind = this.#stack.use(await SecureApplication.start(passthrough));
    }
    const { address } = this.#application;
    const { port } = address;
    if (routingKeys !== undefined) {
      const connectors = Object.fromEntries(routingKeys.map((key) => [key, address]));
      const pass = this.#behind && { pass: this.#behind.address };
      this.#router = this.#stack.use(await startRouter({ connectors: { ...connectors, ...pass } }));
    }
    const links = this.#router === undefined ? [] : [this.#router.link];
    this.#gateway = this.#stack.use(await TestGateway.start({ ...set(port), links }));
  }
}

/** A provider `local` that takes no token, for paths that are to be closed: text of `providers`, and its key set. */
export const CLOSED = {
  provider:
    'local: { plugin: jwt, issuer: "https://issuer.example.test", audience: a, jwks: { file: keys.json } }',
  files: { 'keys.json': '{"keys":[]}' },
} as const;
