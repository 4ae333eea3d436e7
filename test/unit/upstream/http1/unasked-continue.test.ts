import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { UnaskedContinue } from '../../../../src/upstream/http1/unasked-continue.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function through(continues: UnaskedContinue, text: string, size = text.length): string {
  let passed = '';
  for (let at = 0; at < text.length; at += size) {
    passed += continues.take(Buffer.from(text.slice(at, at + size), 'latin1')).toString('latin1');
  }
  return passed;
}

const heads = fc.array(fc.constantFrom(CONTINUE, HINTS), { maxLength: 8 });

test('takes out each 100 and nothing else, however the octets are cut', () => {
  fc.assert(
    fc.property(heads, fc.nat({ max: 60 }), (interim, size) => {
      const said = [...interim, OK, CONTINUE].join('');
      const wanted = [...interim.filter((each) => each !== CONTINUE), OK, CONTINUE].join('');

      assert.equal(through(new UnaskedContinue(1024), said, size + 1), wanted);
    }),
  );
});

test('looks again at the beginning of the next response', () => {
  const continues = new UnaskedContinue(1024);
  through(continues, OK);

  continues.expectResponse();

  assert.equal(through(continues, CONTINUE + OK), OK);
});

test('what is no HTTP is passed on for the parser to judge', () => {
  for (const text of [
    'HTTP/2 100 nothing\r\n\r\n',
    'SSH-2.0-OpenSSH_9.6\r\n',
    'HTTP/1.1 1x0 a\r\n\r\n',
  ]) {
    assert.equal(through(new UnaskedContinue(1024), text), text);
  }
});

test('holds one head at most, and then passes it on', () => {
  const endless = `HTTP/1.1 100 Continue\r\nX: ${'y'.repeat(2000)}`;

  assert.equal(through(new UnaskedContinue(1024), endless, 100), endless);
});

test('ten of them are ignored, and the eleventh is the parser’s to judge', () => {
  const said = CONTINUE.repeat(12);

  assert.equal(through(new UnaskedContinue(1024), said), CONTINUE.repeat(2));
});

test('octets that cannot begin an interim head are not held', () => {
  for (const octets of ['ok', 'HTTP/2', 'HTTP/1.1 2', 'SSH-2.0-x\r\n']) {
    const filter = new UnaskedContinue(16_384);
    filter.expectResponse();

    assert.equal(filter.take(Buffer.from(octets)).toString('latin1'), octets);
  }
});

test('the beginning of an interim head is held until it can be told', () => {
  const filter = new UnaskedContinue(16_384);
  filter.expectResponse();

  const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
  const seen = Array.from(text, (octet) => filter.take(Buffer.from(octet)).toString('latin1'));

  assert.equal(seen.join(''), 'HTTP/1.1 204 No Content\r\n\r\n');
});
