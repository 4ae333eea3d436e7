import { fieldsThatAre } from '../../core/fields/fields.ts';
import { withoutFields } from '../../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';

/** Connection and framing fields are the listener's own, whatever a caller hands over. */
const OWN_FIELDS = fieldsThatAre('connection', 'framing');

/** The fields with our framing: Content-Length where the length is known and may be said (E21). */
export function framedFields(
  status: number,
  headers: HeaderList,
  options: ResponseHeadOptions,
): MutableHeaderList {
  const fields = withoutFields(headers, OWN_FIELDS);
  // RFC 9110 8.6: never in a 1xx or 204.
  if (options.length !== undefined && status >= 200 && status !== 204) {
    fields.push('content-length', String(options.length));
  }
  return fields;
}

/** Counts a body against the announced length: more or less would break the client's framing (E10). */
export class LengthCount {
  #left: number | undefined;

  constructor(length: number | undefined) {
    this.#left = length;
  }

  /** False: the body is longer than was announced. */
  take(octets: number): boolean {
    if (this.#left === undefined) return true;
    this.#left -= octets;
    return this.#left >= 0;
  }

  get isExact(): boolean {
    return this.#left === undefined || this.#left === 0;
  }
}
