import { readFile } from 'node:fs/promises';
import type { Context, FetchInit } from 'fairlead/plugin';
import { DocumentError, cutFault, fetchFault, readBounded, statusFault } from 'fairlead/plugin/kit';
import { LIMITS } from '../limits.ts';
import type { Options } from '../options.ts';

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
    // Not followed: seen, so that its target can be told.
    redirect: 'manual',
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
    const asked = context.fetch(url, { ...init, ...own, signal: AbortSignal.any(signals) });
    const response = await asked.catch((thrown: unknown) => {
      throw new DocumentError(fetchFault(url, thrown), { cause: thrown });
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new DocumentError(statusFault(url, response));
    }
    return readWhole(url, response).catch((thrown: unknown) => {
      if (thrown instanceof DocumentError) throw thrown;
      throw new DocumentError(cutFault(url, thrown), { cause: thrown });
    });
  };
}

async function readWhole(url: string, response: Response): Promise<Response> {
  const octets = await readBounded(url, response, LIMITS.documentOctets);
  const body = response.body === null ? null : Buffer.from(octets);
  const { status, headers } = response;
  return new Response(body, { status, headers: new Headers([...headers]) });
}
