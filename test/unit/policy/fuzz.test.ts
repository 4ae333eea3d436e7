import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzPolicies } from '../../support/policy/fuzz/judge.ts';

// "npm run fuzz:policy" has as many more as one has patience for.
const SEEDS = [20_261_128, 20_261_129, 20_261_130, 20_261_131, 20_261_132, 20_261_133];
const SETS = 500;

for (const seed of SEEDS) {
  test(`five hundred sets, valid and changed, from seed ${seed}: each loads or is told what is wrong`, async () => {
    const tally = await fuzzPolicies({ seed, sets: SETS });

    assert.equal(tally.sets, SETS);
    assert.ok(tally.unchanged > SETS / 10);
    // Changes that are all refused, or none, would test nothing.
    assert.ok(tally.loaded > SETS / 8 && tally.loaded < (SETS * 3) / 4);
    for (const code of ['E101', 'E102', 'E103', 'E104', 'E201', 'E210', 'E302']) {
      assert.ok(tally.codes.has(code), `no set was refused with ${code}`);
    }
  });
}
