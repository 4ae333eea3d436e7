import type { ProofInput, TestInput } from '../schema/schema.ts';
import type {
  PolicyTest,
  SourcePosition,
  TestExpectation,
  TestProof,
  TestRequest,
} from '../snapshot/snapshot.ts';

/** Of documentation (RFC 5737), so it is in nobody's list. */
const SOMEBODY = '192.0.2.1';

/** The cases of `tests:`, each with its place. */
export function compileTests(
  inputs: readonly TestInput[],
  positionOf: (index: number) => SourcePosition,
): readonly PolicyTest[] {
  return inputs.map((input, index) => ({
    name: input.name,
    position: positionOf(index),
    request: requestOf(input.request),
    proofs: listOf(input.as).map(proofOf),
    expected: expectationOf(input.expect),
  }));
}

function requestOf(input: TestInput['request']): TestRequest {
  return {
    url: input.url,
    method: input.method ?? 'GET',
    headers: Object.entries(input.headers ?? {}).flatMap(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
    clientAddress: input.from ?? SOMEBODY,
    bodyBytes: input.body ?? 0,
  };
}

function proofOf({ provider, claims, acr, age, rejected }: ProofInput): TestProof {
  return { provider, claims: rejected ? undefined : (claims ?? {}), acr, ageMs: age ?? 0 };
}

function expectationOf({ rate, ...input }: TestInput['expect']): TestExpectation {
  return {
    outcome: input.outcome,
    status: input.status,
    location: input.location,
    code: input.code,
    reason: input.reason,
    route: input.route,
    path: input.path,
    service: input.service,
    forwarded: input.forwarded,
    provider: input.provider,
    identity: input.identity,
    tenant: input.tenant,
    tier: input.tier,
    rate: rate === undefined ? undefined : listOf(rate).map(({ text }) => text),
    concurrent: input.concurrent,
  };
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
