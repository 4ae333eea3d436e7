import { GatewayError } from '../../core/errors.ts';
import type { ServicePolicy } from '../../policy/snapshot/snapshot.ts';
import type { Upstream, UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';
import type { AddressChoice } from './address-choice.ts';

/**
 * Gives each request of a service with several routing keys one of them. Sent again after a failure, a request
 * goes to a key that it has not tried. A service with one key passes through untouched.
 */
export class AddressedUpstream implements Upstream {
  readonly #upstream: Upstream;
  readonly #choice: AddressChoice;
  /** Of requests under way: what each has tried. */
  readonly #tried = new WeakMap<UpstreamRequest, Set<ServicePolicy>>();

  constructor(upstream: Upstream, choice: AddressChoice) {
    this.#upstream = upstream;
    this.#choice = choice;
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamCall {
    if (request.service.addresses === undefined) return this.#upstream.send(request, receiver);
    const without = this.#tried.get(request);
    const { affinity } = request;
    // Every key failed once: the retry may as well go to one of them again.
    const service =
      this.#choice.choose(request.service, { affinity, without }) ??
      this.#choice.choose(request.service, { affinity });
    if (service === undefined) return refuse(request.service, receiver);
    if (without === undefined) this.#tried.set(request, new Set([service]));
    else without.add(service);
    return this.#upstream.send({ ...request, service }, receiver);
  }
}

/** What a service is told of that has no consumer under any of its routing keys. */
export function withoutConsumers({ name, addresses }: ServicePolicy): GatewayError {
  const keys = addresses?.members.map(({ service }) => service.address).join(', ') ?? '';
  return new GatewayError('service_unavailable', {
    detail: `service ${name}: no router connection knows a consumer of ${keys}`,
  });
}

function refuse(service: ServicePolicy, receiver: UpstreamReceiver): UpstreamCall {
  receiver.fail(withoutConsumers(service));
  return { pause() {}, resume() {}, abort() {} };
}
