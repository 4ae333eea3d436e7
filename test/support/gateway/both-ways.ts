import { Application } from '../applications/application.ts';
import { startRouter } from '../routers/router.ts';
import { TestGateway } from './gateway.ts';
import type { TestGatewayOptions } from './gateway.ts';

export type WayName = 'lanes' | 'tcp';
export const WAYS: readonly WayName[] = ['lanes', 'tcp'];

/** One policy in front of the same echoing applications, once through a router and once without. */
export class BothWays implements AsyncDisposable {
  readonly lanes: TestGateway;
  readonly tcp: TestGateway;
  readonly #rest: readonly AsyncDisposable[];

  private constructor(lanes: TestGateway, tcp: TestGateway, rest: readonly AsyncDisposable[]) {
    this.lanes = lanes;
    this.tcp = tcp;
    this.#rest = rest;
  }

  /** `names`: of the applications, which are the services of the policy. */
  static async start(names: readonly string[], options: TestGatewayOptions): Promise<BothWays> {
    const applications = new Map<string, Application>();
    for (const name of names) applications.set(name, await Application.start());
    const router = await startRouter({ connectors: connectorsOf(applications) });
    const start = (services: string, rest: Partial<TestGatewayOptions> = {}) =>
      TestGateway.start({
        ...options,
        ...rest,
        policy: `services: { ${services} }\n${options.policy}`,
      });
    const lanes = await start(names.map((name) => `${name}: { address: ${name} }`).join(', '), {
      links: [router.link],
    });
    const tcp = await start(tcpServices(applications));
    return new BothWays(lanes, tcp, [router, ...applications.values()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lanes[Symbol.asyncDispose]();
    await this.tcp[Symbol.asyncDispose]();
    for (const each of this.#rest) await each[Symbol.asyncDispose]();
  }
}

type Connectors = NonNullable<NonNullable<Parameters<typeof startRouter>[0]>['connectors']>;

function connectorsOf(applications: ReadonlyMap<string, Application>): Connectors {
  return Object.fromEntries(Array.from(applications, ([name, { address }]) => [name, address]));
}

function tcpServices(applications: ReadonlyMap<string, Application>): string {
  const texts = Array.from(
    applications,
    ([name, { address }]) => `${name}: { via: tcp, host: 127.0.0.1, port: ${address.port} }`,
  );
  return texts.join(', ');
}
