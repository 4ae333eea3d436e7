import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Check,
  PlaceCheck,
  QuotaCheck,
  RateCheck,
  SharedPlace,
  SharedRate,
  SpentCheck,
} from '../../../src/policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from '../../../src/evaluate/limit/limit-store.ts';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import { rate } from '../policy/policy.ts';
import { rateCheck as rateCheckOf } from '../policy/rate-check.ts';

export interface LimitStoreUnderTest extends AsyncDisposable {
  readonly store: LimitStore;
  /** How checks say that this store counts them; default: they do not. */
  readonly shared?: SharedRate;
  /** The same for checks of places. */
  readonly sharedPlace?: SharedPlace;
  /** The store's time in milliseconds. */
  readonly nowMs: () => number;
  /** Lets `ms` pass for the store. */
  readonly pass: (ms: number) => void | Promise<void>;
}

/** What every `LimitStore` does, wherever it counts. */
export function limitStoreContract(
  name: string,
  open: () => Promise<LimitStoreUnderTest>,
  skip: string | false = false,
): void {
  const check = (does: string, run: (under: LimitStoreUnderTest) => Promise<void>) =>
    test(`${name} ${does}`, { skip }, async () => {
      await using under = await open();
      await run(under);
    });

  check('admits as many as the rate, then says when the next may come', async (under) => {
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push(await take(under, rateCheck('a', '2/m')));

    assert.deepEqual(
      outcomes.map(({ isAdmitted, remaining }) => [isAdmitted, remaining]),
      [
        [true, 1],
        [true, 0],
        [false, 0],
      ],
    );
    assert.ok(outcomes[2]!.waitMs > 0 && outcomes[2]!.waitMs <= 60_000);
  });

  check('admits again when the wait is over', async (under) => {
    await take(under, rateCheck('a', '1/s'));
    const { waitMs } = await take(under, rateCheck('a', '1/s'));

    await under.pass(waitMs);

    assert.equal((await take(under, rateCheck('a', '1/s'))).isAdmitted, true);
  });

  check('counts each key by itself', async (under) => {
    await take(under, rateCheck('a', '1/m'));

    assert.equal((await take(under, rateCheck('a', '1/m'))).isAdmitted, false);
    assert.equal((await take(under, rateCheck('b', '1/m'))).isAdmitted, true);
  });

  for (const [what, spent] of [
    ['a rate', rateCheck('look', '2/h')],
    ['a quota', quotaCheck('look', 2)],
  ] as const) {
    check(`a look at ${what} tells what is left, and takes nothing`, async (under) => {
      const looks = [await look(under, spent)];
      for (let i = 0; i < 3; i += 1) {
        await take(under, spent);
        looks.push(await look(under, spent), await look(under, spent));
      }

      assert.deepEqual(looks, [2, 1, 1, 0, 0, 0, 0]);
    });

    check(`nobody is refused ${what} because another looks`, async (under) => {
      await take(under, spent);

      const asked = [look(under, spent), take(under, spent), look(under, spent)] as const;

      assert.equal((await Promise.all(asked))[1].isAdmitted, true);
    });
  }

  check('gives a token back', async (under) => {
    const first = await take(under, rateCheck('a', '1/m'));
    undo(under, rateCheck('a', '1/m'), first);

    assert.equal((await take(under, rateCheck('a', '1/m'))).isAdmitted, true);
    assert.equal((await take(under, rateCheck('a', '1/m'))).isAdmitted, false);
  });

  check('lets in as many at the same time as there are places', async (under) => {
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push(await take(under, placeCheck('a', 2)));

    assert.deepEqual(
      outcomes.map(({ isAdmitted, remaining }) => [isAdmitted, remaining]),
      [
        [true, 1],
        [true, 0],
        [false, 0],
      ],
    );
    assert.equal((await take(under, placeCheck('b', 2))).isAdmitted, true);
  });

  check('a place that was given back is free for the next', async (under) => {
    const first = await take(under, placeCheck('a', 1));
    undo(under, placeCheck('a', 1), first);

    assert.equal((await take(under, placeCheck('a', 1))).isAdmitted, true);
    assert.equal((await take(under, placeCheck('a', 1))).isAdmitted, false);
  });

  check('admits as many as the quota of a period, then waits for its end', async (under) => {
    const outcomes = [];
    for (let i = 0; i < 3; i += 1) outcomes.push(await take(under, quotaCheck('q', 2)));

    assert.deepEqual(
      outcomes.map(({ isAdmitted, remaining }) => [isAdmitted, remaining]),
      [
        [true, 1],
        [true, 0],
        [false, 0],
      ],
    );
    assert.ok(outcomes[2]!.waitMs > 0 && outcomes[2]!.waitMs <= 31 * 86_400_000);
    assert.equal((await take(under, quotaCheck('other', 2))).isAdmitted, true);
  });

  check('gives one of a quota back', async (under) => {
    const first = await take(under, quotaCheck('q', 1));
    undo(under, quotaCheck('q', 1), first);

    assert.equal((await take(under, quotaCheck('q', 1))).isAdmitted, true);
    assert.equal((await take(under, quotaCheck('q', 1))).isAdmitted, false);
  });

  check('a larger quota holds at once, and finds what was used', async (under) => {
    await take(under, quotaCheck('q', 1));

    assert.equal((await take(under, quotaCheck('q', 3))).remaining, 1);
  });

  check('a rate and places under one key do not meet', async (under) => {
    await take(under, rateCheck('a', '1/m'));

    assert.equal((await take(under, placeCheck('a', 1))).isAdmitted, true);
  });
}

async function take(under: LimitStoreUnderTest, check: Check) {
  return await under.store.take(heldBy(check, under), under.nowMs());
}

async function look(under: LimitStoreUnderTest, check: SpentCheck): Promise<number> {
  return await under.store.look(heldBy(check, under) as SpentCheck, under.nowMs());
}

function undo(under: LimitStoreUnderTest, check: Check, taken: Taken): void {
  under.store.undo(heldBy(check, under), taken);
}

function heldBy(check: Check, { shared, sharedPlace }: LimitStoreUnderTest): Check {
  if (check.kind === 'place') {
    return sharedPlace === undefined ? check : { ...check, shared: sharedPlace };
  }
  if (shared === undefined) return check;
  if (check.kind === 'rate') return { ...check, shared };
  return { ...check, shared: { whenDown: shared.whenDown, share: check.amount } };
}

const BLOCK = { group: 'tiers.free', mode: 'enforce' } as const;

function rateCheck(key: string, text: string): RateCheck {
  const shape = bucketShape(rate(text), undefined);
  return rateCheckOf(key, shape);
}

function quotaCheck(key: string, amount: number): QuotaCheck {
  const text = `${amount} a month (UTC)`;
  const period = { per: 'month', zone: 'UTC', name: 'month UTC' } as const;
  const quota = { amount, text, period };
  return { ...BLOCK, kind: 'quota', name: 'tiers.free.quota', key, ruleKey: 'free', ...quota };
}

function placeCheck(key: string, most: number): PlaceCheck {
  return { ...BLOCK, kind: 'place', name: 'tiers.free.concurrent', ruleKey: 'free', key, most };
}
