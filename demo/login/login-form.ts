import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';

/** Who can log in at the form. */
export interface Person {
  readonly name: string;
  readonly password: string;
}

/** Two short fields. */
const MAX_FORM = 4096;

/** For oidc-provider's `interactions.url`. */
export function loginFormUrl(_context: unknown, { uid }: { readonly uid: string }): string {
  return `/interaction/${uid}`;
}

/** True for the paths that `loginFormUrl` gives. */
export function isAtLoginForm(url: string | undefined): boolean {
  return url?.startsWith('/interaction/') === true;
}

/**
 * The page at which a person logs in at oidc-provider, in place of the development one of that library,
 * which takes any name. For the demo and tests: there is no limit to wrong passwords.
 */
export class LoginForm {
  readonly #provider: Provider;
  readonly #people: readonly Person[];

  constructor(provider: Provider, people: readonly Person[]) {
    this.#provider = provider;
    this.#people = people;
  }

  /** Answers the form and what it sends; rejects never. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#serve(request, response);
    } catch (error) {
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`This login is over: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await this.#provider.interactionDetails(request, response);
    if (request.method !== 'POST') return show(response, '');
    const fields = new URLSearchParams(await readForm(request));
    const name = fields.get('name');
    const isKnown = this.#people.some(
      (person) => person.name === name && person.password === fields.get('password'),
    );
    if (!isKnown) return show(response, '<p role="alert">Name or password is wrong.</p>');
    const result = { login: { accountId: name } };
    await this.#provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  }
}

async function readForm(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_FORM) throw new Error('the form is too long');
  }
  return text;
}

function show(response: ServerResponse, complaint: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  });
  response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in</title>
<style>body{font:1.05rem/1.6 system-ui,sans-serif;max-width:20rem;margin:12vh auto;padding:0 1rem;color:#1a1a1a}
label{display:block;margin:0 0 .8rem}input{display:block;font:inherit;width:100%;box-sizing:border-box}button{font:inherit}</style>
</head>
<body>
<main>
<h1>Log in</h1>
${complaint}
<form method="post">
<label>Name <input name="name" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Log in</button>
</form>
</main>
</body>
</html>
`);
}
