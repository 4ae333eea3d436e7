import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RawClient, startListening, type Listening } from '../../support/gateway/listening.ts';

/**
 * Each request is refused with the status before any handler sees it, leaves exactly one record, and
 * ends its connection, however much follows (security-requirements.md, facts 3 and 4, R-1 to ).
 */
interface Case {
  readonly name: string;
  readonly status: number;
  readonly text: string;
}

const H = 'Host: a.example\r\n';
const NEXT = `GET /smuggled HTTP/1.1\r\n${H}\r\n`;

function head(lines: string, start = 'POST / HTTP/1.1'): string {
  return `${start}\r\n${lines}\r\n`;
}

function chunked(body: string): string {
  return head(`${H}Transfer-Encoding: chunked\r\n`) + body;
}

const CASES: readonly Case[] = [
  // framing
  {
    name: 'length and coding',
    status: 400,
    text: head(`${H}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`) + '0\r\n\r\n',
  },
  {
    name: 'coding and length',
    status: 400,
    text: head(`${H}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`) + '0\r\n\r\n',
  },
  {
    name: 'two equal lengths',
    status: 400,
    text: head(`${H}Content-Length: 3\r\nContent-Length: 3\r\n`) + 'abc',
  },
  {
    name: 'two unequal lengths',
    status: 400,
    text: head(`${H}Content-Length: 3\r\nContent-Length: 4\r\n`) + 'abc',
  },
  { name: 'a list of lengths', status: 400, text: head(`${H}Content-Length: 3, 3\r\n`) + 'abc' },
  { name: 'a signed length', status: 400, text: head(`${H}Content-Length: +3\r\n`) + 'abc' },
  { name: 'a negative length', status: 400, text: head(`${H}Content-Length: -3\r\n`) + 'abc' },
  { name: 'a hexadecimal length', status: 400, text: head(`${H}Content-Length: 0x3\r\n`) + 'abc' },
  {
    name: 'a length beyond all numbers',
    status: 400,
    text: head(`${H}Content-Length: 99999999999999999999\r\n`),
  },
  {
    name: 'a length beyond exact numbers',
    status: 400,
    text: head(`${H}Content-Length: 9007199254740993\r\n`),
  },
  { name: 'an empty length', status: 400, text: head(`${H}Content-Length:\r\n`) },
  {
    name: 'a length with a space inside',
    status: 400,
    text: head(`${H}Content-Length: 1 0\r\n`) + 'abc',
  },
  {
    name: 'two codings in one field',
    status: 501,
    text: head(`${H}Transfer-Encoding: gzip, chunked\r\n`) + '0\r\n\r\n',
  },
  {
    name: 'chunked twice in one field',
    status: 400,
    text: head(`${H}Transfer-Encoding: chunked, chunked\r\n`) + '0\r\n\r\n',
  },
  {
    name: 'chunked twice in two fields',
    status: 400,
    text: head(`${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n`) + '0\r\n\r\n',
  },
  { name: 'an unknown coding', status: 501, text: head(`${H}Transfer-Encoding: xchunked\r\n`) },
  { name: 'identity coding', status: 501, text: head(`${H}Transfer-Encoding: identity\r\n`) },
  {
    name: 'a coding with a vertical tab',
    status: 400,
    text: head(`${H}Transfer-Encoding: \x0bchunked\r\n`),
  },
  { name: 'an empty coding', status: 400, text: head(`${H}Transfer-Encoding:\r\n`) },
  {
    name: 'a space before the colon of the coding',
    status: 400,
    text: head(`${H}Transfer-Encoding : chunked\r\n`),
  },
  {
    name: 'chunked over HTTP/1.0',
    status: 400,
    text:
      head(`${H}Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n`, 'POST / HTTP/1.0') +
      '0\r\n\r\n',
  },
  // R-3, fact 3: a body on GET is framed, or refused
  {
    name: 'GET with both framings',
    status: 400,
    text: head(`${H}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n`, 'GET / HTTP/1.1'),
  },
  // E3 to E5 and bare line ends
  { name: 'bare LF', status: 400, text: 'GET / HTTP/1.1\nHost: a.example\n\n' },
  { name: 'bare CR in a value', status: 400, text: head(`${H}A: b\rc\r\n`) },
  { name: 'NUL in a value', status: 400, text: head(`${H}A: b\0c\r\n`) },
  { name: 'DEL in a value', status: 400, text: head(`${H}A: b\x7fc\r\n`) },
  { name: 'a folded line', status: 400, text: head(`${H}A: b\r\n c\r\n`) },
  { name: 'white space before the first field', status: 400, text: head(` Host: a.example\r\n`) },
  { name: 'an empty field name', status: 400, text: head(`${H}: x\r\n`) },
  { name: 'a field name with a parenthesis', status: 400, text: head(`${H}A(b: x\r\n`) },
  { name: 'a field name above ASCII', status: 400, text: head(`${H}A\xe9: x\r\n`) },
  { name: 'a line without a colon', status: 400, text: head(`${H}nonsense\r\n`) },
  // version and method
  { name: 'HTTP/2.0 on HTTP/1', status: 505, text: head(H, 'GET / HTTP/2.0') },
  { name: 'HTTP/1.2', status: 505, text: head(H, 'GET / HTTP/1.2') },
  { name: 'no version', status: 505, text: 'GET /\r\n\r\n' },
  { name: 'the preface of HTTP/2', status: 505, text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { name: 'a method in lower case', status: 400, text: head(H, 'get / HTTP/1.1') },
  { name: 'TRACE', status: 405, text: head(H, 'TRACE / HTTP/1.1') },
  { name: 'CONNECT', status: 405, text: head(H, 'CONNECT a.example:443 HTTP/1.1') },
  // target
  { name: 'a fragment', status: 400, text: head(H, 'GET /a#b HTTP/1.1') },
  { name: 'a space in the target', status: 400, text: head(H, 'GET /a b HTTP/1.1') },
  { name: 'an octet above ASCII in the target', status: 400, text: head(H, 'GET /\xff HTTP/1.1') },
  { name: 'authority-form with GET', status: 400, text: head(H, 'GET a.example:443 HTTP/1.1') },
  { name: 'asterisk-form with GET', status: 400, text: head(H, 'GET * HTTP/1.1') },
  {
    name: 'absolute-form of another scheme',
    status: 400,
    text: head(H, 'GET ftp://a.example/ HTTP/1.1'),
  },
  {
    name: 'absolute-form without TLS',
    status: 421,
    text: head(H, 'GET http://a.example/ HTTP/1.1'),
  },
  {
    name: 'absolute-form of another authority',
    status: 400,
    text: head(H, 'GET https://b.example/ HTTP/1.1'),
  },
  {
    name: 'absolute-form with another port',
    status: 400,
    text: head(H, 'GET https://a.example:81/ HTTP/1.1'),
  },
  {
    name: 'absolute-form with a user',
    status: 400,
    text: head(H, 'GET https://u@a.example/ HTTP/1.1'),
  },
  { name: 'a target too long', status: 414, text: head(H, `GET /${'x'.repeat(8_192)} HTTP/1.1`) },
  // Host
  { name: 'no host', status: 400, text: head('A: b\r\n') },
  { name: 'two hosts', status: 400, text: head(`${H}Host: b.example\r\n`) },
  { name: 'the same host twice', status: 400, text: head(`${H}${H}`) },
  { name: 'an empty host', status: 400, text: head('Host:\r\n') },
  { name: 'a host with a user', status: 400, text: head('Host: u@a.example\r\n') },
  { name: 'a host with a path', status: 400, text: head('Host: a.example/x\r\n') },
  { name: 'a host with a comma', status: 400, text: head('Host: a.example,b.example\r\n') },
  { name: 'a host with a port that is none', status: 400, text: head('Host: a.example:x\r\n') },
  { name: 'a host with two dots at the end', status: 400, text: head('Host: a.example..\r\n') },
  { name: 'no host over HTTP/1.0', status: 400, text: head('A: b\r\n', 'GET / HTTP/1.0') },
  //
  { name: 'another host than the server name', status: 421, text: head('Host: b.example\r\n') },
  //
  {
    name: 'an upgrade with a length',
    status: 400,
    text: head(`${H}Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n`) + 'abc',
  },
  {
    name: 'an upgrade with chunks',
    status: 400,
    text:
      head(`${H}Connection: upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n`) +
      '0\r\n\r\n',
  },
  {
    name: 'an unknown expectation',
    status: 417,
    text: head(`${H}Expect: 200-ok\r\nContent-Length: 3\r\n`),
  },
  {
    name: 'an expectation that only contains the known one',
    status: 417,
    text: head(`${H}Expect: 100-continue, x\r\nContent-Length: 3\r\n`),
  },
  {
    name: 'two expectations',
    status: 417,
    text: head(`${H}Expect: 100-continue\r\nExpect: x\r\nContent-Length: 3\r\n`),
  },
  //
  { name: 'content_length', status: 400, text: head(`${H}Content_Length: 3\r\n`) },
  { name: 'transfer.encoding', status: 400, text: head(`${H}Transfer.Encoding: chunked\r\n`) },
  { name: 'x_forwarded_for', status: 400, text: head(`${H}X_Forwarded_For: 10.0.0.1\r\n`) },
  { name: 'a look-alike of a guarded name', status: 400, text: head(`${H}X_User: root\r\n`) },
  {
    name: 'two Authorization fields',
    status: 400,
    text: head(`${H}Authorization: Bearer a\r\nauthorization: Bearer b\r\n`),
  },
  //
  { name: 'Connection naming Host', status: 400, text: head(`${H}Connection: close, Host\r\n`) },
  {
    name: 'Connection naming Authorization',
    status: 400,
    text: head(`${H}Connection: authorization\r\n`),
  },
  {
    name: 'Connection naming Cookie in a second field',
    status: 400,
    text: head(`${H}Connection: x\r\nConnection: Cookie\r\n`),
  },
  {
    name: 'Connection naming Content-Length',
    status: 400,
    text: head(`${H}Connection: Content-Length\r\nContent-Length: 3\r\n`) + 'abc',
  },
  // sizes
  {
    name: 'fields beyond the ceiling',
    status: 431,
    text: head(`${H}A: ${'x'.repeat(40_000)}\r\n`),
  },
  { name: 'too many fields', status: 431, text: head(H + 'a: b\r\n'.repeat(200)) },
];

/** the head is good, so the handler is asked; the body must fail and nothing after it be read. */
const BAD_BODIES: readonly Omit<Case, 'status'>[] = [
  { name: 'a chunk size that is no number', text: chunked('zz\r\nabc\r\n0\r\n\r\n') },
  { name: 'a chunk size with 0x', text: chunked('0x3\r\nabc\r\n0\r\n\r\n') },
  { name: 'a chunk size that overflows', text: chunked('10000000000000003\r\nabc\r\n0\r\n\r\n') },
  { name: 'a bare LF after a chunk size', text: chunked('3\nabc\r\n0\r\n\r\n') },
  { name: 'a bare LF in a chunk extension', text: chunked('3;a\nb\r\nabc\r\n0\r\n\r\n') },
  { name: 'a chunk longer than its size', text: chunked('3\r\nabcd\r\n0\r\n\r\n') },
  {
    name: 'chunk extensions without end',
    text: chunked(`3;${'x'.repeat(40_000)}\r\nabc\r\n0\r\n\r\n`),
  },
  { name: 'a trailer without a colon', text: chunked('0\r\nnonsense\r\n\r\n') },
];

let gateway: Listening;
before(async () => (gateway = await startListening()));
after(() => gateway[Symbol.asyncDispose]());

for (const { name, status, text } of CASES) {
  test(`refuses ${name} with ${status} and closes`, async () => {
    gateway.handler.handled.length = 0;
    gateway.handler.refusals.length = 0;
    using client = await RawClient.secure(gateway);

    client.write(text + NEXT);
    await client.ended();

    assert.deepEqual(client.statuses, [status]);
    assert.match(client.received, /connection: close/i);
    assert.equal(gateway.handler.handled.length, 0);
    assert.equal(gateway.handler.refusals.length, 1);
  });
}

for (const { name, text } of BAD_BODIES) {
  test(`fails the body for ${name}, and reads nothing after it`, async () => {
    gateway.handler.handled.length = 0;
    gateway.handler.refusals.length = 0;
    const outcome = Promise.withResolvers<string>();
    gateway.handler.respond = (request, sink) =>
      request.body.consume({
        data: () => {},
        end: () => outcome.resolve('complete'),
        fail: (error) => {
          outcome.resolve(error.code);
          sink.head(error.status, [], { length: 0 });
          sink.end();
        },
      });
    using client = await RawClient.secure(gateway);

    client.write(text + NEXT);
    await client.ended();

    assert.equal(await outcome.promise, 'client_body_malformed');
    assert.deepEqual(client.statuses, [400]);
    assert.match(client.received, /connection: close/i);
    assert.equal(gateway.handler.handled.length, 1);
  });
}
