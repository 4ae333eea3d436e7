import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAccessible } from '../support/clients/accessible.ts';
import { needsChromium, PersonBrowser, screenshot } from '../support/clients/chromium.ts';
import { TestGateway } from '../support/gateway/gateway.ts';
import { writeFiles } from '../support/policy/policy-set.ts';

const options = { ...needsChromium, timeout: 120_000 };
const SITE = 'https://app.example.test';
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44"><script>document.title="run"</script><rect width="44" height="44" rx="8" fill="#c2410c"/><path d="M12 32 22 10l10 22" fill="none" stroke="#fff" stroke-width="5"/></svg>';
const TEMPLATE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}} – {{brand}}</title><link rel="icon" href="{{logo}}"><link rel="stylesheet" href="{{style}}"></head>
<body class="held"><header class="top"><a class="brand" href="/"><img class="mark" alt="" src="{{logo}}"><span>{{brand}}</span></a></header>
<main><article class="card"><div class="body"><h1>{{title}}</h1><p>{{sentence}}</p><p style="color:red" id="styled">Request {{id}}</p>
<p class="acts"><a class="button" href="{{support}}">Help</a></p></div></article></main>
<script>document.title = 'run';</script><img alt="" src="https://other.example.com/x.png"></body></html>`;
const PAGES = `gateway:
  errors: { detail: public }
  pages:
    brand: { name: Acme, logo: logo.svg, colours: { accent: "#c2410c" } }
    support: https://support.example.com/
    templates: { invalid_path: problem.html }
`;

test(
  'pages with a look of their own are as good at 1440 and 390 px, in light and dark',
  options,
  async () => {
    await using gateway = await TestGateway.start({
      policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: 1 } }
routes: { app: { host: app.example.test, service: app, auth: public, paths: { /once: { limits: { rate: 1/h } }, "/**": {} } } }
`,
    });
    const set = await readFile(join(gateway.directory, 'gateway.yaml'), 'utf8');
    await writeFiles(gateway.directory, { 'logo.svg': LOGO, 'problem.html': TEMPLATE });
    await gateway.reload({ 'gateway.yaml': set.replace('gateway:\n', PAGES) });
    await using browser = await PersonBrowser.start({ port: gateway.port });
    const page = await browser.tab();
    await page.goto(`${SITE}/once`);
    const visited = {
      refused: '/.fairlead/nothing',
      limited: '/once',
      down: '/down',
      explained: '/.fairlead/errors/upstream_reset',
      template: '/a%00b',
    };

    for (const [name, path] of Object.entries(visited)) {
      for (const width of [1440, 390]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 844 });
          await page.emulateMedia({ colorScheme });
          await page.goto(`${SITE}${path}`);
          await assertAccessible(page);
          const isShown = await page.evaluate<number>(
            'document.querySelector("img.mark").naturalWidth',
          );
          assert.ok(isShown > 0, `${name}: the logo is shown`);
          const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
          assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`);
          assert.match(await page.title(), /– Acme$/, 'no script ran');
          await screenshot(page, `look-${name}-${width}-${colorScheme}`);
        }
      }
    }
    await page.goto(`${SITE}/a%00b`);
    const styled = await page.evaluate<string>('getComputedStyle(styled).color');
    assert.notEqual(styled, 'rgb(255, 0, 0)', 'a style attribute has no effect');
  },
);
