import type { Readiness } from '../../admin/admin-sources.ts';
import type { CertificateTerm } from '../../core/certificate-term.ts';
import { termTrouble } from '../../core/certificate-term.ts';
import type { SkupperNetwork } from '../../network/skupper-network.ts';
import type { ProviderHost } from '../../plugin/host/host.ts';
import type { KeyValueStore } from '../../store/key-value-store.ts';

export interface ReadinessParts {
  readonly isDraining: () => boolean;
  readonly network: () => SkupperNetwork | undefined;
  /** New links or credentials that do not connect, as a sentence. */
  readonly pendingNetwork: () => string | undefined;
  /** Errors of a set that was not taken; the running one serves. */
  readonly refusedSet: () => string | undefined;
  readonly plugins: ProviderHost;
  readonly store: KeyValueStore;
  /** Of the running policy. */
  readonly certificateTerms: () => readonly CertificateTerm[];
  readonly nowMs: () => number;
}

/** Whether traffic should come, and one sentence for each thing that is missing. */
export function readiness(parts: ReadinessParts): Readiness {
  const reasons = [
    ...(parts.isDraining() ? ['draining: the gateway is stopping'] : []),
    ...networkReasons(parts.network()),
    ...keptReasons(parts),
    ...providerReasons(parts.plugins),
    ...storeReasons(parts.store),
    ...certificateReasons(parts.certificateTerms(), parts.nowMs()),
  ];
  const hasStarted = parts.plugins.isSettled;
  return { isReady: reasons.length === 0 || onlyDegraded(reasons, hasStarted), reasons };
}

function networkReasons(network: SkupperNetwork | undefined): string[] {
  const status = network?.status();
  if (status === undefined || status.isReady) return [];
  return [`network: ${status.reason ?? 'no router connection is open'}`];
}

const DEGRADED = 'degraded: ';

/** What serves is older than what the operator gave: a bad pair of certificate and key, for example. */
function keptReasons({ pendingNetwork, refusedSet }: ReadinessParts): string[] {
  const network = pendingNetwork();
  const refused = refusedSet()?.split('\n', 1)[0];
  return [
    ...(network === undefined ? [] : [`${DEGRADED}network: ${network}`]),
    ...(refused === undefined ? [] : [`${DEGRADED}the running policy was kept: ${refused}`]),
  ];
}

function providerReasons(plugins: ProviderHost): string[] {
  if (!plugins.isSettled) return ['providers: not all have been created yet'];
  // A provider that fails leaves only its own routes at 503: the others can be served.
  return plugins
    .statuses()
    .filter(({ state }) => state !== 'ready')
    .map(({ name, state, detail }) => `${DEGRADED}provider ${name} is ${state}${suffix(detail)}`);
}

/** Routes that want no session are served all the same. */
function storeReasons({ isReady }: KeyValueStore): string[] {
  return isReady ? [] : [`${DEGRADED}store: Redis is not reachable, sessions are answered 503`];
}

/** Whoever does not mind the certificate is served; nobody else could be by closing the gateway. */
function certificateReasons(terms: readonly CertificateTerm[], nowMs: number): string[] {
  return terms.flatMap((term) => {
    const trouble = termTrouble(term, nowMs);
    return trouble === undefined
      ? []
      : [`${DEGRADED}the certificate of ${term.place} (${term.file}) ${trouble}`];
  });
}

function suffix(detail: string | undefined): string {
  return detail === undefined ? '' : `: ${detail}`;
}

function onlyDegraded(reasons: readonly string[], hasStarted: boolean): boolean {
  return hasStarted && reasons.every((reason) => reason.startsWith(DEGRADED));
}
