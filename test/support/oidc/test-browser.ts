import { COOKIE_PREFIX } from '../../../src/plugin/contract.ts';
import type { AppAnswer, AppRequest } from './harness.ts';
import { APP_ORIGIN } from './real-provider.ts';

interface Stored {
  readonly value: string;
  readonly isCrossSite: boolean;
}

export interface Shown {
  readonly url: string;
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  /** Every address on the way, the first included. */
  readonly trail: readonly string[];
}

export interface Step {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** True when another site made the browser send it: only SameSite=None cookies go along with a POST. */
  readonly isCrossSite?: boolean;
}

const MAX_STEPS = 30;

/** Where the application is: a replica, or a whole gateway. */
export interface Site {
  handle(request: AppRequest): Promise<AppAnswer>;
}

/**
 * What a browser does with redirects, cookies, meta refresh and forms that send themselves, between one
 * application (a replica) and a real provider over http.
 */
export class TestBrowser {
  replica: Site;
  readonly origin: string;
  readonly cookies = new Map<string, Stored>();
  /** Cookies whose name matches are not kept. */
  blocked: RegExp | undefined;
  /** How it reaches the provider. */
  fetch: (url: string, init: RequestInit) => Promise<Response> = fetch;
  /** Called before each step; returning false stops there. */
  onStep: (step: Step) => boolean = () => true;
  /** By name and path: the provider keeps one cookie for each login that is under way. */
  readonly #providerCookies = new Map<string, { readonly pair: string; readonly path: string }>();

  constructor(replica: Site, origin = APP_ORIGIN) {
    this.replica = replica;
    this.origin = origin;
  }

  /** Opens an address and goes wherever it leads. */
  async open(url: string, first: Omit<Step, 'url'> = {}): Promise<Shown> {
    let step: Step = { ...first, url: new URL(url, this.origin).href };
    const trail: string[] = [];
    for (let count = 0; count < MAX_STEPS; count += 1) {
      trail.push(step.url);
      const response = await this.send(step);
      const body = await response.text();
      const next = nextStep(step, response, body);
      if (next === undefined || !this.onStep(next)) {
        const { status, headers } = response;
        return { url: next?.url ?? step.url, status, body, headers, trail };
      }
      step = next;
    }
    throw new Error(`more than ${MAX_STEPS} steps: ${trail.slice(-4).join(' → ')}`);
  }

  /** One request, without following anything. */
  send(step: Step): Promise<Response> {
    return step.url.startsWith(`${this.origin}/`) ? this.#toApp(step) : this.#toProvider(step);
  }

  /** Octets of the Cookie field that the application gets. */
  get cookieOctets(): number {
    return [...this.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ').length;
  }

  /** Another browser with the same cookies, as a test may need to go back to them. */
  copy(): TestBrowser {
    const copy = new TestBrowser(this.replica, this.origin);
    for (const [name, stored] of this.cookies) copy.cookies.set(name, stored);
    return copy;
  }

  async #toApp({ url, method = 'GET', body, headers, isCrossSite = false }: Step) {
    const sent = [...this.cookies].filter(
      ([, { isCrossSite: isNone }]) => isNone || method === 'GET' || !isCrossSite,
    );
    const request: AppRequest = {
      url,
      method,
      cookies: new Map(sent.map(([name, { value }]) => [name, value])),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    };
    const answer = await this.replica.handle(request);
    this.#keep(answer);
    return answer.response;
  }

  #keep({ setCookies }: AppAnswer): void {
    for (const { name, value, maxAgeSeconds, crossSitePost } of setCookies) {
      if (this.blocked?.test(name) === true) continue;
      const full = `${COOKIE_PREFIX}${name}`;
      if (maxAgeSeconds === 0) this.cookies.delete(full);
      else this.cookies.set(full, { value, isCrossSite: crossSitePost === true });
    }
  }

  async #toProvider({ url, method = 'GET', body }: Step): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#providerCookies.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ pair }) => pair)
      .join('; ');
    const response = await this.fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        cookie,
        accept: 'text/html',
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body !== undefined && { body }),
    });
    for (const field of response.headers.getSetCookie()) {
      const [pair = ''] = field.split(';', 1);
      const path = /;\s*path=([^;]*)/i.exec(field)?.[1] ?? '/';
      this.#providerCookies.set(`${pair.split('=', 1)[0]} ${path}`, { pair, path });
    }
    return response;
  }
}

function nextStep(step: Step, response: Response, body: string): Step | undefined {
  const location = response.headers.get('location');
  if (location !== null && response.status >= 300 && response.status < 400) {
    return { url: new URL(location, step.url).href };
  }
  const refresh = /http-equiv="refresh" content="0;url=([^"]*)"/.exec(body)?.[1];
  if (refresh !== undefined) return { url: new URL(decode(refresh), step.url).href };
  return selfSendingForm(step, body);
}

/** The page of `form_post` (OAuth 2.0 Form Post Response Mode), and of the provider's logout. */
function selfSendingForm(step: Step, body: string): Step | undefined {
  if (!/<form/.test(body) || !step.url.startsWith('http:')) return undefined;
  const action = /<form[^>]*action="([^"]*)"/.exec(body)?.[1];
  if (action === undefined) return undefined;
  const fields = [
    ...body.matchAll(/<input[^>]*>/g),
    ...[...body.matchAll(/<button[^>]*>/g)].slice(0, 1),
  ];
  const pairs = fields.map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')]);
  return {
    url: new URL(decode(action), step.url).href,
    method: 'POST',
    body: new URLSearchParams(pairs).toString(),
    isCrossSite: true,
  };
}

function attribute(tag: string, name: string): string {
  return decode(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
}

function decode(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
