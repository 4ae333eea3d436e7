import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';

const NAVIGATION = { accept: 'text/html' };
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="3"/></svg>';
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const TEMPLATE = `<!doctype html><title>{{title}} – {{brand}}</title><link rel="stylesheet" href="{{style}}">
<img alt="" src="{{logo}}"><p id="{{id}}">{{sentence}} {{code}} {{status}} {{retry}} {{reason}}</p><a href="{{support}}">Help</a>`;
const PAGES = `  pages:
    brand: { name: "Acme <b>&", logo: pages/logo.svg, colours: { accent: "#C2410C" } }
    support: "https://support.example.com/?a=1&b=2"
`;

let application: Application;
let gateway: TestGateway;
let set: string;

before(async () => {
  application = await Application.start();
  const { host, port } = application.address;
  gateway = await TestGateway.start({
    policy: `
services: { app: { via: tcp, host: "${host}", port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: public, paths: { /once: { limits: { rate: 1/h } }, "/**": {} } } }
`,
  });
  set = await readFile(join(gateway.directory, 'gateway.yaml'), 'utf8');
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

test('brand, logo, accent and support link stand on pages, escaped, within the policy of the page', async () => {
  await use(PAGES, { 'pages/logo.svg': LOGO });

  const { text, headers } = await page('/.fairlead/nothing');

  assert.match(text, /<title>Nothing was found at this address\. – Acme &lt;b&gt;&amp;<\/title>/);
  assert.match(text, /<a href="https:\/\/support\.example\.com\/\?a=1&amp;b=2">Acme/);
  assert.match(text, /oklch\(from #C2410C/);
  assert.match(String(headers['content-security-policy']), /img-src 'self' data:/);
  const explained = await page('/.fairlead/errors/no_route');
  assert.match(explained.text, /<span>Acme &lt;b&gt;/);
});

test('the logo is served as an image that browsers keep, and nothing else is there', async () => {
  await use(PAGES, { 'pages/logo.svg': LOGO });
  const href = /<img class="mark" alt="" width="44" height="44" src="([^"]+)">/.exec(
    (await page('/.fairlead/nothing')).text,
  )![1]!;

  const logo = await gateway.request(href);

  assert.match(href, /^\/\.fairlead\/assets\/logo-[0-9a-f]{16}\.svg$/);
  assert.equal(await logo.body.text(), LOGO);
  assert.equal(logo.headers['content-type'], 'image/svg+xml');
  assert.equal(logo.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(
    logo.headers['content-security-policy'],
    "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  );
  for (const other of ['logo.svg', 'x/../../gateway.yaml', '', 'logo-0000000000000000.svg']) {
    const status = (await gateway.request(`/.fairlead/assets/${other}`)).statusCode;
    assert.ok(status === 404 || status === 400, `${other} ${status}`);
  }
});

for (const version of ['1.1', '2'] as const) {
  test(`HTTP/${version}: a template takes the place of the page of its code, default of every other`, async () => {
    const templates = '    templates: { rate_limited: pages/wait.html, default: pages/any.html }\n';
    await use(PAGES + templates, {
      'pages/logo.svg': PNG,
      'pages/wait.html': `<h1>{{title}}</h1>`,
      'pages/any.html': TEMPLATE,
    });
    await page('/once');

    const wait = version === '1.1' ? await page('/once') : await page2('/once');
    const any = version === '1.1' ? await page('/a%00b') : await page2('/a%00b');

    assert.match(wait.text, /^<h1>Please wait \d+ (minutes|seconds)<\/h1>$/);
    assert.match(any.text, /not allowed\. invalid_path 400 {2}<\/p>/);
    assert.match(any.text, /src="\/\.fairlead\/assets\/logo-[0-9a-f]{16}\.png"/);
    assert.match(any.text, /– Acme &lt;b&gt;&amp;<\/title>/);
    assert.equal(
      any.headers['content-security-policy'],
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    const style = await gateway.request(/href="([^"]+\.css)"/.exec(any.text)![1]!);
    assert.equal(style.headers['content-type'], 'text/css; charset=utf-8');
    assert.match(await style.body.text(), /--accent/);
    const problem = await gateway.request('/a%00b');
    assert.equal(problem.headers['content-type'], 'application/problem+json');
  });
}

test('an oversized template or logo is a load error, and the running pages stay', async () => {
  await use(PAGES, { 'pages/logo.svg': LOGO });
  const large = 'x'.repeat(65_537);
  const templates = '    templates: { default: pages/any.html }\n';

  const template = use(PAGES + templates, { 'pages/any.html': large });
  await assert.rejects(template, /E218: .*any\.html is larger than 65536 octets/);
  const logo = use(PAGES, { 'pages/logo.svg': LOGO + large });
  await assert.rejects(logo, /E218: .*logo\.svg is larger than 65536 octets/);

  assert.match((await page('/.fairlead/nothing')).text, /Acme/);
});

async function use(pages: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  await writeFiles(gateway.directory, files as Readonly<Record<string, string>>);
  await gateway.reload({ 'gateway.yaml': set.replace('gateway:\n', `gateway:\n${pages}`) });
}

async function page(path: string) {
  const response = await gateway.request(path, { headers: NAVIGATION });
  return { text: await response.body.text(), headers: response.headers };
}

async function page2(path: string) {
  const session = await http2To(gateway);
  const stream = session.request({ ':path': path, ...NAVIGATION });
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  const text = await textOf(stream);
  session.destroy();
  return { text, headers };
}
