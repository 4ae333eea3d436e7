import type { RequestView } from '../../../src/plugin/contract.ts';
import { TestBrowser } from './test-browser.ts';
import { Cluster, Replica, optionsFor, viewOf } from './harness.ts';
import { RealProvider } from './real-provider.ts';

export const HOUR_MS = 3_600_000;

export interface RefreshScene extends AsyncDisposable {
  readonly provider: RealProvider;
  readonly cluster: Cluster;
  readonly one: Replica;
  readonly two: Replica;
  /** A request of the person who is logged in. */
  readonly view: RequestView;
  readonly refreshToken: () => string | undefined;
}

/** A person is logged in, two replicas know it, and the access token is over. */
export async function expiredSession(): Promise<RefreshScene> {
  const provider = await RealProvider.start();
  const cluster = new Cluster();
  const options = optionsFor(provider.url, { scopes: ['openid', 'offline_access'] });
  const one = await Replica.start(options, cluster);
  const two = await Replica.start(options, cluster);
  const browser = new TestBrowser(one);
  await browser.open('/');
  cluster.offsetMs = HOUR_MS;
  provider.requests.length = 0;
  const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));
  const refreshToken = (): string | undefined =>
    (cluster.sessions.all()[0]?.data as { refreshToken?: string } | undefined)?.refreshToken;
  const dispose = async (): Promise<void> => {
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  };
  const view = viewOf({ url: '/', cookies });
  return { provider, cluster, one, two, view, refreshToken, [Symbol.asyncDispose]: dispose };
}

/** Every kind of result, once. */
export const kinds = (results: readonly { readonly kind: string }[]): readonly string[] => [
  ...new Set(results.map(({ kind }) => kind)),
];
