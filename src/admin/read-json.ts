import type { IncomingMessage } from 'node:http';

type Sent =
  /** Undefined: no body at all. */
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly status: 400 | 413; readonly reason: string };

/** What is asked of a gateway is a word and a number. */
const MAX_BYTES = 4 * 1024;

/** The body of a request as JSON. A body that does not come in time ends with its connection. */
export async function readJson(request: IncomingMessage): Promise<Sent> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return { kind: 'refused', status: 413, reason: 'at most 4 KiB' };
    chunks.push(chunk);
  }
  if (bytes === 0) return { kind: 'json', value: undefined };
  try {
    return { kind: 'json', value: JSON.parse(Buffer.concat(chunks).toString()) };
  } catch {
    return { kind: 'refused', status: 400, reason: 'the body is not JSON' };
  }
}
