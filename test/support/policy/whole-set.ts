import type { Block } from './doc-snippets.ts';
import { makePolicyFiles } from './policy-files.ts';
import { issue, makeCa } from '../tools/certificates.ts';

const ISSUER = 'https://login.example.com';
const made = await makePolicyFiles();
const ca = await makeCa('docs');

/** The files of a set made of a part of one: what it has, `rest`, and all that it names and does not define. */
export async function wholeSet(
  part: Block,
  rest: Block,
): Promise<Readonly<Record<string, string>>> {
  const written = merged(part, rest);
  const set = merged(written, missingIn(written));
  const { certPem, keyPem } = await issue(ca, { names: [...new Set(hostsOf(set))] });
  const served = foldersOf(blockAt(set, 'gateway')).flatMap((folder) => [
    [`${folder}/tls.crt`, certPem],
    [`${folder}/tls.key`, keyPem],
  ]);
  return {
    ...filesNamed(set),
    ...(Object.fromEntries(served) as Record<string, string>),
    'secrets/link.yaml': made['secrets/link.json']!,
    'policy.yaml': JSON.stringify(set),
  };
}

/** The first one's where both say something. */
function merged(first: Block, second: Block): Block {
  const both = Object.entries(second).map(([key, value]): [string, unknown] => {
    const own = first[key];
    return [key, isBlock(own) && isBlock(value) ? merged(own, value) : (own ?? value)];
  });
  return { ...first, ...Object.fromEntries(both) };
}

function missingIn(set: Block): Block {
  const services = Object.keys(blockAt(set, 'services'));
  const paths = services.map((service) => [`/${service}/**`, { service }]);
  const app = { host: 'app.example.com', service: services[0] ?? 'app', auth: 'public' };
  const routes = { app: { ...app, paths: Object.fromEntries(paths) } };
  const names = providersAsked(set).map((name) => [name, PROVIDERS[name] ?? PROVIDERS['api']]);
  return {
    version: 1,
    gateway: { certificates: ['certs'] },
    network: { link: 'secrets/link.yaml' },
    providers: Object.fromEntries(names),
    ...('routes' in set ? {} : { routes }),
  };
}

const PROVIDERS: Readonly<Record<string, Block>> = {
  api: { plugin: 'jwt', issuer: ISSUER, audience: 'web' },
  corp: { plugin: 'oidc', issuer: ISSUER, client: { id: 'web', secret: '${file:secrets/oidc}' } },
};

/** Names in every `auth`, whatever its form. */
function providersAsked(value: unknown): readonly string[] {
  if (!isBlock(value)) return Array.isArray(value) ? value.flatMap(providersAsked) : [];
  const { auth } = value;
  const forms = isBlock(auth) ? Object.values(auth).flat() : [auth].flat();
  const own = forms.filter((name) => typeof name === 'string' && name !== 'public');
  const below = Object.entries(value).flatMap(([key, inner]) =>
    key === 'admin' ? [] : providersAsked(inner),
  );
  return [...(own as string[]), ...below];
}

function hostsOf(set: Block): readonly string[] {
  const routes = Object.values(blockAt(set, 'routes')) as { host: string | string[] }[];
  return routes.flatMap(({ host }) => host).map((host) => host.replace(/^\*\*/, '*'));
}

/** Folders with a certificate of the gateway. */
function foldersOf(gateway: Block): readonly string[] {
  const { certificates, admin } = gateway;
  const all = [certificates, isBlock(admin) ? admin['certificate'] : undefined].flat();
  return all.filter((each) => typeof each === 'string');
}

/** What a value of this key would be read as. */
const CONTENTS: Readonly<Record<string, string>> = {
  ca: made['certs/ca.crt']!,
  clientCa: made['certs/ca.crt']!,
  cert: made['certs/client/tls.crt']!,
  key: made['certs/client/tls.key']!,
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>',
};
const PAGE = '<!doctype html><title>{{title}}</title><p>{{sentence}}</p>';

function filesNamed(value: unknown, key = ''): Readonly<Record<string, string>> {
  if (typeof value === 'string') return fileFor(key, value);
  if (Array.isArray(value)) return Object.assign({}, ...value.map((each) => filesNamed(each, key)));
  if (!isBlock(value)) return {};
  const all = Object.entries(value).map(([name, inner]) => filesNamed(inner, name));
  return Object.assign({}, ...all) as Record<string, string>;
}

function fileFor(key: string, text: string): Readonly<Record<string, string>> {
  const secret = /^\$\{file:(.+)\}$/.exec(text)?.[1];
  if (secret !== undefined) return { [secret]: 'a-secret-of-32-characters-0123456' };
  if (text.endsWith('.html')) return { [text]: PAGE };
  const content = CONTENTS[key];
  return content === undefined ? {} : { [text]: content };
}

function blockAt(set: Block, key: string): Block {
  const value = set[key];
  return isBlock(value) ? value : {};
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
