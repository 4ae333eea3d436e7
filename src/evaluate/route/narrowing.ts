import { isPreflight } from '../../browser/cors-request.ts';
import { fieldValues, firstField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Rule } from '../../policy/snapshot/snapshot.ts';
import { namedReason } from '../../telemetry/names/names.ts';
import { noRoute } from './no-route.ts';

/** The part of a request that decides between the rules of one path. */
export interface NarrowedRequest {
  readonly method: string;
  readonly headers: HeaderList;
}

export interface ChosenRule {
  readonly rule: Rule;
  /** A question of a browser that the CORS of the rule answers. */
  readonly isPreflight: boolean;
}

/**
 * Of the rules of one path, the first of which is at `at`, the one that takes the request: the first whose method
 * and fields it has. A preflight belongs to the rule of the method that it asks for, so that no rule answers
 * for another. Refuses with 405 and `Allow` where only the method is wrong.
 */
export function ruleFor(
  rules: readonly Rule[],
  at: number,
  request: NarrowedRequest,
): ChosenRule | Refusal {
  const first = rules[at]!;
  const { method, headers } = request;
  if (first.methods === undefined && first.matchHeaders === undefined) {
    return { rule: first, isPreflight: first.cors !== undefined && isPreflight(method, headers) };
  }
  const open = rulesOfPath(rules, at).filter((rule) => hasFields(headers, rule));
  if (open.length === 0) return noRoute(`no rule of path ${first.path} takes these header fields`);
  if (!isPreflight(method, headers)) return chosen(ruleOfMethod(open, method));
  const asked = ruleOfMethod(open, firstField(headers, 'access-control-request-method')!);
  if (isRefusal(asked)) return asked;
  return asked.cors === undefined
    ? chosen(ruleOfMethod(open, method))
    : { rule: asked, isPreflight: true };
}

function chosen(rule: Rule | Refusal): ChosenRule | Refusal {
  return isRefusal(rule) ? rule : { rule, isPreflight: false };
}

/** They stand together, the ones that want most first. */
function rulesOfPath(rules: readonly Rule[], at: number): readonly Rule[] {
  const { path } = rules[at]!;
  let end = at + 1;
  while (rules[end]?.path === path) end += 1;
  return rules.slice(at, end);
}

/** RFC 9110 5.3: several lines of a field are one value, joined. */
function hasFields(headers: HeaderList, { matchHeaders = [] }: Rule): boolean {
  return matchHeaders.every(({ name, values }) => {
    const lines = fieldValues(headers, name);
    return lines.length > 0 && (values === undefined || values.has(lines.join(', ')));
  });
}

function ruleOfMethod(rules: readonly Rule[], method: string): Rule | Refusal {
  const taking = rules.find(({ methods }) => methods === undefined || methods.has(method));
  return taking ?? notAllowed(rules, method);
}

/** RFC 9110 15.5.6: a 405 names the methods that would be taken. */
function notAllowed(rules: readonly Rule[], method: string): Refusal {
  const allowed = new Set(rules.flatMap(({ methods }) => [...methods!])).values();
  const allow = [...allowed].join(', ');
  const detail = `no rule of path ${rules[0]!.path} takes ${method}, only ${allow}`;
  return refuse('method_not_allowed', {
    headers: ['allow', allow],
    reason: namedReason('route.method', detail),
  });
}
