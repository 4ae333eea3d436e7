import type { LimitLeft, ProviderAnswer, RefusalReason } from '../../core/refusal.ts';

/**
 * What decided one request, in words that can be kept: no token, cookie, query, field value or body is in
 * it. Texts from outside are cut (`TextRing` bounds the whole).
 */
export interface DecisionRecord {
  /** The exchange's: the id that the client was told and that the access line has. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly request: {
    readonly method: string | undefined;
    readonly host: string | undefined;
    /** Without the query. */
    readonly path: string | undefined;
    readonly version: string | undefined;
    readonly client: string;
  };
  readonly outcome: 'allowed' | 'answered' | 'refused';
  /** Where it ended: a gate of `evaluate`, `listener`, `own-page`, `forward`, `passthrough`. */
  readonly gate: string;
  readonly status: number | undefined;
  /** Of a refusal or a fault (docs/errors.md). */
  readonly code?: string | undefined;
  readonly reason?: RefusalReason | undefined;
  readonly route?: DecidedRoute | undefined;
  readonly identity?:
    { readonly provider: string; readonly subject: string; readonly issuer: string } | undefined;
  readonly providers: readonly DecidedProvider[];
  readonly tenant?:
    | {
        readonly id: string;
        readonly kind: string;
        readonly tier: string | undefined;
        readonly limits: string | undefined;
      }
    | undefined;
  readonly limits: readonly LimitLeft[];
}

interface DecidedRoute {
  readonly name: string;
  /** Of the policy. */
  readonly path: string;
  readonly service: string;
  /** `file:line:column`. */
  readonly at: string;
  /** What holds there and where it was written; what is by default is not in it. */
  readonly rules: readonly { readonly field: string; readonly text: string; readonly at: string }[];
}

export interface DecidedProvider extends ProviderAnswer {
  /** `file:line:column`. */
  readonly at: string | undefined;
}

/** Longer texts of a client or a plugin say no more; with the few fields there are, a record stays below 16 KiB. */
const MAX_TEXT = 512;

export function cutText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
