import type { EndpointRequest, PageLook } from '../../plugin/contract.ts';
import { LazyRequestView } from './request-view.ts';
import type { RequestViewParts } from './request-view.ts';

interface OwnParts {
  readonly body: Uint8Array;
  readonly look: PageLook | undefined;
}

/** What an endpoint of a plugin sees: the request, its body as it was sent, already read, and how pages are to look. */
export class LazyEndpointRequest extends LazyRequestView implements EndpointRequest {
  readonly look: PageLook | undefined;
  readonly #body: Uint8Array;

  constructor(parts: RequestViewParts, own: OwnParts) {
    super(parts);
    this.look = own.look;
    this.#body = own.body;
  }

  body(): Promise<Uint8Array> {
    return Promise.resolve(this.#body);
  }
}
