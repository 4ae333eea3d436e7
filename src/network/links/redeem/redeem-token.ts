import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { Clock } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { AccessToken } from './access-token.ts';
import { failureOf } from './redeem-failure.ts';
import { sentenceOf } from './redeem-status.ts';

export interface RedeemOptions {
  readonly token: AccessToken;
  /** Stable for one gateway: it becomes the common name of the certificate. */
  readonly subject: string;
  readonly clock: Clock;
}

export type RedeemResult =
  /** The link file: a Secret and a Link for each endpoint group. */
  | { readonly kind: 'redeemed'; readonly text: string }
  | { readonly kind: 'refused'; readonly sentence: string };

/** A Secret with a chain and some Links are a few KiB; the peer is not trusted with our memory. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Redeems a token as Skupper does: one POST of the bare code, over TLS 1.3 that trusts only the token's
 * authority. Redirects are not followed, nothing is tried twice: each attempt may use the token up.
 */
export function redeemToken({ token, subject, clock }: RedeemOptions): Promise<RedeemResult> {
  const { promise, resolve } = Promise.withResolvers<RedeemResult>();
  const asked = request(token.url, requestOptions(token, subject));
  const limit = clock.after(DEADLINES.redeemMs, () => {
    asked.destroy(new Error(`no answer within ${DEADLINES.redeemMs} ms`));
  });
  const finish = (result: RedeemResult | Promise<RedeemResult>): void => {
    limit.cancel();
    resolve(result);
  };
  asked.once('response', (response) => {
    collect(response).then(
      (text) => finish(judge(response, text)),
      (error: Error) => finish(failed(token, error, clock)),
    );
  });
  asked.once('error', (error) => finish(failed(token, error, clock)));
  asked.end(token.code);
  return promise;
}

function requestOptions(token: AccessToken, subject: string): RequestOptions {
  return {
    method: 'POST',
    ca: token.caPem,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    // One request, one connection: nothing of it stays.
    agent: false,
    headers: { name: token.name, subject, 'content-length': Buffer.byteLength(token.code) },
  };
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error(`answer above ${MAX_ANSWER_BYTES} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function judge(response: IncomingMessage, text: string): RedeemResult {
  const status = response.statusCode ?? 0;
  if (status === 200) return { kind: 'redeemed', text };
  return { kind: 'refused', sentence: sentenceOf(status, text) };
}

async function failed(token: AccessToken, error: Error, clock: Clock): Promise<RedeemResult> {
  const { host } = token.url;
  const reason = await failureOf(token, error, clock);
  return {
    kind: 'refused',
    sentence: `The grant server at ${host} could not be asked: ${reason}.`,
  };
}
