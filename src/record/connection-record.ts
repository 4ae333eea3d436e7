import type { ClientConnection } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';

/** Everything known of one passthrough connection at its end. Exactly one is made for each. */
export interface ConnectionRecord {
  /** An id as exchanges have, so that one search finds either. */
  readonly id: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly connection: ClientConnection;
  readonly serverName: string;
  readonly route: string | undefined;
  readonly service: string | undefined;
  /** Octets handed on, the ClientHello included. */
  readonly fromClientBytes: number;
  readonly toClientBytes: number;
  /** Why it was closed before anything was handed on. */
  readonly refusal: Refusal | undefined;
  /** Why it was cut, or could not be connected. Without one and without a refusal both ends ended it. */
  readonly fault: string | undefined;
  readonly faultDetail: string | undefined;
}

/** How it ended, in one word: `complete`, or the code of the refusal or fault. */
export function endOf(record: ConnectionRecord): string {
  return record.fault ?? record.refusal?.code ?? 'complete';
}
