import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, nat, property } from 'fast-check';
import { type Place, Roster } from '../../../src/core/roster.ts';

test('holds what entered and did not leave, like a set', () => {
  assertProperty(
    property(array(nat({ max: 20 })), (steps) => {
      const roster = new Roster<number>();
      const places = new Map<number, Place>();
      for (const [index, step] of steps.entries()) {
        const place = places.get(step);
        if (place === undefined) places.set(step, roster.enter(step));
        else {
          assert.equal(place.leave(), true, `step ${index}`);
          places.delete(step);
        }
        assert.deepEqual(new Set(roster.items()), new Set(places.keys()));
        assert.equal(roster.size, places.size);
      }
    }),
  );
});

test('a place is left once', () => {
  const roster = new Roster<string>();
  const first = roster.enter('a');
  roster.enter('b');

  assert.deepEqual([first.leave(), first.leave()], [true, false]);
  assert.deepEqual(roster.items(), ['b']);
});

test('some may leave while it is gone through', () => {
  const roster = new Roster<number>();
  const places = [0, 1, 2].map((each) => roster.enter(each));
  const seen: number[] = [];

  for (const each of roster.items()) {
    seen.push(each);
    for (const place of places) place.leave();
  }

  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(roster.size, 0);
});
