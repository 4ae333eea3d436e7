/** RFC 9110 9.2.2, and QUERY (RFC 10008). */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'QUERY',
]);

/** A request whose connection ended before the response did. */
export interface LostRequest {
  readonly method: string;
  readonly isBodyless: boolean;
  /** An octet or a head of a response came, an interim one (1xx) too. */
  readonly hasAnswered: boolean;
  /** Above 0: the connection was kept alive, and may have died unseen before this request. */
  readonly earlierRequests: number;
}

/**
 * policy-language.md 8, for HTTP/1.1 and HTTP/2 alike: may a request that was written be sent once more? Only an
 * idempotent one without a body, on a kept-alive connection that never answered it. An application that has
 * answered was there, and may have acted.
 */
export function mayHaveDiedUnseen(lost: LostRequest): boolean {
  return lost.isBodyless && !lost.hasAnswered && lost.earlierRequests > 0 && isIdempotent(lost);
}

function isIdempotent({ method }: LostRequest): boolean {
  return IDEMPOTENT_METHODS.has(method);
}
