import { parseArgs } from 'node:util';
import { fuzzPolicies } from '../support/policy/fuzz/judge.ts';

// Sets made from the schema and changed, into the loader. What fails is told with its seed and shrunk.

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const REPORT_SETS = 10_000;
const startMs = performance.now();
console.log(`fuzz:policy, seed ${values.seed}, ${values.sets} sets`);
const { codes, ...tally } = await fuzzPolicies({
  seed: Number(values.seed),
  sets: Number(values.sets),
  onSet: (count) => {
    if (count % REPORT_SETS === 0) console.log(`${count} sets, ${seconds()} s`);
  },
});
const byCode = Object.fromEntries([...codes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
console.log(JSON.stringify({ ...tally, seconds: seconds(), codes: byCode }));

function seconds(): number {
  return Math.round((performance.now() - startMs) / 1000);
}
