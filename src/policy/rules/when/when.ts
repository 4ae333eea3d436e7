import { Environment } from '@marcbachmann/cel-js';
import type { WhenCondition, WhenValues, WhenVerdict } from '../../snapshot/snapshot.ts';
import { longestIn } from './measure.ts';
import { NotAllowed, boundsOf, stepsFor } from './when-cost.ts';
import type { Cost } from './when-cost.ts';

/** Octets of an expression: a longer one is a program, and wants an authorizer. */
const MAX_EXPRESSION = 2048;
/** So many steps take less than a millisecond (`npm run measure -- when`). */
const MAX_STEPS = 10_000;

const environment = new Environment({
  limits: { maxAstNodes: 1000, maxDepth: 50, maxListElements: 300, maxMapEntries: 100 },
})
  .registerVariable('identity', 'dyn')
  .registerVariable('tenant', 'dyn')
  .registerVariable('request', 'dyn');

export type CompiledWhen =
  | { readonly kind: 'ok'; readonly value: WhenCondition }
  /** `start` and `end` are offsets in the expression. */
  | {
      readonly kind: 'wrong';
      readonly reason: string;
      readonly start: number;
      readonly end: number;
    };

/** Compiles an expression of CEL: parsed, its types checked, its steps bounded. */
export function compileWhen(text: string): CompiledWhen {
  if (Buffer.byteLength(text) > MAX_EXPRESSION) {
    return {
      kind: 'wrong',
      reason: `must have at most ${MAX_EXPRESSION} octets`,
      start: 0,
      end: 0,
    };
  }
  try {
    const expression = environment.parse(text);
    const { cost, usesHeaders } = boundsOf(expression.ast);
    const checked = expression.check();
    if (checked.error !== undefined) throw checked.error;
    if (checked.type !== 'bool' && checked.type !== 'dyn') {
      return {
        kind: 'wrong',
        reason: `must be true or false, not ${checked.type}`,
        start: 0,
        end: text.length,
      };
    }
    const judge = (values: WhenValues) => verdictOf(expression, cost, values);
    return { kind: 'ok', value: { text, usesHeaders, judge } };
  } catch (error) {
    return wrong(error);
  }
}

function wrong(error: unknown): CompiledWhen {
  if (error instanceof NotAllowed) {
    const { pos, end } = error.node as unknown as { readonly pos: number; readonly end: number };
    return { kind: 'wrong', reason: error.message, start: pos, end };
  }
  const { summary, message, range } = error as Complaint;
  return {
    kind: 'wrong',
    reason: summary ?? message,
    start: range?.start ?? 0,
    end: range?.end ?? 0,
  };
}

/** What the library says of an expression. */
interface Complaint {
  readonly message: string;
  readonly summary?: string;
  readonly range?: { readonly start: number; readonly end: number };
}

type Expression = ReturnType<typeof environment.parse>;

/** Nothing but `true` holds: an error, a missing field and another value do not. */
function verdictOf(expression: Expression, cost: Cost, values: WhenValues): WhenVerdict {
  const longest = longestIn(values);
  if (longest === undefined || stepsFor(cost, longest) > MAX_STEPS) return { kind: 'too-large' };
  try {
    const result: unknown = expression(values);
    if (typeof result === 'boolean') return { kind: result ? 'holds' : 'fails' };
    return { kind: 'error', detail: 'the result is neither true nor false' };
  } catch (error) {
    const { summary, message } = error as Complaint;
    return { kind: 'error', detail: summary ?? message };
  }
}
