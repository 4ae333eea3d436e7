import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';

/** Debian's, or the one that is named. */
const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const START_MS = 30_000;
const WAIT_MS = 10_000;

/** For the options of a test: skips it with the reason where there is no Chromium. */
export const needsChromium = existsSync(PROGRAM)
  ? {}
  : { skip: `no Chromium at ${PROGRAM} (apt-get install chromium, or CHROMIUM=/path/to/it)` };

/** Without its talk to Google's hosts, and with the back/forward cache that people have. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface BrowserOptions {
  /** Where every name of `*.example.test` and `*.example.com` is: a port of the loopback. */
  readonly port: number;
  /** A site whose cookies the person blocks in the settings. */
  readonly blockCookiesOf?: string;
}

/** A person's browser with a new profile: real network, real cookies, real history. */
export class PersonBrowser implements AsyncDisposable {
  readonly context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.context = context;
    this.#profile = profile;
  }

  static async start(options: BrowserOptions): Promise<PersonBrowser> {
    const profile = mkdtempSync(join(tmpdir(), 'fairlead-chromium-'));
    if (options.blockCookiesOf !== undefined) blockCookies(profile, options.blockCookiesOf);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: PROGRAM,
      headless: true,
      chromiumSandbox: false,
      timeout: START_MS,
      // The authority of the tests is in no store of the system.
      ignoreHTTPSErrors: true,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      args: [
        ...ARGUMENTS,
        `--host-resolver-rules=MAP *.example.test 127.0.0.1:${options.port}, MAP *.example.com 127.0.0.1:${options.port}`,
      ],
    });
    context.setDefaultTimeout(WAIT_MS);
    return new PersonBrowser(context, profile);
  }

  /** A new tab. */
  tab(): Promise<Page> {
    return this.context.newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Saves what a page looks like, where SCREENSHOTS names a folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** As a person does in the settings of the browser. 2 is "block". */
function blockCookies(profile: string, host: string): void {
  const cookies = { [`${host},*`]: { setting: 2 } };
  mkdirSync(join(profile, 'Default'), { recursive: true });
  writeFileSync(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { content_settings: { exceptions: { cookies } } } }),
  );
}
