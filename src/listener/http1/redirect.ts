import type {
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
  ResponseSink,
} from '../../core/message.ts';
import { originText } from '../../core/origin.ts';
import { refuse, type Refusal } from '../../core/refusal.ts';
import type { ListenerContext } from '../context.ts';

/**
 * What the http port answers: 308 to https for hosts that a route names (J3), and for everything else
 * the refusals of the https port, with the same bodies.
 */
export class RedirectHandler implements RequestHandler {
  readonly #context: ListenerContext;
  readonly #refusals: RequestHandler;
  readonly #boundPort: () => number;

  constructor(context: ListenerContext, refusals: RequestHandler, boundPort: () => number) {
    this.#context = context;
    this.#refusals = refusals;
    this.#boundPort = boundPort;
  }

  handle(request: InboundRequest, sink: ResponseSink): void {
    const isKnown = this.#context.config.isKnownHost(request.host);
    if (!isKnown || request.target === '*') {
      return this.refused(refuse('no_route'), attemptOf(request), sink);
    }
    request.body.discard();
    // A refusal, so that it is answered and recorded like every other way out.
    const headers = ['location', this.#location(request)];
    this.refused(refuse('https_required', { headers }), attemptOf(request), sink);
  }

  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void {
    this.#refusals.refused(refusal, attempt, sink);
  }

  /** From the checked host, which has no port and no user in it, and never from the raw field. */
  #location(request: InboundRequest): string {
    const port = this.#context.config.publicPort ?? this.#boundPort();
    return `${originText('https', request.host, port)}${request.target}`;
  }
}

function attemptOf(request: InboundRequest): RefusedAttempt {
  const { connection, clientAddress, version, method, target, host, receivedAtMs } = request;
  return { connection, clientAddress, version, method, target, host, receivedAtMs };
}
