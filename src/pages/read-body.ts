import type { BodySource } from '../core/message.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import { namedReason } from '../telemetry/names/names.ts';

/** The whole body, or `body_too_large` beyond `limit` octets. Rejects when the body does not complete. */
export function readBody(source: BodySource, limit: number): Promise<Uint8Array | Refusal> {
  if (source.length !== undefined && source.length > limit) return Promise.resolve(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    source.consume({
      data(chunk) {
        length += chunk.byteLength;
        if (length <= limit) chunks.push(chunk);
        else resolve(tooLarge(limit));
      },
      end: () => resolve(Buffer.concat(chunks)),
      fail: reject,
    });
  });
}

function tooLarge(limit: number): Refusal {
  const detail = `at most ${limit} octets are allowed here`;
  return refuse('body_too_large', { reason: namedReason('endpoint.body', detail) });
}
