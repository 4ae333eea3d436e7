import type { EndpointRequest } from '../../plugin/contract.ts';
import { LazyRequestView } from './request-view.ts';
import type { RequestViewParts } from './request-view.ts';

/** What an endpoint of a plugin sees: the request, and its body as it was sent, already read. */
export class LazyEndpointRequest extends LazyRequestView implements EndpointRequest {
  readonly #body: Uint8Array;

  constructor(parts: RequestViewParts, body: Uint8Array) {
    super(parts);
    this.#body = body;
  }

  body(): Promise<Uint8Array> {
    return Promise.resolve(this.#body);
  }
}
