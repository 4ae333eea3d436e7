import type { SourcePosition } from './position.ts';

/** One case of `tests:`: a request, who makes it, and what must come of it. */
export interface PolicyTest {
  readonly name: string;
  readonly position: SourcePosition;
  readonly request: TestRequest;
  /** What providers find in it; of others the header fields are all there is. */
  readonly proofs: readonly TestProof[];
  readonly expected: TestExpectation;
}

export interface TestRequest {
  readonly url: string;
  readonly method: string;
  /** Name and value by turns, names lower case. */
  readonly headers: readonly string[];
  readonly clientAddress: string;
  readonly bodyBytes: number;
}

export interface TestProof {
  readonly provider: string;
  /** Undefined: the credential is rejected. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  readonly acr: string | undefined;
  /** Since the person logged in. */
  readonly ageMs: number;
}

/** What is undefined may be anything. */
export interface TestExpectation {
  readonly outcome:
    'allow' | 'redirect' | 'respond' | 'challenge' | 'refuse' | 'preflight' | 'own' | undefined;
  readonly status: number | undefined;
  /** Of a redirect that the policy answers with. */
  readonly location: string | undefined;
  readonly code: string | undefined;
  readonly reason: string | undefined;
  readonly route: string | undefined;
  readonly path: string | undefined;
  readonly service: string | undefined;
  readonly forwarded: string | undefined;
  readonly provider: string | undefined;
  /** `none`: no identity. */
  readonly identity: string | undefined;
  readonly tenant: string | undefined;
  /** `none`: no tier. */
  readonly tier: string | undefined;
  /** As written: `10/s`. */
  readonly rate: readonly string[] | undefined;
  readonly concurrent: number | undefined;
}
