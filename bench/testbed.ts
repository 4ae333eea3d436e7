import { issue, makeCa } from '../src/certificates/make-certificate.ts';
import { Child } from './child.ts';
import { GatewayProcess, HOST } from './gateway-process.ts';
import type { BackendPorts } from './processes/backend.ts';
import type { RouterPlace } from './processes/router.ts';
import type { Way } from './scenario.ts';

const ROUTING_KEY = 'bench:8080';

/** What a client connects to on one way, and the process whose time a request costs there. */
export interface Entrance {
  readonly port: number;
  readonly measured: Child;
}

/**
 * Everything the scenarios need, each part in a process of its own: backend, router, a gateway for each way
 * into the network, load generator, stream opener. All end with
 * what they were started in, in the reverse order.
 */
export class Testbed {
  readonly generator: Child;
  readonly opener: Child;
  readonly caPem: string;
  readonly routerKind: RouterPlace['kind'];
  readonly #router: Child;
  readonly #entrances: Readonly<Record<Way, Entrance>>;

  private constructor(parts: TestbedParts) {
    this.generator = parts.generator;
    this.opener = parts.opener;
    this.caPem = parts.caPem;
    this.routerKind = parts.place.kind;
    this.#router = parts.router;
    this.#entrances = parts.entrances;
  }

  /** Into `held` goes each part as it is started, so that nothing stays when a later one fails. */
  static async start(held: AsyncDisposableStack): Promise<Testbed> {
    const ca = await makeCa('bench clients');
    const certificate = await issue(ca, { names: [HOST] });
    const process = (name: string): Child =>
      held.use(new Child({ name, script: `bench/processes/${name}.ts` }));
    // All at once: a process needs most of its start for itself.
    const [backend, router] = [process('backend'), process('router')];
    const [opener, generator] = [process('opener'), process('generator')];
    const ports = await backend.ask<BackendPorts>('listen', {
      cert: certificate.certPem,
      key: certificate.keyPem,
    });
    const start = { backendPort: ports.plain, routingKey: ROUTING_KEY };
    const place = await router.ask<RouterPlace>('start', start, ROUTER_START_MS);
    const gateway = { router: place, routingKey: ROUTING_KEY, certificate };
    const [plain, tcp, amqp] = await Promise.all([
      GatewayProcess.start(held, { ...gateway, via: 'plain tcp' }),
      GatewayProcess.start(held, { ...gateway, via: 'tcp' }),
      GatewayProcess.start(held, { ...gateway, via: 'amqp' }),
    ]);
    await opener.ask('open', { router: place, routingKey: ROUTING_KEY });
    const entrances = {
      straight: { port: ports.secure, measured: backend },
      'plain-listener': { port: plain.httpsPort, measured: plain.child },
      'tcp-listener': { port: tcp.httpsPort, measured: tcp.child },
      lanes: { port: amqp.httpsPort, measured: amqp.child },
    };
    return new Testbed({ generator, opener, caPem: ca.certPem, place, router, entrances });
  }

  entrance(way: Way): Entrance {
    return this.#entrances[way];
  }

  /** What the gateway did against the wire contract; only the stand-in can tell. */
  violations(): Promise<readonly string[]> {
    return this.#router.ask<readonly string[]>('violations');
  }
}

/** A pair of real routers needs some seconds to learn of each other. */
const ROUTER_START_MS = 40_000;

interface TestbedParts {
  readonly generator: Child;
  readonly opener: Child;
  readonly caPem: string;
  readonly place: RouterPlace;
  readonly router: Child;
  readonly entrances: Readonly<Record<Way, Entrance>>;
}
