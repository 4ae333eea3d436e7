import type { HeaderList } from '../core/header-list.ts';

/**
 * Leave to be forwarded. Held until the last octet of the response is sent or the stream closes; then
 * disposed, which gives its places in flight back. Disposing twice does nothing more.
 */
export class Permit implements Disposable {
  readonly kind = 'permit';
  /** `RateLimit` and `RateLimit-Policy` for the response; empty when no rate applied. */
  readonly fields: HeaderList;
  #release: (() => void) | undefined;

  constructor(fields: HeaderList, release: () => void) {
    this.fields = fields;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}
