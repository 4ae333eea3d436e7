import type { HeaderList, MutableHeaderList } from '../../../core/header-list.ts';
import { cookiesFault } from './check-result.ts';
import type { Cookie, EndpointAnswer } from '../../contract.ts';

/** What an endpoint answered, read whole. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly setCookies: readonly Cookie[];
}

/** A page or a redirect; a plugin that wants to send more is not answering but serving. */
const MAX_BODY = 1024 * 1024;
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Reads what a plugin answered; throws when it is no answer, or too large. */
export async function readAnswer(answer: EndpointAnswer): Promise<ReadAnswer> {
  const { response, setCookies } = isBare(answer) ? { response: answer, setCookies: [] } : answer;
  const headers: MutableHeaderList = [];
  // Set-Cookie is not for a plugin to write: attributes are ours (B3).
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') headers.push(name, value);
  }
  const body = NO_BODY.has(response.status) ? new Uint8Array(0) : await wholeBody(response);
  return { status: response.status, headers, body, setCookies };
}

/** Undefined when it can be sent, else what is wrong with it; never quotes a value. */
export function answerFault(value: unknown): string | undefined {
  const { status, setCookies } = value as ReadAnswer;
  if (!Number.isInteger(status) || status < 200 || status > 599) return 'the status is not final';
  return cookiesFault(setCookies);
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
