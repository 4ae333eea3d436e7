import { hash } from 'node:crypto';
import { FAULTS } from '../../core/errors.ts';
import { isTemplateFault, parseTemplate, PLACEHOLDERS } from '../../core/page-template.ts';
import type { PageTemplate } from '../../core/page-template.ts';
import { REFUSALS } from '../../core/refusal.ts';
import type { PageFiles } from '../compile/compile-pages.ts';
import { didYouMean } from '../issues/did-you-mean.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import { entriesOf, nodeAt } from '../source/source.ts';
import type { MapNode } from '../source/source.ts';
import type { PageLogo } from '../snapshot/snapshot.ts';
import type { Material } from './material.ts';

/** A page of words and a small picture; each goes out with every refusal, or to every browser. */
const MAX_BYTES = 64 * 1024;
const PAGES = ['gateway', 'pages'];
const LOGO = [...PAGES, 'brand', 'logo'];
const TEMPLATES = [...PAGES, 'templates'];
const CODES: ReadonlySet<string> = new Set([
  ...Object.keys(REFUSALS),
  ...Object.keys(FAULTS),
  'default',
]);
/** PNG, ISO/IEC 15948 5.2, one character an octet. */
const PNG = '\u0089PNG\r\n\u001a\n';

interface Context {
  readonly root: MapNode;
  readonly material: Material;
  readonly directory: PolicyDirectory;
}

/** The logo and the templates of `gateway.pages`, read and judged; what is wrong is reported. */
export async function pageFiles(context: Context): Promise<PageFiles> {
  const written = nodeAt(context.root, TEMPLATES);
  if (written === undefined) return { logo: await logoOf(context), templates: undefined };
  const templates = new Map<string, PageTemplate>();
  for (const [code] of entriesOf(written)) {
    const template = await templateOf(context, code);
    if (template !== undefined) templates.set(code, template);
  }
  return { logo: await logoOf(context), templates };
}

async function templateOf(context: Context, code: string): Promise<PageTemplate | undefined> {
  const { material, directory } = context;
  const path = [...TEMPLATES, code];
  if (!CODES.has(code)) {
    const reason = 'is no code of a refusal, and not "default"';
    material.report(path, { code: 'E218', reason }, `"${code}"`, didYouMean(code, CODES));
    return undefined;
  }
  const file = material.textAt(path);
  if (file === undefined) return undefined;
  const text = await directory.read(file, MAX_BYTES);
  if (text.kind === 'unread') {
    const fault = text.isTooLarge === true ? 'E218' : 'E204';
    material.report(path, { code: fault, reason: text.reason }, directory.shown(file));
    return undefined;
  }
  const parsed = parseTemplate(text.text);
  if (!isTemplateFault(parsed)) return parsed;
  const { line, column, what, unknown } = parsed;
  const place = `${directory.shown(file)}:${line}:${column}`;
  material.report(path, { code: 'E218', reason: what }, place, placeholderHint(unknown));
  return undefined;
}

function placeholderHint(unknown: string | undefined): string {
  const names = Object.keys(PLACEHOLDERS);
  const near = unknown === undefined ? undefined : didYouMean(unknown, names);
  return near ?? `known are {{${names.join('}}, {{')}}}, each within quotes or as text`;
}

async function logoOf({ root, material, directory }: Context): Promise<PageLogo | undefined> {
  const file = nodeAt(root, LOGO) === undefined ? undefined : material.textAt(LOGO);
  if (file === undefined) return undefined;
  const text = await material.read(file, LOGO);
  if (text === undefined) return undefined;
  const report = (reason: string): undefined => {
    material.report(LOGO, { code: 'E218', reason }, directory.shown(file));
    return undefined;
  };
  const kind = kindOf(text);
  if (kind === undefined) return report('is neither PNG nor SVG');
  const octets = Buffer.from(text, kind === 'png' ? 'latin1' : 'utf8');
  if (octets.length > MAX_BYTES) return report(`is larger than ${MAX_BYTES} octets`);
  const digest = hash('sha256', octets, 'hex').slice(0, 16);
  const contentType = kind === 'png' ? 'image/png' : 'image/svg+xml';
  return { name: `logo-${digest}.${kind}`, contentType, octets };
}

function kindOf(text: string): 'png' | 'svg' | undefined {
  if (text.startsWith(PNG)) return 'png';
  return /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<svg[\s>]/.test(text)
    ? 'svg'
    : undefined;
}
