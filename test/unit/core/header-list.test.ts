import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countField,
  fieldPairs,
  fieldsByName,
  fieldValues,
  filterFields,
  firstField,
  hasField,
  listMembers,
  lowerNames,
  withoutField,
} from '../../../src/core/header-list.ts';

// A value that is the name of a field shows whether a function looks at names only.
const LIST = ['Accept', 'cookie', 'COOKIE', 'a=1', 'X-Two', 'accept', 'cookie', 'b=2'];

test('a field is found by its name without case, and never by a value', () => {
  assert.equal(firstField(LIST, 'cookie'), 'a=1');
  assert.deepEqual(fieldValues(LIST, 'cookie'), ['a=1', 'b=2']);
  assert.equal(countField(LIST, 'cookie'), 2);
  assert.equal(hasField(LIST, 'x-two'), true);
  assert.equal(hasField(LIST, 'a=1'), false);
});

test('a field with an empty value is there', () => {
  assert.equal(hasField(['date', ''], 'date'), true);
});

test('list members come from all lines, trimmed, lower case, without empty ones', () => {
  const headers = ['Connection', 'Close, ,TE', 'connection', ' X-A '];

  assert.deepEqual(listMembers(headers, 'connection'), ['close', 'te', 'x-a']);
});

test('removing a field leaves all other lines as they were, and values that spell its name', () => {
  assert.deepEqual(withoutField(LIST, 'cookie'), ['Accept', 'cookie', 'X-Two', 'accept']);
});

test('a filter sees lower-case names with their values and keeps lines as they were written', () => {
  const seen: string[] = [];

  const kept = filterFields(LIST, (name, value) => {
    seen.push(`${name}: ${value}`);
    return name === 'cookie';
  });

  assert.deepEqual(kept, ['COOKIE', 'a=1', 'cookie', 'b=2']);
  assert.deepEqual(seen, ['accept: cookie', 'cookie: a=1', 'x-two: accept', 'cookie: b=2']);
});

test('lower-case names keep their values', () => {
  assert.deepEqual(lowerNames(['X-A', 'Value']), ['x-a', 'Value']);
});

test('pairs and names to values keep the order of lines', () => {
  assert.deepEqual(fieldPairs(['A', '1', 'B', '2']), [
    ['A', '1'],
    ['B', '2'],
  ]);
  assert.deepEqual(
    { ...fieldsByName(['A', '1', 'b', '2', 'a', '3']) },
    { a: ['1', '3'], b: ['2'] },
  );
});

test('no field name reaches a prototype', () => {
  const byName = fieldsByName(['__proto__', 'x', 'constructor', 'y']);

  assert.equal(Object.getPrototypeOf(byName), null);
  assert.deepEqual(byName['__proto__'], ['x']);
  assert.deepEqual(byName['constructor'], ['y']);
});
