import { readFile } from 'node:fs/promises';
import type { Context, FetchInit } from 'fairlead/plugin';
import { LIMITS } from './limits.ts';
import type { Options } from './options.ts';

/** An answer was larger than any provider needs. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

export type ProviderFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Requests to the provider: egress rules of the gateway, the policy's authority and client certificate,
 * no redirects, and an answer that is read whole and bounded before anybody looks at it. Files are read
 * once: a provider whose certificate is renewed is created afresh by the reload.
 */
export async function createProviderFetch(
  options: Options,
  context: Context,
): Promise<ProviderFetch> {
  const { ca, allowPrivate, client } = options;
  const own: FetchInit = {
    allowPrivate,
    redirect: 'error',
    credentials: 'omit',
    ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }),
    ...(client.cert !== undefined && {
      clientCertificate: {
        cert: await readFile(client.cert, 'utf8'),
        key: await readFile(client.key!, 'utf8'),
      },
    }),
  };
  return async (url, init) => {
    const signals = [init.signal, context.signal].filter(
      (signal) => signal !== null && signal !== undefined,
    );
    const response = await context.fetch(url, {
      ...init,
      ...own,
      signal: AbortSignal.any(signals),
    });
    return readWhole(response);
  };
}

async function readWhole(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > LIMITS.documentOctets) throw new AnswerTooLarge();
    chunks.push(chunk);
  }
  const body = response.body === null ? null : Buffer.concat(chunks);
  const { status, headers } = response;
  return new Response(body, { status, headers: new Headers([...headers]) });
}
