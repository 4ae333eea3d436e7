import { TARGETS, lastOf, targetOf } from '../rules/effective-rule.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { isPassthrough, levelsOf, saysSomething } from '../rules/levels.ts';
import type { Level } from '../rules/levels.ts';
import { isReservedPath, isWithin, parsePathPattern } from '../rules/path-pattern.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import type { Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, textOf } from '../source/source.ts';
import { effectReport } from './effect-report.ts';
import type { Report } from './effect-report.ts';
import type { WrittenSet } from './written-set.ts';

/** Every request that a rule takes has one place to go (E103, E111), by a path that exists (E302, E305). */
export function checkTargets({ root, rules }: WrittenSet, findings: Findings): void {
  for (const [name, { node, key }] of entriesOf(childOf(root, 'routes'))) {
    const path = ['routes', name];
    if (isPassthrough(node) && childOf(node, 'service') === undefined) {
      reportMissing(`routes.${name}`, path, key, findings);
    }
    for (const rule of rules.get(name) ?? []) checkRule(rule, { path, at: key }, findings);
  }
  for (const level of levelsOf(root)) {
    checkLevel(level, effectReport(root, findings));
    checkRewrite(level, findings);
  }
}

interface Place {
  readonly path: Path;
  readonly at: Span;
}

function checkRule(rule: EffectiveRule, route: Place, findings: Findings): void {
  const { own, path: pattern } = rule;
  const target = targetOf(rule);
  if (target === undefined) {
    const where = own === undefined ? '' : `, path ${pattern}`;
    const path = own === undefined ? route.path : [...route.path, 'paths', pattern];
    reportMissing(`routes.${rule.route}${where}`, path, own?.key ?? route.at, findings);
  }
  const strip = childOf(lastOf(rule, 'rewrite')?.node, 'strip');
  if (target === 'service' && strip !== undefined) checkStrip(rule, strip, findings);
}

function reportMissing(where: string, path: Path, at: Span, findings: Findings): void {
  const message = `missing key "service" in ${where}`;
  findings.add({ code: 'E103', message, path: [...path, 'service'], at });
}

/** What says how a request is forwarded, and nothing of an answer. */
const FORWARDING = ['rewrite', 'websocket', 'forwardHeaders'];

function checkLevel({ node, path }: Level, report: Report): void {
  const targets = TARGETS.filter((key) => saysSomething(childOf(node, key)));
  for (const other of targets.slice(0, -1)) {
    report([...path, other], `"${targets.at(-1)}" answers every request`);
  }
  if (targets.length === 0 || targets.at(-1) === 'service') return;
  for (const key of FORWARDING) {
    if (!saysSomething(childOf(node, key))) continue;
    report([...path, key], `"${targets.at(-1)}" answers, and nothing is forwarded`);
  }
  const bandwidth = [...path, 'limits', 'bandwidth'];
  report(bandwidth, `"${targets.at(-1)}" answers, and nothing is forwarded`);
}

/** What is removed has to be there, in every request of the path. */
function checkStrip(rule: EffectiveRule, strip: SourceNode, findings: Findings): void {
  const pattern = parsePathPattern(rule.path);
  const prefix = parsePathPattern(`${textOf(strip) ?? ''}/**`);
  if (pattern.kind === 'wrong' || prefix.kind === 'wrong') return;
  if (isWithin(pattern.value, prefix.value)) return;
  const message = `requests of path ${rule.path} need not begin with ${quoted(textOf(strip)!)}, so it cannot be removed`;
  const hint = `write "rewrite" at a path such as ${textOf(strip)}/**`;
  const path = [...(lastOf(rule, 'rewrite')?.path ?? []), 'strip'];
  findings.add({ code: 'E302', message, hint, path, at: strip.span });
}

/** Each of its texts is a path in normal form that may be an application's. */
function checkRewrite({ path: base, node }: Level, findings: Findings): void {
  for (const [key, { node: value }] of entriesOf(childOf(node, 'rewrite'))) {
    const text = textOf(value);
    if (text === undefined || text === '') continue;
    const path = [...base, 'rewrite', key];
    const parsed = parsePathPattern(text);
    const subject = `the path ${quoted(text)}`;
    if (parsed.kind === 'wrong') {
      findings.add({ code: 'E302', message: `${subject} ${parsed.reason}`, path, at: value.span });
    } else if (parsed.value.kind !== 'exact' || (key !== 'path' && text.endsWith('/'))) {
      const message = `${subject} must be a literal path${key === 'path' ? '' : ' without "/" at its end'}`;
      findings.add({ code: 'E302', message, path, at: value.span });
    } else if (isReservedPath(parsed.value)) {
      const message = `${subject} is reserved: all below /.fairlead is the gateway's own`;
      findings.add({ code: 'E305', message, path, at: value.span });
    }
  }
}
