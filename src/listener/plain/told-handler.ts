import type {
  InboundRequest,
  RefusedAttempt,
  RequestHandler,
  ResponseSink,
} from '../../core/message.ts';
import type { Refusal } from '../../core/refusal.ts';

/** The plain port: requests of clients with TLS are served, all others go the way of the http port. */
export class ToldHandler implements RequestHandler {
  readonly #secure: RequestHandler;
  readonly #redirect: RequestHandler;

  constructor(secure: RequestHandler, redirect: RequestHandler) {
    this.#secure = secure;
    this.#redirect = redirect;
  }

  handle(request: InboundRequest, sink: ResponseSink): void {
    const next = request.connection.scheme === 'https' ? this.#secure : this.#redirect;
    next.handle(request, sink);
  }

  refused(refusal: Refusal, attempt: RefusedAttempt, sink: ResponseSink): void {
    this.#secure.refused(refusal, attempt, sink);
  }
}
