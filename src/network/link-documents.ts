import { parseAllDocuments } from 'yaml';

/** Kubernetes resources of a link file, reduced to what a client needs. */
export interface LinkDocuments {
  readonly kind: 'documents';
  readonly links: readonly LinkResource[];
  /** Secret name → key → decoded text. */
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The one document, when it has the shape of a connect.json. */
  readonly connect: Readonly<Record<string, unknown>> | undefined;
  readonly otherKinds: readonly string[];
}

export interface LinkResource {
  readonly name: string;
  readonly tlsCredentials: string;
  readonly endpoints: readonly LinkEndpoint[];
}

export interface LinkEndpoint {
  /** `inter-router`, `edge` or `normal`. */
  readonly role: string;
  readonly host: string;
  readonly port: number;
  readonly group: string;
}

export type ParsedLink = LinkDocuments | { readonly kind: 'refused'; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/** A site has one Link per router, and two routers at most; this leaves room. */
const MAX_DOCUMENTS = 64;

/** Reads YAML (also several documents) or JSON, in any order, extra keys and kinds allowed. Never throws. */
export function parseLinkDocuments(text: string): ParsedLink {
  let values: unknown[];
  try {
    values = valuesOf(text);
  } catch (error) {
    return { kind: 'refused', reason: `is not well-formed YAML or JSON (${firstLine(error)})` };
  }
  if (values.length > MAX_DOCUMENTS) {
    return { kind: 'refused', reason: `holds more than ${MAX_DOCUMENTS} documents` };
  }
  return resourcesOf(values.flatMap(unlisted));
}

function valuesOf(text: string): unknown[] {
  const documents = parseAllDocuments(text, {
    schema: 'core',
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [trouble] = document.errors;
    if (trouble !== undefined) throw trouble;
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  });
}

function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable';
}

/** `kubectl get -o yaml` wraps resources into a List. */
function unlisted(value: unknown): unknown[] {
  const items = fieldsOf(value)['items'];
  return Array.isArray(items) ? items : [value];
}

function resourcesOf(values: readonly unknown[]): LinkDocuments {
  const links: LinkResource[] = [];
  const secrets = new Map<string, ReadonlyMap<string, string>>();
  const otherKinds: string[] = [];
  let connect: Fields | undefined;
  for (const fields of values.map(fieldsOf)) {
    const kind = textOf(fields['kind']);
    if (kind === 'Link') links.push(linkOf(fields));
    else if (kind === 'Secret') secrets.set(nameOf(fields), secretOf(fields));
    else if (kind !== '') otherKinds.push(kind);
    else if (fields['host'] !== undefined) connect = fields;
  }
  return { kind: 'documents', links, secrets, connect, otherKinds };
}

function linkOf(fields: Fields): LinkResource {
  const spec = fieldsOf(fields['spec']);
  const endpoints = Array.isArray(spec['endpoints']) ? (spec['endpoints'] as unknown[]) : [];
  const name = nameOf(fields);
  return {
    name,
    tlsCredentials: textOf(spec['tlsCredentials']) || name,
    endpoints: endpoints.flatMap((endpoint) => endpointOf(fieldsOf(endpoint))),
  };
}

function endpointOf(fields: Fields): LinkEndpoint[] {
  const port = parsePort(fields['port']);
  const host = textOf(fields['host']);
  if (port === undefined || host === '') return [];
  return [{ role: textOf(fields['name']), host, port, group: textOf(fields['group']) }];
}

/** Skupper writes ports as texts, people as numbers. */
export function parsePort(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (typeof port !== 'number' || !Number.isInteger(port)) return undefined;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function secretOf(fields: Fields): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(fieldsOf(fields['data']))) {
    values.set(key, Buffer.from(textOf(value), 'base64').toString('utf8'));
  }
  for (const [key, value] of Object.entries(fieldsOf(fields['stringData']))) {
    values.set(key, textOf(value));
  }
  return values;
}

function nameOf(fields: Fields): string {
  return textOf(fieldsOf(fields['metadata'])['name']);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
