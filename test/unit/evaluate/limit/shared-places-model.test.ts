import { test } from 'node:test';
import * as fc from 'fast-check';
import { placeSteps, PlacesModel } from '../../../support/sessions/places-model.ts';

/**
 * More with PLACES_RUNS=20000, which makes 10 million steps. PLACES_SEED repeats a run: fast-check prints it with
 * what failed.
 */
const NUM_RUNS = Number(process.env['PLACES_RUNS'] ?? 200);
const SEED = Number(process.env['PLACES_SEED'] ?? 20261129);
const STEPS = 500;

test(`${NUM_RUNS * STEPS} steps of three replicas: never one more than the number, and none is lost (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), placeSteps(STEPS), async (most, steps) => {
      await new PlacesModel(most).run(steps);
    }),
    { seed: SEED, numRuns: NUM_RUNS },
  );
});
