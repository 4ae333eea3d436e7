import { evaluate } from '../../evaluate/evaluate.ts';
import type { Decision } from '../../evaluate/decision.ts';
import { AddressLimiter, Limiter } from '../../evaluate/limit/limit.ts';
import type { Step } from '../../evaluate/observer.ts';
import type { Clock } from '../../core/clock.ts';
import type { RequestFacts } from '../../core/message.ts';
import type { ProviderSet } from '../../plugin/host/host.ts';
import type { PolicySnapshot } from '../../policy/snapshot/snapshot.ts';

export interface DescribedEvaluation {
  readonly decision: Decision;
  readonly steps: readonly Step[];
}

/** What the policy does with a request that nobody sent. Its limits are those of a gateway that just started. */
export async function evaluateDescribed(
  request: RequestFacts,
  policy: {
    readonly snapshot: PolicySnapshot;
    readonly providers: ProviderSet;
    readonly clock: Clock;
  },
): Promise<DescribedEvaluation> {
  const { snapshot, providers, clock } = policy;
  const steps: Step[] = [];
  const publicPort = snapshot.gateway.publicPort ?? request.connection.localPort;
  const decision = await evaluate(
    {
      request,
      generation: { snapshot, providers, publicPort },
      asker: { id: 'described', signal: NEVER_ABORTED, isAborted: false, routed: () => {} },
      observer: (step) => steps.push(step),
    },
    { clock, addressLimiter: new AddressLimiter({ clock }), limiter: new Limiter({ clock }) },
  );
  return { decision, steps };
}

const NEVER_ABORTED = AbortSignal.any([]);
