import type { HeaderList, MutableHeaderList } from '../../../core/header-list.ts';
import { cookiesFault, reasonFault } from './check-result.ts';
import type { Cookie, EndpointAnswer, Reason } from '../../contract.ts';

/** What an endpoint answered, read whole. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly setCookies: readonly Cookie[];
  /** The page says no: why. */
  readonly reason?: Reason;
}

/** A page or a redirect; a plugin that wants to send more is not answering but serving. */
const MAX_BODY = 1024 * 1024;
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Reads what a plugin answered; throws when it is no answer, or too large. */
export async function readAnswer(answer: EndpointAnswer): Promise<ReadAnswer> {
  const given = isBare(answer) ? { response: answer, setCookies: [] } : answer;
  const { response, setCookies, reason } = given;
  const headers: MutableHeaderList = [];
  // Set-Cookie is not for a plugin to write: attributes are ours (B3).
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') headers.push(name, value);
  }
  const body = NO_BODY.has(response.status) ? new Uint8Array(0) : await wholeBody(response);
  const { status } = response;
  return { status, headers, body, setCookies, ...(reason !== undefined && { reason }) };
}

/** Undefined when it can be sent, else what is wrong with it; never quotes a value. */
export function answerFault(value: unknown): string | undefined {
  const { status, setCookies, reason } = value as ReadAnswer;
  if (!Number.isInteger(status) || status < 200 || status > 599) return 'the status is not final';
  return cookiesFault(setCookies) ?? (reason === undefined ? undefined : reasonFault(reason));
}

function isBare(answer: EndpointAnswer): answer is Response {
  return !('response' in answer);
}

async function wholeBody(response: Response): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > MAX_BODY) throw new RangeError(`an endpoint answered over ${MAX_BODY} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
