import assert from 'node:assert/strict';
import test from 'node:test';
import { parserRefusal } from '../../../../src/listener/http1/parser-refusal.ts';

test('the reason of a request that the parser cannot read is the code of llhttp', () => {
  const error = { code: 'HPE_INVALID_CONTENT_LENGTH', reason: 'Invalid character' };

  const refusal = parserRefusal(error);

  assert.equal(refusal?.code, 'ambiguous_framing');
  assert.deepEqual(refusal.reason, {
    code: 'http.hpe_invalid_content_length',
    detail: 'Invalid character',
  });
});
