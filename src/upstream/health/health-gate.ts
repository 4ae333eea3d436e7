import { GatewayError } from '../../core/errors.ts';
import type { Upstream, UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';
import type { HealthChecks } from './health-checks.ts';

/** Keeps requests from an application that is not well. A service without `health` passes through untouched. */
export class HealthGate implements Upstream {
  readonly #upstream: Upstream;
  readonly #checks: Pick<HealthChecks, 'faultOf'>;

  constructor(upstream: Upstream, checks: Pick<HealthChecks, 'faultOf'>) {
    this.#upstream = upstream;
    this.#checks = checks;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    const { service } = request;
    const fault = service.health === undefined ? undefined : this.#checks.faultOf(service);
    if (fault === undefined) return this.#upstream.send(request, receiver);
    const detail = `service ${service.name} is unhealthy: its health check at ${service.health!.path} failed: ${fault}`;
    // Not for another attempt: nothing has changed within a request's time.
    receiver.fail(new GatewayError('service_unavailable', { detail, origin: 'us' }));
    return { pause() {}, resume() {}, abort() {} };
  }
}
