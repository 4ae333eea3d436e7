import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import { OfflineProviders } from '../../app/load/offline-providers.ts';
import { evaluateDescribed } from '../../app/policy-tests/described-evaluation.ts';
import { describedProviders } from '../../app/policy-tests/described-providers.ts';
import { systemClock as clock } from '../../app/system-clock.ts';
import { describedRequest } from '../../evaluate/described-request.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import { explainText } from './explain-line.ts';
import { clientLines, decisionLines, stepLine } from './explain-decision.ts';

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
}

/** 0: printed, whatever the outcome; 1: the set has errors; 2: it is unreadable. */
export async function runExplainRequest(options: ExplainRequestOptions): Promise<number> {
  const set = await loadPolicySet(options.directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  if (set.kind === 'errors') {
    process.stderr.write(formatIssues(set.issues, { format: 'text' }));
    return set.readable ? 1 : 2;
  }
  await using offline = new OfflineProviders(set, clock);
  const providers =
    options.claims === undefined
      ? await offline.start()
      : describedProviders(set.snapshot.providers.keys(), options.claims, clock.now());
  const request = describedRequest({
    url: options.url,
    method: options.method,
    headers: fieldsOf(options),
    peerAddress: options.from,
    trustedProxies: set.snapshot.gateway.trustedProxies,
    nowMs: clock.now(),
  });
  const { snapshot } = set;
  const { decision, steps } = await evaluateDescribed(request, { snapshot, providers, clock });
  const lines = [...clientLines(request), ...steps.flatMap(stepLine), ...decisionLines(decision)];
  process.stdout.write(explainText(lines));
  return 0;
}

function fieldsOf({ headers, jwt }: ExplainRequestOptions): string[] {
  const fields = headers.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return jwt === undefined ? fields : [...fields, 'authorization', `Bearer ${jwt}`];
}
