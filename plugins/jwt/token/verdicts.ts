import type { AuthResult } from 'fairlead/plugin';
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { LIMITS } from '../limits.ts';

interface Verdict {
  readonly result: AuthResult;
  readonly untilMs: number;
}

/**
 * Verified tokens by digest, so that a token seen before is decided at once. Only tokens whose
 * signature held come in, so a stranger cannot fill it. The token itself is not kept.
 */
export class Verdicts {
  readonly #entries = new LRUCache<string, Verdict>({
    max: LIMITS.verdicts,
    maxSize: LIMITS.verdictCharacters,
  });

  get size(): number {
    return this.#entries.size;
  }

  get(digest: string, nowMs: number): AuthResult | undefined {
    const verdict = this.#entries.get(digest);
    if (verdict === undefined || nowMs < verdict.untilMs) return verdict?.result;
    this.#entries.delete(digest);
    return undefined;
  }

  /** `untilMs` is the token's own end; the verdict ends a minute from now at the latest. */
  set(
    digest: string,
    result: AuthResult,
    {
      nowMs,
      untilMs,
      size,
    }: { readonly nowMs: number; readonly untilMs: number; readonly size: number },
  ): void {
    const verdict = { result, untilMs: Math.min(untilMs, nowMs + LIMITS.verdictMs) };
    this.#entries.set(digest, verdict, { size });
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** SHA-256: two tokens with one digest would be one identity, so nothing weaker will do. */
export function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
