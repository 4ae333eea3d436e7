import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';

/** Connection and framing fields are the listener's own, whatever a caller hands over. */
const OWN_FIELDS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'content-length',
  'upgrade',
]);

/** The fields with our framing: Content-Length where the length is known and may be said (E21). */
export function framedFields(
  status: number,
  headers: HeaderList,
  options: ResponseHeadOptions,
): MutableHeaderList {
  const fields: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!isOwnField(headers[i]!)) fields.push(headers[i]!, headers[i + 1]!);
  }
  // RFC 9110 8.6: never in a 1xx or 204.
  if (options.length !== undefined && status >= 200 && status !== 204) {
    fields.push('content-length', String(options.length));
  }
  return fields;
}

function isOwnField(name: string): boolean {
  // The lengths of the names above; most fields are told apart by that alone.
  const { length } = name;
  if (length !== 7 && length !== 10 && length !== 14 && length < 16) return false;
  return OWN_FIELDS.has(name.toLowerCase());
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
