import { GatewayError } from '../../core/errors.ts';
import type { BodySource } from '../../core/message.ts';
import type { Clock } from '../../core/clock.ts';
import type { HealthPolicy, ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { Upstream, UpstreamRequest } from '../upstream.ts';

export interface HealthProbe {
  readonly service: ServicePolicy;
  readonly health: HealthPolicy;
  readonly upstream: Upstream;
  readonly clock: Pick<Clock, 'after'>;
  /** Called once. Undefined: the application is well; else what was wrong, in words. */
  readonly onVerdict: (fault: string | undefined) => void;
}

/**
 * Asks an application once how it is: a status from 200 to 399 within the time limit is well, as with Traefik and
 * HAProxy. The body is read and dropped, because a connection that is cut is an error in many applications' logs.
 * Returns what gives the question up: then there is no verdict.
 */
export function probeHealth({
  service,
  health,
  upstream,
  clock,
  onVerdict,
}: HealthProbe): () => void {
  let fault: string | undefined = `no answer within ${health.timeoutMs} ms`;
  let isOver = false;
  const finish = (verdict: string | undefined): void => {
    isOver = true;
    timer.cancel();
    onVerdict(verdict);
  };
  const timer = clock.after(health.timeoutMs, () => {
    call.abort(givenUp(service));
    // Of an endless body the status has said it.
    finish(fault);
  });
  const call = upstream.send(question(service, health), {
    ...DEAF,
    head: (status) => (fault = isWell(status) ? undefined : `status ${status}`),
    end: () => finish(fault),
    fail: (error) => finish(error.message),
  });
  return () => {
    timer.cancel();
    if (!isOver) call.abort(givenUp(service));
  };
}

function question(service: ServicePolicy, { path }: HealthPolicy): UpstreamRequest {
  const headers = ['host', hostOf(service), 'user-agent', 'fairlead-health', 'accept', '*/*'];
  return { service, method: 'GET', target: path, headers, body: EMPTY };
}

function isWell(status: number): boolean {
  return status >= 200 && status < 400;
}

/** There is no client whose Host could go on. */
function hostOf({ hostHeader, address }: ServicePolicy): string {
  return hostHeader === 'client' || hostHeader === 'service' ? address : hostHeader;
}

function givenUp({ name }: ServicePolicy): GatewayError {
  const detail = `service ${name}: the health check was given up`;
  return new GatewayError('upstream_response_timeout', { detail, origin: 'us' });
}

const DEAF = {
  connected() {},
  sent() {},
  progress() {},
  informational() {},
  data() {},
} as const;

const EMPTY: BodySource = {
  length: 0,
  consume: (receiver) => receiver.end([]),
  pause() {},
  resume() {},
  allowSilence() {},
  discard() {},
};
