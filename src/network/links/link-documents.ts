import { isMap, isNode, isSeq, parseAllDocuments, parseDocument } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import { materialText } from '../../core/material-text.ts';

/** Kubernetes resources of a link file, reduced to what a client needs. */
export interface LinkDocuments {
  readonly kind: 'documents';
  readonly links: readonly LinkResource[];
  /** Secret name → key → decoded text. */
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The one document, when it has the shape of a connect.json. */
  readonly connect: Readonly<Record<string, unknown>> | undefined;
  /** The type of a token of Skupper 1 among the Secrets. */
  readonly oldToken: string | undefined;
  readonly otherKinds: readonly string[];
}

export interface LinkResource {
  readonly name: string;
  /** Where it begins in its file, from 1. */
  readonly line: number;
  readonly tlsCredentials: string;
  readonly endpoints: readonly LinkEndpoint[];
}

interface LinkEndpoint {
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

/**
 * Reads YAML (also several documents) or JSON (also one value after the other, as `skupper link generate
 * --output json` writes them), in any order, in lists or not, extra keys and kinds allowed. Never throws.
 */
export function parseLinkDocuments(text: string): ParsedLink {
  const documents = documentsOf(text);
  if (documents.length > MAX_DOCUMENTS) {
    return { kind: 'refused', reason: `holds more than ${MAX_DOCUMENTS} documents` };
  }
  const resources: Located[] = [];
  for (const { document, start } of documents) {
    try {
      const [trouble] = document.errors;
      if (trouble !== undefined) return malformed(text, start + trouble.pos[0], trouble.message);
      for (const node of unlisted(document.contents)) {
        const value: unknown = node.toJS(document, { maxAliasCount: 100 });
        const line = placeOf(text, start + (node.range?.[0] ?? 0)).line;
        resources.push({ fields: fieldsOf(value), line });
      }
    } catch (error) {
      return malformed(text, start, error instanceof Error ? error.message : 'unreadable');
    }
  }
  return resourcesOf(resources);
}

interface Located {
  readonly fields: Fields;
  /** Where it begins in its file, from 1. */
  readonly line: number;
}

interface Part {
  readonly document: Document.Parsed;
  /** Offset in the text of what the document's own positions count from. */
  readonly start: number;
}

const PARSE_OPTIONS = { schema: 'core', prettyErrors: false, logLevel: 'silent' } as const;

function documentsOf(text: string): readonly Part[] {
  if (/^\s*[{[]/.test(text)) return jsonDocuments(text);
  const documents = parseAllDocuments(text, PARSE_OPTIONS);
  return Array.isArray(documents) ? documents.map((document) => ({ document, start: 0 })) : [];
}

/** Values of JSON one after the other are no YAML: the parser stumbles where the next begins. */
function jsonDocuments(text: string): readonly Part[] {
  const parts: Part[] = [];
  let start = 0;
  while (parts.length <= MAX_DOCUMENTS) {
    const rest = text.slice(start);
    const documents = parseAllDocuments(rest, PARSE_OPTIONS);
    const end = documents[0]?.errors[0]?.pos[0] ?? rest.length;
    if (end === rest.length || !isJson(rest.slice(0, end))) {
      // One value, several with `---` between them, or what is no JSON at all.
      if (Array.isArray(documents))
        parts.push(...documents.map((document) => ({ document, start })));
      break;
    }
    parts.push({ document: parseDocument(rest.slice(0, end), PARSE_OPTIONS), start });
    start += end;
  }
  return parts;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function malformed(text: string, offset: number, message: string): ParsedLink {
  const { line, column } = placeOf(text, offset);
  const words = message.split('\n')[0] ?? '';
  const reason = `is not well-formed YAML or JSON (line ${line}, column ${column}: ${words})`;
  return { kind: 'refused', reason };
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** A list gives its items, and so does a List: `kubectl get -o yaml` wraps resources into one. */
function unlisted(contents: unknown): readonly ParsedNode[] {
  if (!isNode(contents)) return [];
  const items = isMap(contents) ? contents.get('items', true) : contents;
  return isSeq(items) ? (items.items.filter(isNode) as ParsedNode[]) : [contents as ParsedNode];
}

function resourcesOf(resources: readonly Located[]): LinkDocuments {
  const links: LinkResource[] = [];
  const secrets = new Map<string, ReadonlyMap<string, string>>();
  const otherKinds: string[] = [];
  let connect: Fields | undefined;
  let oldToken: string | undefined;
  for (const { fields, line } of resources) {
    const kind = textOf(fields['kind']);
    if (kind === 'Link') links.push(linkOf(fields, line));
    else if (kind === 'Secret') {
      secrets.set(nameOf(fields), secretOf(fields));
      oldToken ??= oldTokenOf(fields);
    } else if (kind !== '') otherKinds.push(kind);
    else if (fields['host'] !== undefined) connect = fields;
  }
  return { kind: 'documents', links, secrets, connect, oldToken, otherKinds };
}

/** `skupper token create` of Skupper 1 writes a Secret with this label; Skupper 2 writes none. */
function oldTokenOf(secret: Fields): string | undefined {
  const type = textOf(fieldsOf(fieldsOf(secret['metadata'])['labels'])['skupper.io/type']);
  return /^(connection-token|token-claim|token-claim-record)$/.test(type) ? type : undefined;
}

function linkOf(fields: Fields, line: number): LinkResource {
  const spec = fieldsOf(fields['spec']);
  const endpoints = Array.isArray(spec['endpoints']) ? (spec['endpoints'] as unknown[]) : [];
  const name = nameOf(fields);
  return {
    name,
    line,
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
    values.set(key, materialText(Buffer.from(textOf(value), 'base64')));
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
