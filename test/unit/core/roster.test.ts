import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as assertProperty, nat, property } from 'fast-check';
import { type RosterEntry, Roster } from '../../../src/core/roster.ts';

test('holds what entered and did not leave, like a set', () => {
  assertProperty(
    property(array(nat({ max: 20 })), (steps) => {
      const roster = new Roster<number>();
      const places = new Map<number, RosterEntry>();
      for (const [index, step] of steps.entries()) {
        const entry = places.get(step);
        if (entry === undefined) places.set(step, roster.add(step));
        else {
          assert.equal(entry.remove(), true, `step ${index}`);
          places.delete(step);
        }
        assert.deepEqual(new Set(roster.items()), new Set(places.keys()));
        assert.equal(roster.size, places.size);
      }
    }),
  );
});

test('an entry is removed once', () => {
  const roster = new Roster<string>();
  const first = roster.add('a');
  roster.add('b');

  assert.deepEqual([first.remove(), first.remove()], [true, false]);
  assert.deepEqual(roster.items(), ['b']);
});

test('some may leave while it is gone through', () => {
  const roster = new Roster<number>();
  const places = [0, 1, 2].map((each) => roster.add(each));
  const seen: number[] = [];

  for (const each of roster.items()) {
    seen.push(each);
    for (const entry of places) entry.remove();
  }

  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(roster.size, 0);
});
