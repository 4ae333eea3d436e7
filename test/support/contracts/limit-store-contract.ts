import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  PlaceCheck,
  RateCheck,
  SharedPlace,
  SharedRate,
} from '../../../src/policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from '../../../src/evaluate/limit/limit-store.ts';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import { rate } from '../policy/policy.ts';

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

  check('a rate and places under one key do not meet', async (under) => {
    await take(under, rateCheck('a', '1/m'));

    assert.equal((await take(under, placeCheck('a', 1))).isAdmitted, true);
  });
}

async function take(under: LimitStoreUnderTest, check: RateCheck | PlaceCheck) {
  return await under.store.take(heldBy(check, under), under.nowMs());
}

function undo(under: LimitStoreUnderTest, check: RateCheck | PlaceCheck, taken: Taken): void {
  under.store.undo(heldBy(check, under), taken);
}

function heldBy(
  check: RateCheck | PlaceCheck,
  { shared, sharedPlace }: LimitStoreUnderTest,
): RateCheck | PlaceCheck {
  if (check.kind === 'place') {
    return sharedPlace === undefined ? check : { ...check, shared: sharedPlace };
  }
  return shared === undefined ? check : { ...check, shared };
}

const BLOCK = { group: 'tiers.free', mode: 'enforce' } as const;

function rateCheck(key: string, text: string): RateCheck {
  const shape = bucketShape(rate(text), undefined);
  return { ...BLOCK, kind: 'rate', name: 'tiers.free.rate', key, ruleKey: 'free', shape };
}

function placeCheck(key: string, most: number): PlaceCheck {
  return { ...BLOCK, kind: 'place', name: 'tiers.free.concurrent', ruleKey: 'free', key, most };
}
