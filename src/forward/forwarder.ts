import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { isGrpc } from '../core/grpc.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { BodySource, InboundRequest } from '../core/message.ts';
import type { PolicySnapshot, Rule, ServicePolicy } from '../policy/snapshot/snapshot.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { affinityOf } from './affinity.ts';
import { Forwarding } from './forwarding.ts';
import { LimitedBody } from './limited-body.ts';
import { requestHeaders } from './request-headers.ts';
import { requestTrailers } from './request-trailers.ts';
import { PacedForwarding } from './paced-forwarding.ts';
import type { Forwarded } from './paced-forwarding.ts';
import type { ResponseReceiver } from './response-receiver.ts';
import { RetryBudget } from './retry-budget.ts';

/** An admitted request, and what the application is told about it. */
export interface OutboundRequest {
  readonly request: InboundRequest;
  readonly policy: PolicySnapshot;
  readonly rule: Rule;
  /** Origin-form, normalised. */
  readonly target: string;
  readonly identity: AuthenticatedIdentity | undefined;
  /** `headers.identity` and `headers.request`, as evaluated. */
  readonly requestFields: HeaderList;
  readonly publicPort: number;
  /** Octets per second, of each direction; undefined: as fast as both ends are. */
  readonly bandwidth: number | undefined;
}

/** A request, and what its octets go through in both directions. */
interface Way {
  readonly outbound: OutboundRequest;
  readonly service: ServicePolicy;
  readonly receiver: ResponseReceiver;
  readonly body: BodySource;
}

/** The stage that carries an admitted request to its service and the answer back. */
export class Forwarder {
  readonly #upstream: Upstream;
  readonly #clock: Clock;
  readonly #budgets = new Map<string, RetryBudget>();

  constructor(upstream: Upstream, clock: Clock) {
    this.#upstream = upstream;
    this.#clock = clock;
  }

  /** The request is under way. */
  start(outbound: OutboundRequest, receiver: ResponseReceiver): Forwarded {
    const service = serviceOf(outbound);
    const body = limitedBody(outbound, service, receiver);
    const way = { outbound, service, receiver, body };
    if (outbound.bandwidth !== undefined) return this.#startPaced(way, outbound.bandwidth);
    const forwarding = this.#forwarding(way);
    forwarding.start();
    return forwarding;
  }

  #startPaced(way: Way, bytesPerSecond: number): Forwarded {
    const { receiver, body } = way;
    const paced = new PacedForwarding({ bytesPerSecond, clock: this.#clock, receiver, body });
    const forwarding = this.#forwarding({ ...way, receiver: paced, body: paced.body });
    paced.steer(forwarding);
    forwarding.start();
    return paced;
  }

  #forwarding({ outbound, service, receiver, body }: Way): Forwarding {
    const headers = requestHeaders({ ...outbound, service, table: outbound.policy.routes });
    const { method, upgrade } = outbound.request;
    return new Forwarding({
      upstream: this.#upstream,
      waits: outbound.rule.timeout,
      request: {
        service,
        affinity: affinityOf(service, outbound),
        method,
        target: outbound.target,
        headers,
        body,
        upgrade,
      },
      receiver,
      clock: this.#clock,
      budget: this.#budgetOf(service.name),
    });
  }

  /** Services come from the policy, so the table is as small as that. */
  #budgetOf(service: string): RetryBudget {
    let budget = this.#budgets.get(service);
    if (budget === undefined) {
      budget = new RetryBudget();
      this.#budgets.set(service, budget);
    }
    return budget;
  }
}

function limitedBody(
  { request, policy, rule }: OutboundRequest,
  service: ServicePolicy,
  receiver: ResponseReceiver,
): LimitedBody {
  if (isRestingStream(request, service)) request.body.allowSilence();
  return new LimitedBody(request.body, {
    limitBytes: request.upgrade === undefined ? rule.bodyBytes : Infinity,
    onBytes: (bytes) => receiver.requestOctets(bytes),
    filterTrailers: (trailers) =>
      requestTrailers(trailers, policy.routes.guardedNames, rule.requestFields?.removed),
  });
}

/** A client that may be silent in mid-body: its application is told to speak the same protocol. */
function isRestingStream(request: InboundRequest, service: ServicePolicy): boolean {
  if (request.upgrade !== undefined) return true;
  return service.protocol !== 'http1' && isGrpc(request.headers);
}

function serviceOf({ policy, rule }: OutboundRequest): ServicePolicy {
  const service = policy.services.get(rule.service ?? '');
  if (service !== undefined) return service;
  throw new GatewayError('internal', {
    detail: `route ${rule.route} names service ${rule.service}, which the snapshot lacks`,
  });
}
