import type { KeptDecisions } from '../record/record.ts';

/** Whether the gateway should get traffic, and if not, why: one sentence each. */
export interface Readiness {
  readonly isReady: boolean;
  readonly reasons: readonly string[];
}

export interface ConfigStatus {
  readonly running: {
    readonly generation: number;
    readonly hash: string;
    /** ISO 8601. */
    readonly since: string;
    /** Below the directory of the set. */
    readonly files: readonly string[];
    /** The generation whose policy this is, when an operator went back to it. */
    readonly pinned?: number;
  };
  /** That can be gone back to, the oldest first. */
  readonly generations: readonly {
    readonly generation: number;
    readonly hash: string;
    readonly at: string;
  }[];
  /** What the running set does otherwise than the one before it, in words: what opens first. */
  readonly changes: readonly string[];
  /** The last set that was not taken, until a good one is. */
  readonly refused:
    | {
        readonly hash: string | undefined;
        /** ISO 8601. */
        readonly at: string;
        /** As `fairlead check` prints them, errors before warnings. */
        readonly errors: string;
      }
    | undefined;
  /** Providers whose new options do not work yet, so that the ones before are in use. */
  readonly notReplaced: readonly {
    readonly provider: string;
    readonly reason: string;
    /** ISO 8601: from then on the new options count. */
    readonly until: string;
  }[];
  /** Every certificate that the running set names, the first to end first. */
  readonly certificates: readonly CertificateStatus[];
}

export interface CertificateStatus {
  /** Where the policy names it, such as `gateway.certificates[0]`. */
  readonly place: string;
  readonly file: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** Whole days, negative once it has expired. */
  readonly daysLeft: number;
}

export interface AdminSources {
  readiness(): Readiness;
  /** Text and its content type. */
  metrics(): { readonly body: string; readonly contentType: string };
  config(): ConfigStatus;
  /** Router connections: endpoint, state, the router's identity, lanes. Undefined without a network. */
  network(): unknown;
  readonly decisions: KeptDecisions;
  /** What a POST to this path does; undefined: nothing. */
  action(path: string): AdminAction | undefined;
}

/** Takes the JSON that was sent, undefined for none, and answers with a status and JSON. */
export type AdminAction = (
  sent: unknown,
) => Promise<{ readonly status: number; readonly value: unknown }>;
