import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import type { ExchangeNotes } from '../core/exchange-notes.ts';
import { isGrpc } from '../core/grpc.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { IdentityLike } from '../core/identity.ts';
import type { InboundRequest, ResponseSink } from '../core/message.ts';
import { isRefusal } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { PolicySnapshot, Rule, ServicePolicy } from '../policy/snapshot/snapshot.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { Forwarding } from './forwarding.ts';
import type { ShapedHead } from './forwarding.ts';
import { LimitedBody } from './limited-body.ts';
import { requestHeaders } from './request-headers.ts';
import { requestTrailers } from './request-trailers.ts';
import { RetryBudget } from './retry-budget.ts';

/** What the way to the application notes for the record; a fault is told, never noted here. */
type ForwardNotes = Pick<ExchangeNotes, 'service' | 'upstreamStatus' | 'retries' | 'requestBytes'>;

export interface ForwardInput {
  readonly request: InboundRequest;
  readonly sink: ResponseSink;
  readonly policy: PolicySnapshot;
  readonly rule: Rule;
  /** Origin-form, normalised. */
  readonly target: string;
  readonly identity: IdentityLike | undefined;
  readonly tenantId: string;
  readonly publicPort: number;
  readonly notes: ForwardNotes;
  readonly shapeHead: (status: number, headers: HeaderList) => ShapedHead;
  readonly shapeTrailers: (trailers: HeaderList) => HeaderList;
  /** The forwarding ended with this: the caller answers, or cuts a response that has begun. */
  readonly onFault: (error: GatewayError) => void;
}

/** The stage that carries an admitted request to its service and the answer back. */
export class Forwarder {
  readonly #upstream: Upstream;
  readonly #clock: Clock;
  readonly #onOctets: (bytes: number) => void;
  readonly #budgets = new Map<string, RetryBudget>();

  /** `onOctets` hears of each chunk of a body, either way. */
  constructor(upstream: Upstream, clock: Clock, onOctets: (bytes: number) => void) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#onOctets = onOctets;
  }

  /** Refuses when the request cannot be written as the application may see it; else it is under way. */
  start(input: ForwardInput): Forwarding | Refusal {
    const service = serviceOf(input);
    input.notes.service = service.name;
    const headers = requestHeaders({ ...input, service, table: input.policy.routes });
    if (isRefusal(headers)) return headers;
    const forwarding = this.#forwarding(input, service, headers);
    forwarding.start();
    return forwarding;
  }

  #forwarding(input: ForwardInput, service: ServicePolicy, headers: HeaderList): Forwarding {
    const { notes, request } = input;
    const { upgrade } = request;
    if (isRestingStream(request, service)) request.body.allowSilence();
    const body = new LimitedBody(request.body, {
      limitBytes: upgrade === undefined ? input.rule.bodyBytes : Infinity,
      onBytes: (bytes) => {
        notes.requestBytes += bytes;
        this.#onOctets(bytes);
      },
      filterTrailers: (trailers) => requestTrailers(trailers, input.policy.routes.guardedNames),
    });
    return new Forwarding({
      upstream: this.#upstream,
      request: { service, method: request.method, target: input.target, headers, body, upgrade },
      sink: input.sink,
      clock: this.#clock,
      budget: this.#budgetOf(service.name),
      shapeHead: input.shapeHead,
      shapeTrailers: input.shapeTrailers,
      onFault: input.onFault,
      onHead: (status) => (notes.upstreamStatus = status),
      onRetry: () => (notes.retries += 1),
      onOctets: this.#onOctets,
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

/** A client that may be silent in mid-body: its application is told to speak the same protocol. */
function isRestingStream(request: InboundRequest, service: ServicePolicy): boolean {
  if (request.upgrade !== undefined) return true;
  return service.protocol !== 'http1' && isGrpc(request.headers);
}

function serviceOf(input: ForwardInput): ServicePolicy {
  const service = input.policy.services.get(input.rule.service);
  if (service !== undefined) return service;
  throw new GatewayError('internal', {
    detail: `route ${input.rule.route} names service ${input.rule.service}, which the snapshot lacks`,
  });
}
