import { compileWhen } from '../../src/policy/rules/when/when.ts';
import type { WhenCondition, WhenValues } from '../../src/policy/snapshot/snapshot.ts';

/**
 * What the dearest expressions of `require.when` cost, each with the longest lists that it takes: processor time of
 * one evaluation. One millisecond is the most that is allowed.
 */
const ALLOWED_MS = 1;
const RUNS = 500;
const c = 'identity.claims';
const texts = (length: number, width = 20) =>
  Array.from({ length }, (_, i) => `${i}-`.padEnd(width, 'x'));
const text = 'x'.repeat(8192);

const cases: readonly [expression: string, claims: (length: number) => unknown][] = [
  [`${c}.a.exists(x, x == "q")`, (n) => ({ a: texts(n) })],
  [
    `${c}.a.exists(x, ${Array.from({ length: 60 }, (_, i) => `x == "${i}q"`).join(' || ')})`,
    (n) => ({ a: texts(n) }),
  ],
  [`${c}.a.exists(x, ${c}.a.exists(y, x == y + "q"))`, (n) => ({ a: texts(n) })],
  [`${c}.a.exists(x, x in ${c}.b)`, (n) => ({ a: texts(n), b: texts(n, 30) })],
  [`${c}.a.exists(x, ${c}.t.contains(x))`, (n) => ({ a: texts(n), t: text })],
  [`${c}.a.all(x, !(${c}.t + ${c}.t + ${c}.t).contains(x))`, (n) => ({ a: texts(n), t: text })],
  [`[1,2,3,4,5,6,7,8,9].all(i, ${c}.a == ${c}.b)`, (n) => ({ a: texts(n), b: texts(n) })],
  [
    `[${c}.t + ${c}.t + ${c}.t + ${c}.t].all(s, ${c}.a.all(x, !s.contains(x)))`,
    (n) => ({ a: texts(n), t: text }),
  ],
  [
    `${c}.a.all(x, x == ${c}.m)`,
    (n) => ({ a: Array.from({ length: n }, () => texts(4)), m: texts(4) }),
  ],
  [
    `${c}.a.filter(x, x != "q").filter(x, x != "r").filter(x, x != "s").exists(x, x == "t")`,
    (n) => ({ a: texts(n) }),
  ],
  [`${c}.a.all(x, string(x).lowerAscii().startsWith("0") || true)`, (n) => ({ a: texts(n) })],
  [
    `${c}.a.exists(x, timestamp("2020-01-01T00:00:00Z") > timestamp("2021-01-01T00:00:00Z"))`,
    (n) => ({ a: texts(n) }),
  ],
];

function valuesWith(claims: unknown): WhenValues {
  return {
    identity: { subject: 'a', issuer: 'i', method: 'm', provider: 'p', claims, with: {} },
    tenant: { id: 'a', tier: null },
    request: { method: 'GET', path: '/', host: 'h', headers: new Map(), client: { ip: '::1' } },
  };
}

/** The longest list of at most a thousand elements that is not refused. */
function longestTaken(condition: WhenCondition, claims: (length: number) => unknown): number {
  let length = 1000;
  while (condition.judge(valuesWith(claims(length))).kind === 'too-large') length -= 1;
  return length;
}

function cpuMs(condition: WhenCondition, values: WhenValues): number {
  const begun = process.cpuUsage();
  for (let i = 0; i < RUNS; i += 1) condition.judge(values);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000 / RUNS;
}

const found = cases.map(([expression, claims]) => {
  const compiled = compileWhen(expression);
  if (compiled.kind === 'wrong') throw new Error(`${expression}: ${compiled.reason}`);
  const length = longestTaken(compiled.value, claims);
  const ms = cpuMs(compiled.value, valuesWith(claims(length)));
  console.log(`${ms.toFixed(3)} ms  ${length} elements  ${expression.slice(0, 90)}`);
  return ms;
});
const worst = Math.max(...found);
console.log(`worst ${worst.toFixed(3)} ms of ${ALLOWED_MS} ms`);
process.exitCode = worst > ALLOWED_MS ? 1 : 0;
