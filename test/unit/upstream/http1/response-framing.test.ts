import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framingFault } from '../../../../src/upstream/http1/response-framing.ts';

const EXACT = [
  [],
  ['Transfer-Encoding', 'chunked'],
  ['transfer-encoding', 'Chunked'],
  ['Content-Length', '0'],
  ['Content-Length', '999999999999999'],
];

for (const headers of EXACT) {
  test(`carries on ${JSON.stringify(headers)}`, () => {
    assert.equal(framingFault(headers), undefined);
  });
}

const FAULTY = [
  ['Transfer-Encoding', 'gzip, chunked'],
  ['Transfer-Encoding', 'gzip'],
  ['Transfer-Encoding', 'chunked, gzip'],
  ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
  ['Transfer-Encoding', ''],
  ['Content-Length', '1152921504606846976'],
];

for (const headers of FAULTY) {
  test(`refuses ${JSON.stringify(headers)}`, () => {
    assert.match(framingFault(headers) ?? '', /^(transfer-encoding|content-length) is /);
  });
}
