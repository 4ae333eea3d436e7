import assert from 'node:assert/strict';
import test from 'node:test';
import { isOwnCookie, withoutOwnCookies } from '../../../src/core/own-cookies.ts';
import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';

test('cookies of ours are taken out, in whatever case, and others stay as they are', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['a=1; b=2', 'a=1; b=2'],
    [`a=1; ${COOKIE_PREFIX}corp=x; b="2"`, 'a=1; b="2"'],
    [`${COOKIE_PREFIX}corp=x`, undefined],
    ['__host-FAIRLEAD-corp=x;a=1', 'a=1'],
    [`${COOKIE_PREFIX}corp.login=x; ; ${COOKIE_PREFIX}corp=`, undefined],
    ['a=__Host-fairlead-corp=x', 'a=__Host-fairlead-corp=x'],
  ];
  for (const [given, wanted] of cases) assert.equal(withoutOwnCookies(given), wanted);
});

test('a Set-Cookie in our name is known', () => {
  assert.equal(isOwnCookie(' __HOST-fairlead-corp=x; Path=/'), true);
  assert.equal(isOwnCookie('__Host-other=x'), false);
});

test('a cookie without a name is known by its value, which browsers send back alone', () => {
  for (const given of [`=${COOKIE_PREFIX}corp=x`, ` =\t= ${COOKIE_PREFIX}corp=x; Path=/`]) {
    assert.equal(isOwnCookie(given), true, given);
    assert.equal(withoutOwnCookies(`a=1; ${given.split(';')[0]}`), 'a=1');
  }
  assert.equal(isOwnCookie(`=a=${COOKIE_PREFIX}corp`), false);
});
