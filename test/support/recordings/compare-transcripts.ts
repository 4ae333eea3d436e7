import assert from 'node:assert/strict';
import type { Transcript } from './transcript.ts';

export interface Comparison {
  readonly recorded: Transcript;
  readonly actual: Transcript;
  /** Statements that may be there or not, on either side. */
  readonly isOptional: (statement: string) => boolean;
  /** False where octets were left unsaid. */
  readonly comparesOctets: boolean;
}

/** The same statements, each as often, in an order that AMQP and the contract allow; the same octets. */
export function assertSameTalk({ recorded, actual, isOptional, comparesOctets }: Comparison): void {
  const needed = (talk: Transcript): string[] =>
    talk.statements
      .filter(isNews)
      .filter((statement) => !isOptional(statement))
      .sort();
  assert.deepEqual(needed(actual), needed(recorded));
  assert.deepEqual(orderProblems(actual.statements), []);
  if (!comparesOctets) return;
  const bodies = actual.bodies();
  for (const [at, { name, octets }] of recorded.bodies().entries()) {
    assert.equal(bodies[at]?.octets.length, octets.length, `octets of ${name}`);
    assert.ok(bodies[at].octets.equals(octets), `octets of ${name} differ`);
  }
}

/** Credit is absolute, so said again it says nothing: a flow for the session's window names a link with it. */
function isNews(statement: string, at: number, all: readonly string[]): boolean {
  return !CREDIT.test(statement) || all.indexOf(statement) === at;
}

const CREDIT = /^lane \d+ credit /;

/** Statements that stand where they must not. */
export function orderProblems(statements: readonly string[]): readonly string[] {
  const reached = new Map<string, number>();
  return statements.filter((statement) => {
    const [scope, rank] = place(statement);
    const before = reached.get(scope) ?? -1;
    if (rank === FLOATING) return before < 1 || before >= LAST;
    reached.set(scope, Math.max(before, rank));
    return rank < before;
  });
}

const FLOATING = -1;
const LAST = 1_000;

/** A statement's scope (the connection, or a lane) and its place there; the order within a place is free. */
function place(statement: string): readonly [scope: string, rank: number] {
  const lane = /^lane (\d+) (.*)$/.exec(statement);
  if (lane === null) return ['connection', connectionPlace(statement)];
  return [lane[1]!, lanePlace(lane[2]!)];
}

function connectionPlace(statement: string): number {
  const order = ['header sasl', 'sasl-mech', 'sasl-init', 'sasl-outcome', 'header amqp', 'open'];
  const at = [...order, 'close', 'fin'].findIndex((start) => statement.startsWith(start));
  return at < 0 ? LAST : at;
}

function lanePlace(statement: string): number {
  if (statement === 'begin') return 0;
  if (statement.startsWith('attach')) return 1;
  if (statement.startsWith('end')) return LAST;
  const delivery = /^delivery (\d+) (opening|end|aborted)/.exec(statement);
  if (delivery === null) return FLOATING;
  return 2 + 2 * Number(delivery[1]) + (delivery[2] === 'opening' ? 0 : 1);
}
