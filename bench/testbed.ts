import { issue, makeCa } from '../src/certificates/make-certificate.ts';
import type { IssuedCertificate } from '../src/certificates/make-certificate.ts';
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
  readonly #entrances: Readonly<Record<Way, Entrance>>;

  readonly #shared: Shared;

  private constructor(shared: Shared, { opener, entrances }: Ours) {
    this.generator = shared.generator;
    this.caPem = shared.caPem;
    this.routerKind = shared.place.kind;
    this.opener = opener;
    this.#shared = shared;
    this.#entrances = entrances;
  }

  /** Into `held` goes each part as it is started, so that nothing stays when a later one fails. */
  static async start(held: AsyncDisposableStack): Promise<Testbed> {
    const ca = await makeCa('bench clients');
    const certificate = await issue(ca, { names: [HOST] });
    const process = (name: string): Child => startPart(held, name);
    // All at once: a process needs most of its start for itself.
    const [backend, router] = [process('backend'), process('router')];
    const generator = process('generator');
    const ports = await backend.ask<BackendPorts>('listen', {
      cert: certificate.certPem,
      key: certificate.keyPem,
    });
    const start = { backendPort: ports.plain, routingKey: ROUTING_KEY };
    const place = await router.ask<RouterPlace>('start', start, ROUTER_START_MS);
    const straight = { port: ports.secure, measured: backend };
    const caPem = ca.certPem;
    const shared = { generator, router, caPem, place, certificate, straight };
    return new Testbed(shared, await startOurs(held, shared));
  }

  /** The gateways and the opener of another checkout, beside the same backend, router and generator. */
  async beside(held: AsyncDisposableStack, root: string): Promise<Testbed> {
    return new Testbed(this.#shared, await startOurs(held, this.#shared, root));
  }

  entrance(way: Way): Entrance {
    return this.#entrances[way];
  }

  /** What the gateway did against the wire contract; only the stand-in can tell. */
  violations(): Promise<readonly string[]> {
    return this.#shared.router.ask<readonly string[]>('violations');
  }
}

/** A pair of real routers needs some seconds to learn of each other. */
const ROUTER_START_MS = 40_000;

/** What gateways of several checkouts can use alike. */
interface Shared {
  readonly generator: Child;
  readonly router: Child;
  readonly caPem: string;
  readonly place: RouterPlace;
  readonly certificate: IssuedCertificate;
  readonly straight: Entrance;
}

/** What runs the code of one checkout. */
interface Ours {
  readonly opener: Child;
  readonly entrances: Readonly<Record<Way, Entrance>>;
}

async function startOurs(
  held: AsyncDisposableStack,
  { place, certificate, straight }: Shared,
  root?: string,
): Promise<Ours> {
  const opener = startPart(held, 'opener', root);
  const gateway = { router: place, routingKey: ROUTING_KEY, certificate, root };
  const [plain, tcp, amqp] = await Promise.all([
    GatewayProcess.start(held, { ...gateway, via: 'plain tcp' }),
    GatewayProcess.start(held, { ...gateway, via: 'tcp' }),
    GatewayProcess.start(held, { ...gateway, via: 'amqp' }),
  ]);
  await opener.ask('open', { router: place, routingKey: ROUTING_KEY });
  const entrances = {
    straight,
    'plain-listener': { port: plain.httpsPort, measured: plain.child },
    'tcp-listener': { port: tcp.httpsPort, measured: tcp.child },
    lanes: { port: amqp.httpsPort, measured: amqp.child },
  };
  return { opener, entrances };
}

function startPart(held: AsyncDisposableStack, name: string, root?: string): Child {
  const script = `bench/processes/${name}.ts`;
  return held.use(new Child({ name, script, ...(root === undefined ? {} : { root }) }));
}
