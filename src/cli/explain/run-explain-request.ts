import { explainRequest } from '../../app/explain/explain-request.ts';
import type { Explanation } from '../../app/explain/explanation.ts';
import { OfflineProviders } from '../../app/load/offline-providers.ts';
import { describedProviders } from '../../app/policy-tests/described-providers.ts';
import { offlineFetch } from '../../app/policy-tests/offline-issuer.ts';
import type { GoodSet } from '../../app/policy-tests/run-cases.ts';
import { systemClock as clock } from '../../app/system-clock.ts';
import { describedRequest } from '../../evaluate/described-request.ts';
import { rulesOfHost } from '../../evaluate/route/match.ts';
import { explainJson, explainText } from './explain-line.ts';
import { explanationLines } from './explanation-lines.ts';
import { loadGoodSet } from './load-good-set.ts';

export interface ExplainRequestOptions {
  readonly directory: string;
  readonly url: URL;
  readonly method: string;
  /** `Name: value`, as for curl. */
  readonly headers: readonly string[];
  /** Address that the connection comes from. */
  readonly from: string;
  /** Sent as a bearer token. */
  readonly jwt: string | undefined;
  /** Treated as verified: every provider accepts them. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** Also what holds without being written. */
  readonly defaults: boolean;
  readonly isJson: boolean;
}

/** 0: printed, whatever the outcome; 1: the set has errors, or no route has the host; 2: the set is unreadable. */
export async function runExplainRequest(options: ExplainRequestOptions): Promise<number> {
  const set = await loadGoodSet(options.directory);
  if (typeof set === 'number') return set;
  const explanation = await explained(options, set);
  const text = options.isJson
    ? explainJson(explanation)
    : explainText(explanationLines(explanation));
  process.stdout.write(text);
  return rulesOfHost(set.snapshot.routes, explanation.request.host) === undefined ? 1 : 0;
}

/** A token is judged by the plugins as they run; claims by none, so that nobody is reached. */
async function explained(options: ExplainRequestOptions, set: GoodSet): Promise<Explanation> {
  await using mounted = new OfflineProviders(set, clock, offlineFetch);
  await using real = new OfflineProviders(set, clock);
  const { claims } = options;
  const providers =
    claims === undefined
      ? await real.start()
      : describedProviders(set.snapshot.providers.keys(), claims, clock.now());
  const request = describedRequest({
    url: options.url,
    method: options.method,
    headers: fieldsOf(options),
    peerAddress: options.from,
    trustedProxies: set.snapshot.gateway.trustedProxies,
    nowMs: clock.now(),
  });
  return explainRequest(request, {
    set,
    providers,
    mounted: await mounted.start(),
    clock,
    withDefaults: options.defaults,
  });
}

function fieldsOf({ headers, jwt }: ExplainRequestOptions): string[] {
  const fields = headers.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return jwt === undefined ? fields : [...fields, 'authorization', `Bearer ${jwt}`];
}
